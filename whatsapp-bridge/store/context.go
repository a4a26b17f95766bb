package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// surroundings are the neighbours of one message in its own chat, each side oldest first.
type surroundings struct{ before, after []place }

// around is the rows of the chats of messages, ?1 their keys as JSON, from ?2 + 1 rows before the second of each to ?3 + 1
// rows after it, with whole seconds at both ends: the order within a second is found by whoever reads them.
const around = `SELECT p.key, m.key, m.id FROM json_each(?1) e CROSS JOIN message_rows p ON p.key = e.value
	CROSS JOIN message_rows m INDEXED BY message_rows_chat ON m.chat = p.chat
		AND m.key >= COALESCE((SELECT b.key >> 16 << 16 FROM message_rows b INDEXED BY message_rows_chat
			WHERE b.chat = p.chat AND b.key < p.key >> 16 << 16 ORDER BY b.key DESC LIMIT 1 OFFSET ?2), 0)
		AND m.key < COALESCE((SELECT (a.key >> 16) + 1 << 16 FROM message_rows a INDEXED BY message_rows_chat
			WHERE a.chat = p.chat AND a.key >= (p.key >> 16) + 1 << 16 ORDER BY a.key LIMIT 1 OFFSET ?3), 1 << 62)`

// addTo adds the neighbours' keys.
func (s surroundings) addTo(keys []int64) []int64 {
	for _, neighbour := range slices.Concat(s.before, s.after) {
		keys = append(keys, neighbour.key)
	}
	return keys
}

// neighbours gives what surrounds each of the messages, by key.
func (q *question) neighbours(keys []int64, before, after int) (map[int64]surroundings, error) {
	found := make(map[int64]surroundings, len(keys))
	if before == 0 && after == 0 || len(keys) == 0 {
		return found, nil
	}
	rows := make(map[int64][]place, len(keys))
	args := []value{jsonKeys(keys), max(before-1, 0), max(after-1, 0)}
	err := q.each(around, args, func(row scanner) error {
		var middle int64
		var p place
		err := row.Scan(&middle, &p.key, &p.id)
		rows[middle] = append(rows[middle], p)
		return err
	})
	if err != nil {
		return nil, err
	}
	for middle, chat := range rows {
		slices.SortFunc(chat, comparePlaces)
		at := slices.IndexFunc(chat, func(p place) bool { return p.key == middle })
		found[middle] = surroundings{chat[max(0, at-before):at], chat[at+1 : min(len(chat), at+1+after)]}
	}
	return found, nil
}

// Context gives a message between its neighbours in its own chat, also those of the same second. chat is what the user
// typed, or "" when the id alone shall do.
//
// Errors: MESSAGE_NOT_FOUND; AMBIGUOUS_MESSAGE with the chats for an id that stands in several; those of ResolveChat.
func (s *Store) Context(ctx context.Context, chat, id string, before, after int) (found MessageContext, err error) {
	for name, n := range map[string]int{"before": before, "after": after} {
		if n < 0 || n > maxContext {
			return found, fault.Argument(name, fmt.Sprintf("is 0 to %d", maxContext))
		}
	}
	err = s.read(ctx, func(q *question) error {
		p, err := q.placeOf(chat, id)
		if err != nil {
			return err
		}
		keys := []int64{p.key}
		near, err := q.neighbours(keys, before, after)
		if err != nil {
			return err
		}
		loaded, err := q.messages(near[p.key].addTo(keys), true)
		if err != nil {
			return err
		}
		found = MessageContext{
			Message: loaded[p.key], Before: pick(loaded, near[p.key].before), After: pick(loaded, near[p.key].after),
		}
		return nil
	})
	return found, err
}

func (q *question) placeOf(chat, id string) (place, error) {
	missing := fault.New(fault.MessageNotFound, "no message has the id "+cut(id, maxIDLength))
	if chat != "" {
		found, err := q.resolveKnown(chat)
		if err != nil {
			return place{}, err
		}
		keys, err := q.keysOf(found.JID)
		if err != nil || len(keys) == 0 {
			return place{}, cmp.Or[error](err, missing)
		}
		p := place{id: id}
		err = q.row("SELECT key FROM message_rows WHERE chat = ?1 AND "+hasID("id", "?2"), keys[0], id).Scan(&p.key)
		if errors.Is(err, sql.ErrNoRows) {
			err = missing
		}
		return p, err
	}
	var keys []int64
	var candidates []fault.Candidate
	err := q.each(`SELECT m.key, ch.jid FROM chats ch CROSS JOIN jids j ON j.jid = ch.jid
		CROSS JOIN message_rows m ON m.chat = j.key AND `+hasID("m.id", "?1")+` ORDER BY ch.jid`, []value{id}, func(row scanner) error {
		var key int64
		var c fault.Candidate
		err := row.Scan(&key, &c.JID)
		keys = append(keys, key)
		candidates = append(candidates, c)
		return err
	})
	if err != nil {
		return place{}, err
	}
	switch len(keys) {
	case 0:
		return place{}, missing
	case 1:
		return place{keys[0], id}, nil
	}
	for i := range candidates {
		if candidates[i].Name, err = q.name(candidates[i].JID); err != nil {
			return place{}, err
		}
	}
	return place{}, fault.New(fault.AmbiguousMessage, "").WithDetails(fault.Details{Chats: candidates})
}
