package store

import (
	"context"
)

// Kinds of events that wait for their message.
const (
	waitingEdit   = "edit"
	waitingRevoke = "revoke"
	waitingRead   = "read"
	waitingStar   = "star"
	// waitingTold does not wait for its message but for its being read: its read receipt is on the way.
	waitingTold = "told"
)

// waitingState remembers within a transaction whether any event waits at all.
type waitingState int

const (
	waitingUnknown waitingState = iota
	waitingNone
	waitingSome
)

const laterEvent = ` ON CONFLICT DO UPDATE SET
	at = CASE WHEN kind = 'star' THEN excluded.at ELSE MIN(at, excluded.at) END`

// SetStarred stars a message or takes the star away, also before the message comes.
func (s *Store) SetStarred(ctx context.Context, chat, id string, starred bool) error {
	at := int64(0)
	if starred {
		at = 1
	}
	return s.writeLive(ctx, func(t *tx) error {
		a, err := t.address(chat)
		if err != nil {
			return err
		}
		return t.wait(a.key, id, waitingStar, a.key, at)
	})
}

// event gives the addresses of a chat and of who acted in it.
func (t *tx) event(chat, sender string, fromMe bool) (address, address, error) {
	c, err := t.address(chat)
	if err != nil {
		return address{}, address{}, err
	}
	who, err := t.sender(&StoredMessage{SenderJID: sender, FromMe: fromMe}, c)
	return c, who, err
}

// wait notes an event and applies it at once when its message is there.
func (t *tx) wait(chat int64, id, kind string, sender, at int64) error {
	err := t.run(`INSERT INTO pending (chat, message_id, kind, sender, at) VALUES (?, ?, ?, ?, ?)`+laterEvent,
		chat, id, kind, sender, at)
	if err != nil {
		return err
	}
	t.waiting = waitingSome
	return t.applyWaiting(chat, id)
}

// applyWaitingIfAny spares history the look at a table that is nearly always empty.
func (t *tx) applyWaitingIfAny(chat int64, id string) error {
	if t.waiting == waitingUnknown {
		some, err := t.exists("SELECT 1 FROM pending LIMIT 1")
		if err != nil {
			return err
		}
		t.waiting = waitingNone
		if some {
			t.waiting = waitingSome
		}
	}
	if t.waiting == waitingNone {
		return nil
	}
	return t.applyWaiting(chat, id)
}

type waitingEvent struct {
	kind       string
	sender, at int64
}

// applyWaiting applies the events that wait for a message, if it is there. What its sender may not do keeps waiting:
// another address of theirs may turn out later.
func (t *tx) applyWaiting(chat int64, id string) error {
	m, err := t.find(chat, id)
	if err != nil || m == nil {
		return err
	}
	var events []waitingEvent
	err = t.each("SELECT kind, sender, at FROM pending WHERE chat = ? AND message_id = ? ORDER BY kind, sender",
		[]value{chat, id}, func(row scanner) error {
			var e waitingEvent
			err := row.Scan(&e.kind, &e.sender, &e.at)
			events = append(events, e)
			return err
		})
	if err != nil {
		return err
	}
	for _, e := range events {
		applied, err := t.apply(m, e)
		if err != nil {
			return err
		}
		if !applied {
			continue
		}
		err = t.run("DELETE FROM pending WHERE chat = ? AND message_id = ? AND kind = ? AND sender = ?", chat, id, e.kind, e.sender)
		if err != nil {
			return err
		}
		if m, err = t.load(m.key); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) apply(m *message, e waitingEvent) (bool, error) {
	switch e.kind {
	case waitingTold:
		return false, nil
	case waitingRead:
		return true, t.applyRead(m, e.at)
	case waitingStar:
		if m.revokedAt != 0 {
			return true, nil
		}
		return true, t.run("UPDATE message_rows SET starred = ? WHERE key = ?", e.at, m.key)
	case waitingRevoke:
		may, err := t.mayRevoke(m, e.sender)
		if err != nil || !may {
			return false, err
		}
		return true, t.applyRevoke(m, e.at)
	}
	may, err := t.samePerson(m.sender, e.sender)
	if err != nil || !may {
		return false, err
	}
	return true, t.applyEdits(m)
}

func (t *tx) samePerson(a, b int64) (bool, error) {
	if a == b {
		return true, nil
	}
	first, err := t.jidOf(a)
	if err != nil {
		return false, err
	}
	second, err := t.jidOf(b)
	return first == second, err
}
