package store

import (
	"context"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// SaveEdit gives a message its new text and keeps the old one. Only who wrote a message can edit it; an edit by
// somebody else changes nothing. It may come before its message.
func (s *Store) SaveEdit(ctx context.Context, e Edit) error {
	if e.MessageID == "" || e.EditedAtMS <= 0 {
		return fault.Argument("edit", "has no message or no time")
	}
	return s.writeLive(ctx, func(t *tx) error {
		chat, sender, err := t.event(e.ChatJID, e.SenderJID, e.FromMe)
		if err != nil {
			return err
		}
		if err := t.keepVersion(chat.key, e.MessageID, sender.key, e.EditedAtMS, e.Text); err != nil {
			return err
		}
		return t.wait(chat.key, e.MessageID, waitingEdit, sender.key, e.EditedAtMS/1000)
	})
}

// keepVersion keeps one text that a message had. A version that history knows by its second alone gives way to the
// same one by its millisecond.
func (t *tx) keepVersion(chat int64, id string, sender, editedMS int64, text string) error {
	if err := t.run(`INSERT INTO edit_rows (chat, message_id, edited_ms, sender, text) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET text = MAX(text, excluded.text)`, chat, id, editedMS, sender, text); err != nil {
		return err
	}
	return t.run(`DELETE FROM edit_rows AS old WHERE chat = ?1 AND message_id = ?2 AND edited_ms > 0 AND edited_ms % 1000 = 0
		AND EXISTS (SELECT 1 FROM edit_rows e WHERE e.chat = ?1 AND e.message_id = ?2 AND e.text = old.text
			AND e.edited_ms / 1000 = old.edited_ms / 1000 AND e.edited_ms > old.edited_ms)`, chat, id)
}

// keepFirst keeps the text that a message had before its edits.
func (t *tx) keepFirst(m *message, text string) error {
	jid, err := t.jidOf(m.sender)
	if err != nil {
		return err
	}
	sender, err := t.keyOf(jid)
	if err != nil {
		return err
	}
	return t.keepVersion(m.chat, m.id, sender, 0, text)
}

// applyEdits brings a message to the newest of its texts.
func (t *tx) applyEdits(m *message) error {
	if m.revokedAt != 0 {
		return t.run("DELETE FROM edit_rows WHERE chat = ? AND message_id = ?", m.chat, m.id)
	}
	type version struct {
		at, sender int64
		text       string
	}
	var versions []version
	err := t.each(`SELECT edited_ms, sender, text FROM edit_rows WHERE chat = ? AND message_id = ? AND edited_ms > 0
		ORDER BY edited_ms DESC, text DESC`, []value{m.chat, m.id}, func(row scanner) error {
		var v version
		err := row.Scan(&v.at, &v.sender, &v.text)
		versions = append(versions, v)
		return err
	})
	if err != nil {
		return err
	}
	for _, v := range versions {
		same, err := t.samePerson(m.sender, v.sender)
		if err != nil {
			return err
		}
		if !same {
			continue
		}
		if m.editedAt == 0 {
			if err := t.keepFirst(m, m.text); err != nil {
				return err
			}
		}
		return t.applyText(m, v.text, v.at/1000)
	}
	return nil
}

func (t *tx) applyText(m *message, text string, editedAt int64) error {
	if err := t.run("UPDATE message_rows SET text = ?, edited_at = ? WHERE key = ?", text, editedAt, m.key); err != nil {
		return err
	}
	t.reindex(m.key)
	return nil
}
