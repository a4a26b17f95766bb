package store

import (
	"context"
	"database/sql"
	"errors"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// SaveRevoke takes a message back: its row stays, its text and file go. Who wrote it can do so, and in a group an
// admin. It may come before its message.
func (s *Store) SaveRevoke(ctx context.Context, r Revoke) error {
	if r.MessageID == "" || r.RevokedAt <= 0 {
		return fault.Argument("revoke", "has no message or no time")
	}
	return s.writeLive(ctx, func(t *tx) error {
		chat, sender, err := t.event(r.ChatJID, r.SenderJID, r.FromMe)
		if err != nil {
			return err
		}
		return t.wait(chat.key, r.MessageID, waitingRevoke, sender.key, r.RevokedAt)
	})
}

// mayRevoke allows who wrote the message, and in a group its admins. A group whose members are not known trusts the
// server, which lets nobody else through.
func (t *tx) mayRevoke(m *message, sender int64) (bool, error) {
	same, err := t.samePerson(m.sender, sender)
	if err != nil || same {
		return same, err
	}
	chat, err := t.jidOf(m.chat)
	if err != nil || serverOf(chat) != serverGroup {
		return false, err
	}
	member, err := t.jidOf(sender)
	if err != nil {
		return false, err
	}
	var role string
	err = t.row("SELECT role FROM group_members WHERE group_jid = ? AND member_jid = ?", chat, member).Scan(&role)
	if errors.Is(err, sql.ErrNoRows) {
		known, err := t.exists("SELECT 1 FROM group_members WHERE group_jid = ? LIMIT 1", chat)
		return !known, err
	}
	return role != RoleMember, err
}

func (t *tx) applyRevoke(m *message, at int64) error {
	if m.revokedAt != 0 {
		return t.run("UPDATE message_rows SET revoked_at = MIN(revoked_at, ?) WHERE key = ?", at, m.key)
	}
	if err := t.run(`UPDATE message_rows SET kind = 'revoked', revoked_at = ?, unread = MIN(unread, 0), edited_at = NULL,
		text = NULL, payload = NULL, quoted_id = NULL, quoted_sender = NULL, forwarded = NULL, starred = NULL, mime = NULL,
		file_name = NULL, size = NULL, direct_path = NULL, media_key = NULL, file_sha256 = NULL, file_enc_sha256 = NULL,
		duration_s = NULL, local_path = NULL WHERE key = ?`, at, m.key); err != nil {
		return err
	}
	if err := t.run("DELETE FROM edit_rows WHERE chat = ? AND message_id = ?", m.chat, m.id); err != nil {
		return err
	}
	if err := t.recount(m.chat); err != nil {
		return err
	}
	t.reindex(m.key)
	return nil
}
