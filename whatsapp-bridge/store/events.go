package store

import (
	"context"
	"database/sql"
	"errors"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// Kinds of events that wait for their message.
const (
	waitingEdit   = "edit"
	waitingRevoke = "revoke"
	waitingRead   = "read"
	waitingStar   = "star"
)

// waitingState remembers within a transaction whether any event waits at all.
type waitingState int

const (
	waitingUnknown waitingState = iota
	waitingNone
	waitingSome
)

const newerReaction = ` ON CONFLICT DO UPDATE SET emoji = excluded.emoji, at_ms = excluded.at_ms
	WHERE excluded.at_ms > at_ms OR excluded.at_ms = at_ms AND excluded.emoji > emoji`

const laterEvent = ` ON CONFLICT DO UPDATE SET
	at = CASE WHEN kind = 'star' THEN excluded.at ELSE MIN(at, excluded.at) END`

const earlierReceipt = ` ON CONFLICT DO UPDATE SET
	delivered_at = MIN(COALESCE(delivered_at, excluded.delivered_at), COALESCE(excluded.delivered_at, delivered_at)),
	read_at = MIN(COALESCE(read_at, excluded.read_at), COALESCE(excluded.read_at, read_at)),
	played_at = MIN(COALESCE(played_at, excluded.played_at), COALESCE(excluded.played_at, played_at))`

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

// SaveReaction keeps the newest reaction of each person to each message. It may come before its message.
func (s *Store) SaveReaction(ctx context.Context, r StoredReaction) error {
	return s.writeLive(ctx, func(t *tx) error {
		_, err := t.saveReaction(r)
		return err
	})
}

const maxEmoji = 100

func (t *tx) saveReaction(r StoredReaction) (outcome, error) {
	at := r.TimestampMS
	if at == 0 {
		at = r.Timestamp * 1000
	}
	if r.MessageID == "" || len(r.MessageID) > maxIDLength || len(r.Emoji) > maxEmoji ||
		at < earliest*1000 || at > (now()+clockSkew)*1000 {
		return conflict, fault.Argument("reaction", "has no message, no emoji or no time")
	}
	chat, sender, err := t.event(r.ChatJID, r.SenderJID, false)
	if err != nil {
		return conflict, err
	}
	var known bool
	if err := t.row("SELECT EXISTS (SELECT 1 FROM reaction_rows WHERE chat = ? AND message_id = ? AND sender = ?)",
		chat.key, r.MessageID, sender.key).Scan(&known); err != nil {
		return conflict, err
	}
	changed, err := t.count("INSERT INTO reaction_rows (chat, message_id, sender, emoji, at_ms) VALUES (?, ?, ?, ?, ?)"+
		newerReaction, chat.key, r.MessageID, sender.key, r.Emoji, at)
	switch {
	case err != nil:
		return conflict, err
	case !known:
		return inserted, nil
	case changed > 0:
		return filled, nil
	}
	return duplicate, nil
}

// SaveReceipt keeps when somebody else received, read or played own messages.
func (s *Store) SaveReceipt(ctx context.Context, r Receipt) error {
	column, known := map[string]string{
		ReceiptDelivered: "delivered_at", ReceiptRead: "read_at", ReceiptPlayed: "played_at",
	}[r.Type]
	if !known || r.Timestamp <= 0 {
		return fault.Argument("receipt", "has no known type or no time")
	}
	return s.writeLive(ctx, func(t *tx) error {
		chat, reader, err := t.event(r.ChatJID, r.ReaderJID, false)
		if err != nil {
			return err
		}
		for _, id := range r.MessageIDs {
			err := t.run("INSERT INTO receipts (chat, message_id, reader, "+column+") VALUES (?, ?, ?, ?)"+earlierReceipt,
				chat.key, id, reader.key, r.Timestamp)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

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
