package store

import (
	"context"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

const earlierReceipt = ` ON CONFLICT DO UPDATE SET
	delivered_at = MIN(COALESCE(delivered_at, excluded.delivered_at), COALESCE(excluded.delivered_at, delivered_at)),
	read_at = MIN(COALESCE(read_at, excluded.read_at), COALESCE(excluded.read_at, read_at)),
	played_at = MIN(COALESCE(played_at, excluded.played_at), COALESCE(excluded.played_at, played_at))`

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
