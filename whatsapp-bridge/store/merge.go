package store

// moveChat brings the rows of one number of a person to the other: the chat's messages and everything that belongs to
// them. Who wrote a message is not rewritten: senders are looked up through the aliases when they are shown.
func (t *tx) moveChat(from, into int64) error {
	if err := t.moveMessages(from, into); err != nil {
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

func (t *tx) moveMessages(from, into int64) error {
	type pair struct {
		key  int64
		id   string
		twin *int64
	}
	var moving []pair
	err := t.each(`SELECT m.key, m.id, o.key FROM message_rows m
		LEFT JOIN message_rows o ON o.chat = ?2 AND o.id = m.id
		WHERE m.chat = ?1 ORDER BY m.key`, []value{from, into}, func(row scanner) error {
		var p pair
		err := row.Scan(&p.key, &p.id, &p.twin)
		moving = append(moving, p)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range moving {
		if p.twin != nil {
			err = t.uniteTwins(p.key, *p.twin)
		} else if err = t.run("UPDATE message_rows SET chat = ? WHERE key = ?", into, p.key); err == nil {
			err = t.reindex(p.key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// uniteTwins makes one row of a message that both chats held: the one that stays keeps what it has and is filled from
// the other. Of two that were changed after sending, the change stays.
func (t *tx) uniteTwins(gone, stays int64) error {
	other, err := t.load(gone)
	if err != nil {
		return err
	}
	if err := t.run("DELETE FROM messages_fts WHERE rowid = ?", gone); err != nil {
		return err
	}
	if err := t.run("UPDATE message_rows SET unread = MAX(unread, ?2), source = source | ?3 WHERE key = ?1",
		stays, other.unread, other.source); err != nil {
		return err
	}
	if err := t.run(`UPDATE message_rows SET read_at = MIN(COALESCE(read_at, o.read_at), COALESCE(o.read_at, read_at)),
			text = COALESCE(text, o.text), payload = COALESCE(payload, o.payload),
			quoted_id = COALESCE(quoted_id, o.quoted_id), quoted_sender = COALESCE(quoted_sender, o.quoted_sender),
			forwarded = COALESCE(forwarded, o.forwarded), starred = COALESCE(starred, o.starred),
			mime = COALESCE(mime, o.mime), file_name = COALESCE(file_name, o.file_name), size = COALESCE(size, o.size),
			direct_path = COALESCE(direct_path, o.direct_path), media_key = COALESCE(media_key, o.media_key),
			file_sha256 = COALESCE(file_sha256, o.file_sha256),
			file_enc_sha256 = COALESCE(file_enc_sha256, o.file_enc_sha256),
			duration_s = COALESCE(duration_s, o.duration_s), local_path = COALESCE(local_path, o.local_path)
		FROM (SELECT * FROM message_rows WHERE key = ?1) o
		WHERE message_rows.key = ?2 AND message_rows.revoked_at IS NULL`, gone, stays); err != nil {
		return err
	}
	if err := t.run("DELETE FROM message_rows WHERE key = ?", gone); err != nil {
		return err
	}
	t.newMessages--
	kept, err := t.load(stays)
	if err != nil {
		return err
	}
	if kept.readAt != 0 || kept.revokedAt != 0 || kept.fromMe {
		if err := t.run("UPDATE message_rows SET unread = 0 WHERE key = ?", stays); err != nil {
			return err
		}
	}
	switch {
	case kept.revokedAt != 0:
	case other.revokedAt != 0:
		return t.applyRevoke(kept, other.revokedAt)
	case other.editedAt > kept.editedAt:
		return t.applyText(kept, other.text, other.editedAt)
	}
	return t.reindex(stays)
}
