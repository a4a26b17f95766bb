package store

import (
	"encoding/json"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// foresight is which of the next messages of a load are in the store already. Half of what a phone sends is known as a
// rule, and asking for a hundred at once costs a tenth of finding each out by an insert that meets its twin.
type foresight struct {
	until int // messages of the load that were looked up
	known map[messageID]*message
}

type messageID struct {
	chat int64
	id   string
}

// foreseen bounds what is looked up at once: a transaction that ends early for a live event wastes no more.
const foreseen = 50

var loadByIDs = loadMessage + `chat = ?1 AND substr(id, -5) IN (SELECT substr(value, -5) FROM json_each(?2))
	AND id IN (SELECT value FROM json_each(?2))`

// foresee looks up the messages from the given one on, unless that was done in this transaction.
func (t *tx) foresee(messages []*StoredMessage, from int) error {
	if from < t.foresight.until {
		return nil
	}
	upTo := min(from+foreseen, len(messages))
	t.foresight = foresight{until: upTo, known: make(map[messageID]*message)}
	ids := make(map[int64][]string)
	for _, m := range messages[from:upTo] {
		chat, err := t.address(m.ChatJID)
		switch {
		case err == nil:
			ids[chat.key] = append(ids[chat.key], m.ID)
		case fault.CodeOf(err) != fault.InvalidJID:
			return err
		}
	}
	for chat, wanted := range ids {
		list, err := json.Marshal(wanted)
		if err != nil {
			return err
		}
		err = t.each(loadByIDs, []value{chat, string(list)},
			func(row scanner) error {
				m, err := t.scanMessage(row)
				if err == nil {
					t.foresight.known[messageID{chat, m.id}] = m
				}
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// take gives a message that was looked up and is known. It does so once: what is done with it may change the row.
func (f *foresight) take(chat int64, id string) *message {
	key := messageID{chat, id}
	m := f.known[key]
	delete(f.known, key)
	return m
}
