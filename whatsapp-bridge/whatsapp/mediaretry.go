package whatsapp

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waMmsRetry"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// retryTime is how long the phone may take to upload a file again.
const retryTime = 20 * time.Second

// mediaRetries hands the phone's answers to those who wait for them, by message id.
type mediaRetries struct {
	mu    sync.Mutex
	waits map[string][]chan *events.MediaRetry
}

func (r *mediaRetries) wait(id string) (answer <-chan *events.MediaRetry, leave func()) {
	mine := make(chan *events.MediaRetry, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waits == nil {
		r.waits = map[string][]chan *events.MediaRetry{}
	}
	r.waits[id] = append(r.waits[id], mine)
	return mine, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		var others []chan *events.MediaRetry
		for _, other := range r.waits[id] {
			if other != mine {
				others = append(others, other)
			}
		}
		if r.waits[id] = others; len(others) == 0 {
			delete(r.waits, id)
		}
	}
}

func (r *mediaRetries) answer(event *events.MediaRetry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, waiting := range r.waits[event.MessageID] {
		select {
		case waiting <- event:
		default: // it has an answer
		}
	}
}

// askPhone asks the phone to upload the file of a message again, and gives its new path.
//
// MEDIA_EXPIRED says that the phone has it no more, or did not answer.
func (c *Client) askPhone(ctx context.Context, library *whatsmeow.Client, m store.StoredMessage) (string, error) {
	if len(m.Media.MediaKey) == 0 {
		return "", fault.New(fault.MediaExpired, "")
	}
	chat, err := c.wire(ctx, m.ChatJID)
	if err != nil {
		return "", err
	}
	sender, err := c.wireSender(ctx, chat, m.SenderJID)
	if err != nil {
		return "", err
	}
	answer, leave := c.retries.wait(m.ID)
	defer leave()
	err = library.SendMediaRetryReceipt(ctx, &types.MessageInfo{
		ID: m.ID,
		MessageSource: types.MessageSource{
			Chat: chat, Sender: sender, IsFromMe: m.FromMe, IsGroup: chat.Server == types.GroupServer,
		},
	}, m.Media.MediaKey)
	if err != nil {
		return "", refusal(err)
	}
	select {
	case event := <-answer:
		return renewedPath(event, m.Media.MediaKey)
	case <-time.After(retryTime):
	case <-ctx.Done():
	}
	return "", fault.New(fault.MediaExpired, "The file is gone from WhatsApp's servers, and the phone does not answer.").
		WithResolution("Bring the phone online, then call again.")
}

func renewedPath(event *events.MediaRetry, key []byte) (string, error) {
	lost := fault.New(fault.MediaExpired, "The file is gone from WhatsApp's servers and from the phone.").
		WithResolution("Ask the sender to send it again.")
	notification, err := whatsmeow.DecryptMediaRetryNotification(event, key)
	switch {
	case errors.Is(err, whatsmeow.ErrMediaNotAvailableOnPhone):
		return "", lost
	case err != nil:
		return "", fault.Wrap(fault.MediaExpired, err, "The phone could not upload the file again.")
	case notification.GetResult() != waMmsRetry.MediaRetryNotification_SUCCESS || notification.GetDirectPath() == "":
		return "", lost
	}
	return notification.GetDirectPath(), nil
}
