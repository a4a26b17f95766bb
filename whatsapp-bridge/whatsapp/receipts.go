package whatsapp

import (
	"context"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// keepReceipt stores that own messages arrived or were read, or that another own device read something.
func (c *Client) keepReceipt(ctx context.Context, event *events.Receipt) error {
	chat := bare(event.Chat)
	if event.IsFromMe {
		if event.Type != types.ReceiptTypeRead && event.Type != types.ReceiptTypeReadSelf {
			return nil
		}
		_, err := c.store.MarkMessagesRead(ctx, chat, event.MessageIDs, event.Timestamp.Unix())
		return err
	}
	kind, ok := receiptKind(event.Type)
	if !ok {
		return nil
	}
	if err := c.settle(ctx, event); err != nil {
		return err
	}
	return c.store.SaveReceipt(ctx, store.Receipt{
		ChatJID: chat, MessageIDs: event.MessageIDs, ReaderJID: bare(event.Sender), Type: kind,
		Timestamp: event.Timestamp.Unix(),
	})
}

// receiptKind gives the store's name of a receipt of somebody else. An inactive one is a delivery to a device that
// lies idle.
func receiptKind(kind types.ReceiptType) (string, bool) {
	switch kind {
	case types.ReceiptTypeDelivered, types.ReceiptTypeInactive:
		return store.ReceiptDelivered, true
	case types.ReceiptTypeRead:
		return store.ReceiptRead, true
	case types.ReceiptTypePlayed:
		return store.ReceiptPlayed, true
	}
	return "", false
}

// keepChatRead stores that the chat was marked read on another device, up to the message that it names.
// Marked unread is a flag of the phone's alone: the messages were read all the same.
func (c *Client) keepChatRead(ctx context.Context, event *events.MarkChatAsRead) error {
	if !event.Action.GetRead() {
		return nil
	}
	upTo := event.Action.GetMessageRange().GetLastMessageTimestamp()
	if upTo == 0 {
		upTo = event.Timestamp.Unix()
	}
	_, err := c.store.MarkRead(ctx, bare(event.JID), seconds(upTo), event.Timestamp.Unix())
	return err
}

// seconds takes a time in seconds or milliseconds: clients write the range's timestamp in either.
func seconds(timestamp int64) int64 {
	const year5138 = 100_000_000_000
	if timestamp > year5138 {
		return timestamp / 1000
	}
	return timestamp
}
