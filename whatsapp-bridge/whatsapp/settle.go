package whatsapp

import (
	"context"
	"fmt"
	"sync"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// unsettled remembers the sends whose outcome is not known, by message id.
type unsettled struct {
	mu    sync.Mutex
	sends map[string]store.Send
}

func (u *unsettled) put(sends ...store.Send) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.sends == nil {
		u.sends = map[string]store.Send{}
	}
	for _, send := range sends {
		u.sends[send.MessageID] = send
	}
}

func (u *unsettled) of(ids []string) []store.Send {
	u.mu.Lock()
	defer u.mu.Unlock()
	var found []store.Send
	for _, id := range ids {
		if send, known := u.sends[id]; known {
			found = append(found, send)
		}
	}
	return found
}

func (u *unsettled) drop(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.sends, id)
}

// settle stores the messages that a receipt shows to have arrived although WhatsApp has not acknowledged them.
func (c *Client) settle(ctx context.Context, event *events.Receipt) error {
	for _, send := range c.unsettled.of(event.MessageIDs) {
		if send.SentAt == 0 {
			send.SentAt = event.Timestamp.Unix()
		}
		payload, err := c.payloadOf(ctx, send)
		if err != nil {
			c.log.Error("a message arrived whose text is not known any more", "id", send.MessageID, "error", err)
		} else if err := c.keepSent(ctx, send, payload); err != nil {
			return err
		}
		if err := c.store.FinishSend(ctx, send.Key, store.SendSent, send.SentAt); err != nil {
			return err
		}
		c.unsettled.drop(send.MessageID)
	}
	return nil
}

// payloadOf gives a message from whatsmeow's own store of what it sent.
func (c *Client) payloadOf(ctx context.Context, send store.Send) (*waE2E.Message, error) {
	chat, err := c.wire(ctx, send.ChatJID)
	if err != nil {
		return nil, err
	}
	_, encoded, err := c.library().Store.EventBuffer.GetOutgoingEvent(ctx, chat, chat, send.MessageID)
	if err != nil {
		return nil, fmt.Errorf("finding a sent message: %w", err)
	}
	payload := &waE2E.Message{}
	if err := proto.Unmarshal(encoded, payload); err != nil {
		return nil, fmt.Errorf("reading a sent message: %w", err)
	}
	return payload, nil
}
