package store

import "cmp"

// moveChat brings the rows of one number of a person to the other: the chat's messages and everything that belongs to
// them. Who wrote a message is not rewritten: senders are looked up through the aliases when they are shown.
func (t *tx) moveChat(from, into int64) error {
	twins, err := t.moveMessages(from, into)
	if err != nil {
		return err
	}
	steps := []string{
		`INSERT INTO reaction_rows (chat, message_id, sender, emoji, at_ms)
			SELECT ?2, message_id, sender, emoji, at_ms FROM reaction_rows WHERE chat = ?1` + newerReaction,
		`DELETE FROM reaction_rows WHERE chat = ?1 AND ?1 <> ?2`,
		`INSERT INTO reaction_rows (chat, message_id, sender, emoji, at_ms)
			SELECT chat, message_id, ?2, emoji, at_ms FROM reaction_rows WHERE sender = ?1` + newerReaction,
		`DELETE FROM reaction_rows WHERE sender = ?1 AND ?1 <> ?2`,
		`UPDATE OR REPLACE edit_rows SET chat = ?2 WHERE chat = ?1`,
		`UPDATE OR REPLACE edit_rows SET sender = ?2 WHERE sender = ?1`,
		`INSERT INTO pending (chat, message_id, kind, sender, at)
			SELECT ?2, message_id, kind, sender, at FROM pending WHERE chat = ?1` + laterEvent,
		`DELETE FROM pending WHERE chat = ?1 AND ?1 <> ?2`,
		`INSERT INTO pending (chat, message_id, kind, sender, at)
			SELECT chat, message_id, kind, ?2, at FROM pending WHERE sender = ?1` + laterEvent,
		`DELETE FROM pending WHERE sender = ?1 AND ?1 <> ?2`,
		`INSERT INTO receipts (chat, message_id, reader, delivered_at, read_at, played_at)
			SELECT ?2, message_id, reader, delivered_at, read_at, played_at FROM receipts WHERE chat = ?1` + earlierReceipt,
		`DELETE FROM receipts WHERE chat = ?1 AND ?1 <> ?2`,
	}
	for _, step := range steps {
		if err := t.run(step, from, into); err != nil {
			return err
		}
	}
	// Each twin may have had edits of its own: the newest of all counts.
	for _, key := range twins {
		m, err := t.load(key)
		if err != nil {
			return err
		}
		if err := t.applyEdits(m); err != nil {
			return err
		}
	}
	return t.settlePending("chat = ?1 OR sender = ?1 OR sender = ?2", into, from)
}

// settlePending tries the waiting events again that a merge may have brought together with their message.
func (t *tx) settlePending(where string, args ...value) error {
	type waiting struct {
		chat int64
		id   string
	}
	var found []waiting
	err := t.each("SELECT DISTINCT chat, message_id FROM pending WHERE "+where, args, func(row scanner) error {
		var w waiting
		err := row.Scan(&w.chat, &w.id)
		found = append(found, w)
		return err
	})
	if err != nil {
		return err
	}
	for _, w := range found {
		if err := t.applyWaiting(w.chat, w.id); err != nil {
			return err
		}
	}
	return nil
}

// moveMessages gives the messages that both chats held.
func (t *tx) moveMessages(from, into int64) (twins []int64, err error) {
	type pair struct {
		key  int64
		id   string
		twin *int64
	}
	var moving []pair
	err = t.each(`SELECT m.key, m.id, o.key FROM message_rows m
		LEFT JOIN message_rows o ON o.chat = ?2 AND `+hasID("o.id", "m.id")+`
		WHERE m.chat = ?1 ORDER BY m.key`, []value{from, into}, func(row scanner) error {
		var p pair
		err := row.Scan(&p.key, &p.id, &p.twin)
		moving = append(moving, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, p := range moving {
		if p.twin != nil {
			twins = append(twins, *p.twin)
			err = t.uniteTwins(p.key, *p.twin)
		} else {
			err = t.run("UPDATE message_rows SET chat = ? WHERE key = ?", into, p.key)
			t.reindex(p.key)
		}
		if err != nil {
			return nil, err
		}
	}
	return twins, nil
}

var fillFromTwin = `UPDATE message_rows SET
		local_path = COALESCE(message_rows.local_path, o.local_path)` + twinList() + `
	FROM message_rows o WHERE o.key = ?1 AND message_rows.key = ?2 AND message_rows.revoked_at IS NULL`

func twinList() string {
	list := ""
	for _, column := range fillColumns {
		list += ", " + column + " = COALESCE(message_rows." + column + ", o." + column + ")"
	}
	return list
}

// uniteTwins makes one row of a message that both chats held: the one that stays keeps what it has and is filled from
// the other. Of two that were changed after sending, the change stays.
func (t *tx) uniteTwins(gone, stays int64) error {
	other, err := t.load(gone)
	if err != nil {
		return err
	}
	t.reindex(gone)
	kept, err := t.load(stays)
	if err != nil {
		return err
	}
	readAt := min(cmp.Or(kept.readAt, other.readAt), cmp.Or(other.readAt, kept.readAt))
	if err := t.run("UPDATE message_rows SET unread = ?, source = ?, read_at = ? WHERE key = ?",
		unreadOfTwins(kept, other), kept.source|other.source, numberOrNull(readAt), stays); err != nil {
		return err
	}
	if err := t.run(fillFromTwin, gone, stays); err != nil {
		return err
	}
	if err := t.run("DELETE FROM message_rows WHERE key = ?", gone); err != nil {
		return err
	}
	t.newMessages--
	if kept, err = t.load(stays); err != nil {
		return err
	}
	if kept.readAt != 0 || kept.revokedAt != 0 || kept.fromMe {
		if err := t.run("UPDATE message_rows SET unread = 0 WHERE key = ?", stays); err != nil {
			return err
		}
	}
	if other.revokedAt != 0 {
		return t.applyRevoke(kept, other.revokedAt)
	}
	t.reindex(stays)
	return nil
}

// unreadOfTwins judges by what came live, as for any message.
func unreadOfTwins(a, b *message) int {
	switch {
	case a.source&sourceLive == b.source&sourceLive:
		return max(a.unread, b.unread)
	case a.source&sourceLive != 0:
		return a.unread
	}
	return b.unread
}
