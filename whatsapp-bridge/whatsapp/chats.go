package whatsapp

import (
	"context"
	"errors"
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
	ctx, cancel := lasting(ctx, sendTime)
	defer cancel()
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
	if done.ReceiptsSent, err = c.sendReceipts(ctx, library, address.JID, chat, unread); err != nil {
		return done, err
	}
	// The store is told last: a call that was cut off is simply made again, and sends no receipt twice.
	upTo := time.Now().Unix()
	if err := c.sendChatRead(ctx, library, chat, last); err != nil {
		return done, err
	}
	if done.AppState = appStateMarked; last != nil {
		upTo = last.Timestamp
	}
	marked, err := c.store.MarkRead(ctx, address.JID, upTo, time.Now().Unix())
	// The bridge hears its own mark as an event, which may have told the store before.
	done.MessagesMarked = max(marked, len(unread))
	return done, err
}

// sendReceipts sends read receipts, one per sender and batch, and gives their number. Each is noted in the store before,
// and what is noted there is not sent again. chat is how WhatsApp addresses the canonical one.
func (c *Client) sendReceipts(
	ctx context.Context, library *whatsmeow.Client, canonical string, chat types.JID, unread []store.UnreadMessage,
) (int, error) {
	sent := 0
	bySender, order := groupBySender(unread)
	for _, sender := range order {
		author, err := c.wireSender(ctx, chat, sender)
		if err != nil {
			return sent, err
		}
		for batch := range slices.Chunk(bySender[sender], receiptBatch) {
			fresh, err := c.sendReceipt(ctx, library, canonical, chat, author, batch)
			if err != nil {
				return sent, err
			}
			if fresh {
				sent++
			}
		}
	}
	return sent, nil
}

// sendReceipt sends one receipt for those of the messages of which none was noted, and tells whether there were any. The
// notes are taken back where there was no connection to send it on, so that the next call does.
func (c *Client) sendReceipt(
	ctx context.Context, library *whatsmeow.Client, canonical string, chat, author types.JID, ids []types.MessageID,
) (bool, error) {
	now := time.Now()
	fresh, err := c.store.TellRead(ctx, canonical, ids, now.Unix())
	if err != nil || len(fresh) == 0 {
		return false, err
	}
	err = library.MarkRead(ctx, fresh, now, chat, author)
	if errors.Is(err, whatsmeow.ErrNotConnected) {
		if err := c.store.UntellRead(ctx, canonical, fresh); err != nil {
			return false, err
		}
	}
	if err != nil {
		return false, refusal(err)
	}
	return true, nil
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
	at, key, err := c.lastKey(ctx, chat, last)
	if err != nil {
		return err
	}
	return c.sendState(ctx, library, appstate.BuildMarkChatAsRead(chat, true, at, key))
}

// lastKey names the last message of a chat as app state does, by its time and key; of nil, nothing.
func (c *Client) lastKey(ctx context.Context, chat types.JID, last *store.StoredMessage) (time.Time, *waCommon.MessageKey, error) {
	if last == nil {
		return time.Time{}, nil, nil
	}
	key := &waCommon.MessageKey{
		RemoteJID: proto.String(chat.String()), FromMe: proto.Bool(last.FromMe), ID: proto.String(last.ID),
	}
	if chat.Server == types.GroupServer && !last.FromMe {
		author, err := c.wireSender(ctx, chat, last.SenderJID)
		if err != nil {
			return time.Time{}, nil, err
		}
		key.Participant = proto.String(author.String())
	}
	return time.Unix(last.Timestamp, 0), key, nil
}

// sendState writes into the app state that all devices of the account share, one change after the other: whatsmeow
// takes two at once of this device for another's. When another device wrote at the same moment, whatsmeow may take that
// in twice and then find its own copy wrong; by the next call it is right again.
func (c *Client) sendState(ctx context.Context, library *whatsmeow.Client, patch appstate.PatchInfo) error {
	c.states.Lock()
	defer c.states.Unlock()
	err := library.SendAppState(ctx, patch)
	if errors.Is(err, appstate.ErrMismatchingLTHash) || errors.Is(err, whatsmeow.ErrAppStateUpdate) {
		c.log.Info("another device changed the app state at the same moment, trying once more", "error", err)
		err = library.SendAppState(ctx, patch)
	}
	if err != nil {
		return refusal(err)
	}
	return nil
}
