package whatsapp

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// editWindow is WhatsApp's own. whatsmeow's constant is five minutes longer; phones drop what comes after this.
const editWindow = 15 * time.Minute

// EditMessage gives an own text a new wording, or the caption of an own file.
//
// Errors: those of MessageByID and of a send, NOT_OWN_MESSAGE, EDIT_WINDOW_CLOSED, TEXT_TOO_LONG, INVALID_ARGUMENT for a
// message without words.
func (c *Client) EditMessage(ctx context.Context, on MessageRef, text string) (SentMessage, error) {
	if err := textFits(text); err != nil {
		return SentMessage{}, err
	}
	return c.change(ctx, on, actEdit, text, func(_ context.Context, to target, original store.StoredMessage) (*waE2E.Message, error) {
		if err := mayEdit(original, time.Now()); err != nil {
			return nil, err
		}
		content, ok := withText(current(original), text)
		if !ok {
			return nil, unfit("has neither a text nor a caption that could be edited")
		}
		return c.library().BuildEdit(to.jid, original.ID, content), nil
	})
}

func mayEdit(original store.StoredMessage, now time.Time) error {
	if !original.FromMe {
		return fault.New(fault.NotOwnMessage, "Only own messages can be edited.")
	}
	if now.Sub(time.Unix(original.Timestamp, 0)) > editWindow {
		return fault.New(fault.EditWindowClosed, "A message can be edited for 15 minutes after it was sent.")
	}
	return nil
}
