package whatsapp

import (
	"context"

	"go.mau.fi/whatsmeow/proto/waE2E"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// What can be done to a message that exists.
const (
	actReact   = "react"
	actEdit    = "edit"
	actRevoke  = "revoke"
	actForward = "forward"
)

// MessageRef names a stored message that something is done to. Chat is a JID, a phone number or a name, or "" when the
// id alone shall do; Key is the idempotency key, or "".
type MessageRef struct {
	Chat, ID, Key string
}

// change sends what changes a message to the message's own chat. The answer names the changed message, not the one
// that carried the change: lists never show that.
func (c *Client) change(
	ctx context.Context, on MessageRef, act, said string,
	write func(ctx context.Context, to target, original store.StoredMessage) (*waE2E.Message, error),
) (SentMessage, error) {
	original, err := c.store.MessageByID(ctx, on.Chat, on.ID)
	if err != nil {
		return SentMessage{}, err
	}
	done, err := c.send(ctx, outgoing{
		chat: original.ChatJID, key: on.Key, act: act, said: []string{original.ID, said},
		// Checked here and not before: a repeated call is answered from its key, whatever the message is by then.
		write: func(ctx context.Context, _ store.Address, to target) (*waE2E.Message, error) {
			if original.RevokedAt != 0 {
				return nil, unfit("was deleted for everyone")
			}
			return write(ctx, to, original)
		},
	})
	if err == nil {
		done.MessageID = original.ID
	}
	return done, err
}

// unfit refuses a message that is there but cannot be worked with.
func unfit(problem string) error {
	return fault.Argument("message_id", problem).WithResolution("Choose another message; list_messages shows what each one is.")
}
