package store

import (
	"context"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

const newerReaction = ` ON CONFLICT DO UPDATE SET emoji = excluded.emoji, at_ms = excluded.at_ms
	WHERE excluded.at_ms > at_ms OR excluded.at_ms = at_ms AND excluded.emoji > emoji`

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
