package store

import "context"

// TellRead notes, before it happens, that read receipts for messages are sent, and gives those for which that was not
// noted before. A crash in between loses a receipt; without the note, the next call would send it twice. A note goes
// when its message is read; so one that was read since the caller found it unread is told by whoever read it.
func (s *Store) TellRead(ctx context.Context, chat string, ids []string, at int64) (fresh []string, err error) {
	err = s.writeLive(ctx, func(t *tx) error {
		fresh = nil
		a, err := t.address(chat)
		if err != nil {
			return err
		}
		for _, id := range ids {
			held, err := t.find(a.key, id)
			if err != nil {
				return err
			}
			if held != nil && held.unread <= 0 {
				continue
			}
			noted, err := t.count("INSERT OR IGNORE INTO pending (chat, message_id, kind, sender, at) VALUES (?, ?, ?, ?, ?)",
				a.key, id, waitingTold, a.key, at)
			if err != nil {
				return err
			}
			if noted > 0 {
				fresh = append(fresh, id)
			}
		}
		t.waiting = waitingSome
		return nil
	})
	return fresh, err
}

// UntellRead takes the notes back of receipts that were certainly not sent.
func (s *Store) UntellRead(ctx context.Context, chat string, ids []string) error {
	return s.writeLive(ctx, func(t *tx) error {
		a, err := t.address(chat)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := t.run("DELETE FROM pending WHERE chat = ? AND message_id = ? AND kind = ?", a.key, id, waitingTold); err != nil {
				return err
			}
		}
		return nil
	})
}
