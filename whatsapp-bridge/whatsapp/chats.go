package whatsapp

import (
	"context"
	"slices"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// receiptBatch bounds the ids in one read receipt.
const receiptBatch = 100

// ChatRead is what marking a chat read did.
type ChatRead struct {
	ChatJID        string `json:"chat_jid"`
	Name           string `json:"name"`
	MessagesMarked int    `json:"messages_marked"`
	ReceiptsSent   int    `json:"receipts_sent"`
	AppState       string `json:"app_state"`
}

// What became of the account's own mark on the chat.
const (
	appStateMarked    = "marked"
	appStateUnchanged = "unchanged"
)

// MarkChatRead marks every stored message of the chat read: a receipt for its senders, and the account's own mark on
// the chat for its other devices. In a chat without anything unread nothing is sent.
func (c *Client) MarkChatRead(ctx context.Context, text string) (ChatRead, error) {
	library, err := c.ready()
	if err != nil {
		return ChatRead{}, err
	}
	address, err := c.chat(ctx, text)
	if err != nil {
		return ChatRead{}, err
	}
	return c.markRead(ctx, library, address)
}

func (c *Client) markRead(ctx context.Context, library *whatsmeow.Client, address store.Address) (ChatRead, error) {
	done := ChatRead{ChatJID: address.JID, Name: address.Name, AppState: appStateUnchanged}
	unread, err := c.store.Unread(ctx, address.JID)
	if err != nil {
		return done, err
	}
	known, err := c.store.Chat(ctx, address.JID)
	if err != nil {
		return done, err
	}
	if len(unread) == 0 && known.UnreadCount == 0 {
		return done, nil
	}
	last, err := c.store.LastMessage(ctx, address.JID)
	if err != nil {
		return done, err
	}
	chat, err := c.wire(ctx, address.JID)
	if err != nil {
		return done, err
	}
	if done.ReceiptsSent, err = c.sendReceipts(ctx, library, chat, unread); err != nil {
		return done, err
	}
	// The store is told last: a call that was cut off is simply made again, and a receipt sent twice does no harm.
	upTo := time.Now().Unix()
	if err := c.sendChatRead(ctx, library, chat, last); err != nil {
		return done, err
	}
	if done.AppState = appStateMarked; last != nil {
		upTo = last.Timestamp
	}
	done.MessagesMarked, err = c.store.MarkRead(ctx, address.JID, upTo, time.Now().Unix())
	return done, err
}

// sendReceipts sends read receipts, one per sender and batch, and gives their number.
func (c *Client) sendReceipts(ctx context.Context, library *whatsmeow.Client, chat types.JID, unread []store.UnreadMessage) (int, error) {
	sent := 0
	bySender, order := groupBySender(unread)
	for _, sender := range order {
		author, err := c.wireSender(ctx, chat, sender)
		if err != nil {
			return sent, err
		}
		for batch := range slices.Chunk(bySender[sender], receiptBatch) {
			if err := library.MarkRead(ctx, batch, time.Now(), chat, author); err != nil {
				return sent, refusal(err)
			}
			sent++
		}
	}
	return sent, nil
}

func groupBySender(unread []store.UnreadMessage) (bySender map[string][]types.MessageID, order []string) {
	bySender = map[string][]types.MessageID{}
	for _, message := range unread {
		if bySender[message.SenderJID] == nil {
			order = append(order, message.SenderJID)
		}
		bySender[message.SenderJID] = append(bySender[message.SenderJID], message.ID)
	}
	return bySender, order
}

// sendChatRead sets the account's mark up to the last message that is known, or up to now where none is.
func (c *Client) sendChatRead(ctx context.Context, library *whatsmeow.Client, chat types.JID, last *store.StoredMessage) error {
	if last == nil {
		if err := library.SendAppState(ctx, appstate.BuildMarkChatAsRead(chat, true, time.Time{}, nil)); err != nil {
			return refusal(err)
		}
		return nil
	}
	key := &waCommon.MessageKey{
		RemoteJID: proto.String(chat.String()), FromMe: proto.Bool(last.FromMe), ID: proto.String(last.ID),
	}
	if chat.Server == types.GroupServer && !last.FromMe {
		author, err := c.wireSender(ctx, chat, last.SenderJID)
		if err != nil {
			return err
		}
		key.Participant = proto.String(author.String())
	}
	mark := appstate.BuildMarkChatAsRead(chat, true, time.Unix(last.Timestamp, 0), key)
	if err := library.SendAppState(ctx, mark); err != nil {
		return refusal(err)
	}
	return nil
}
