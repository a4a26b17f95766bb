package whatsapp

import (
	"context"
	"strings"
	"time"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// MessagesRead is what marking single messages read did. UnknownIDs are those that messages.db does not hold.
type MessagesRead struct {
	ChatJID        string   `json:"chat_jid"`
	Name           string   `json:"name"`
	MessagesMarked int      `json:"messages_marked"`
	ReceiptsSent   int      `json:"receipts_sent"`
	UnknownIDs     []string `json:"unknown_ids,omitempty"`
}

// MarkMessagesRead marks messages of a chat read: a receipt for each of their senders, and the account's other devices
// follow it. Own messages and those that are read already are passed over. sender is who wrote the messages that are not
// stored, or "": then they are only named.
//
// Errors: those of ResolveChat and Resolve, NOT_PAIRED and its like, MESSAGE_NOT_FOUND where none of them is stored and no
// sender given.
func (c *Client) MarkMessagesRead(ctx context.Context, chat string, ids []string, sender string) (MessagesRead, error) {
	library, err := c.ready()
	if err != nil {
		return MessagesRead{}, err
	}
	address, err := c.chat(ctx, chat)
	if err != nil {
		return MessagesRead{}, err
	}
	done := MessagesRead{ChatJID: address.JID, Name: address.Name}
	found, unknown, err := c.store.Messages(ctx, address.JID, ids)
	if err != nil {
		return done, err
	}
	done.UnknownIDs = unknown
	if len(found) == 0 && sender == "" {
		return done, fault.New(fault.MessageNotFound, "no message "+strings.Join(unknown, ", ")+" in "+address.JID)
	}
	unread := unreadOf(found)
	if sender != "" && len(unknown) > 0 {
		author, err := c.store.Resolve(ctx, sender)
		if err != nil {
			return done, err
		}
		for _, id := range unknown {
			unread = append(unread, store.UnreadMessage{ID: id, SenderJID: author.JID})
		}
	}
	ctx, cancel := lasting(ctx, sendTime)
	defer cancel()
	to, err := c.wire(ctx, address.JID)
	if err != nil {
		return done, err
	}
	if done.ReceiptsSent, err = c.sendReceipts(ctx, library, address.JID, to, unread); err != nil {
		return done, err
	}
	marked := make([]string, len(unread))
	for i, message := range unread {
		marked[i] = message.ID
	}
	done.MessagesMarked, err = c.store.MarkMessagesRead(ctx, address.JID, marked, time.Now().Unix())
	return done, err
}

func unreadOf(messages []store.StoredMessage) (unread []store.UnreadMessage) {
	for _, m := range messages {
		if !*m.Read {
			unread = append(unread, store.UnreadMessage{ID: m.ID, SenderJID: m.SenderJID, Timestamp: m.Timestamp})
		}
	}
	return unread
}

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
