package whatsapp

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

const (
	// ackWait is how long a send waits for WhatsApp's acknowledgement: clients of the bridge wait no longer.
	ackWait = 30 * time.Second
	// reachTime bounds the questions that come before: which devices the recipient has.
	reachTime = 15 * time.Second
	// sendTime bounds a whole send.
	sendTime = 50 * time.Second
)

// outgoing is a request to send. chat is a JID, a phone number or a name; key the idempotency key, or ""; act what is
// done to a message that exists, "" for a new one; said is everything that makes the request what it is, so that the
// same key for another one is found out. write makes the message once it is known where it goes: whatever it refuses
// has sent nothing. time bounds it all, 0 is sendTime.
type outgoing struct {
	chat, key string
	act       string
	said      []string
	time      time.Duration
	write     func(ctx context.Context, address store.Address, to target) (*waE2E.Message, error)
}

// SentMessage is what became of a send.
type SentMessage struct {
	Status    string     `json:"status"`
	MessageID string     `json:"message_id"`
	ChatJID   string     `json:"chat_jid"`
	ChatName  string     `json:"chat_name"`
	Timestamp store.Time `json:"timestamp"`
}

// flights lets only one request at a time work under one idempotency key.
type flights struct {
	mu   sync.Mutex
	keys map[string]chan struct{}
}

func (f *flights) enter(ctx context.Context, key string) (leave func(), err error) {
	for {
		f.mu.Lock()
		other, busy := f.keys[key]
		if !busy {
			mine := make(chan struct{})
			if f.keys == nil {
				f.keys = map[string]chan struct{}{}
			}
			f.keys[key] = mine
			f.mu.Unlock()
			return func() { f.leave(key, mine) }, nil
		}
		f.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (f *flights) leave(key string, mine chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.keys, key)
	close(mine)
}

// lasting is what work goes on with that a caller who hangs up must not cut off half-way: a message, a mark that all devices
// know and messages.db does not, a receipt that was noted and not sent.
func lasting(ctx context.Context, within time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), within)
}

// send sends a message once, whatever happens to the request: its id is written down before it leaves, and the same
// key again gives the first result. "unacknowledged" means that it may have left, but WhatsApp has not confirmed it.
func (c *Client) send(ctx context.Context, out outgoing) (SentMessage, error) {
	ctx, cancel := lasting(ctx, cmp.Or(out.time, sendTime))
	defer cancel()
	address, err := c.store.Resolve(ctx, out.chat)
	if err != nil {
		return SentMessage{}, err
	}
	if out.key == "" {
		out.key = rand.Text()
	}
	leave, err := c.flights.enter(ctx, out.key)
	if err != nil {
		return SentMessage{}, fault.Wrap(fault.Internal, err, "")
	}
	defer leave()
	send := store.Send{
		Key: out.key, Fingerprint: fingerprint(out), ChatJID: address.JID,
		MessageID: c.library().GenerateMessageID(), Status: store.SendPending,
	}
	earlier, repeated, err := c.store.ReserveSend(ctx, send)
	if err != nil {
		return SentMessage{}, err
	}
	if repeated {
		return c.sent(ctx, earlier), nil
	}
	return c.carryOut(ctx, out, address, send)
}

func fingerprint(out outgoing) string {
	// Encoding strings cannot fail.
	text, _ := json.Marshal(append([]string{out.act, out.chat}, out.said...))
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// sent answers from what was written down. What was pending when the bridge died may have left: it is never sent again.
func (c *Client) sent(ctx context.Context, send store.Send) SentMessage {
	answer := SentMessage{
		Status: store.SendUnacknowledged, MessageID: send.MessageID, ChatJID: send.ChatJID, Timestamp: store.Time(send.SentAt),
	}
	if send.Status == store.SendSent {
		answer.Status = store.SendSent
	}
	if send.SentAt == 0 {
		answer.Timestamp = store.Time(time.Now().Unix())
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	name, err := c.store.Name(ctx, send.ChatJID)
	if err != nil {
		c.log.Warn("a name could not be looked up", "error", err)
	}
	answer.ChatName = firstOf(name, send.ChatJID)
	return answer
}

// carryOut sends a message that was written down, and notes what came of it.
func (c *Client) carryOut(ctx context.Context, out outgoing, address store.Address, send store.Send) (SentMessage, error) {
	library, target, payload, err := c.prepare(ctx, out, address)
	if err != nil {
		return SentMessage{}, errors.Join(err, c.forget(ctx, send))
	}
	c.unsettled.put(send)
	// The library changes what it sends; what is stored is what was written.
	answer, err := library.SendMessage(ctx, target.jid, proto.CloneOf(payload), whatsmeow.SendRequestExtra{ID: send.MessageID, Timeout: ackWait})
	switch {
	case err == nil && target.deaf(ctx, library):
		c.unsettled.drop(send.MessageID)
		return SentMessage{}, errors.Join(
			fault.New(fault.RecipientUnreachable, "WhatsApp gave no keys for the recipient's devices, so nothing arrived."),
			c.forget(ctx, send))
	case err == nil:
		c.unsettled.drop(send.MessageID)
		send.Status, send.SentAt = store.SendSent, answer.Timestamp.Unix()
		c.heard(target.jid, answer.Timestamp)
	case certainlyNotSent(err):
		c.unsettled.drop(send.MessageID)
		return SentMessage{}, errors.Join(notSent(err), c.forget(ctx, send))
	case len(c.unsettled.of([]string{send.MessageID})) == 0:
		// A receipt came instead of the acknowledgement.
		send.Status, send.SentAt = store.SendSent, time.Now().Unix()
		return c.sent(ctx, send), nil
	default:
		c.log.Warn("a message was not acknowledged", "id", send.MessageID, "error", err)
		send.Status, send.SentAt = store.SendUnacknowledged, time.Now().Unix()
		c.unsettled.put(send)
	}
	c.noteSent(ctx, send, payload)
	return c.sent(ctx, send), nil
}

func (c *Client) prepare(ctx context.Context, out outgoing, address store.Address) (
	library *whatsmeow.Client, to target, payload *waE2E.Message, err error,
) {
	if err = c.permitted(ctx, address.JID); err != nil {
		return nil, to, nil, err
	}
	if library, err = c.ready(); err != nil {
		return nil, to, nil, err
	}
	if err = c.unhurried(ctx, out, address); err != nil {
		return nil, to, nil, err
	}
	if to, err = c.reach(ctx, library, address); err != nil {
		return nil, to, nil, err
	}
	payload, err = out.write(ctx, address, to)
	return library, to, payload, err
}

// forget frees the key of a send that did not leave, even when the time of its request is over.
func (c *Client) forget(ctx context.Context, send store.Send) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return c.store.ForgetSend(ctx, send.Key)
}

// noteSent stores the outcome. The message is out, so a failure here must not look like a failed send.
func (c *Client) noteSent(ctx context.Context, send store.Send, payload *waE2E.Message) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	var err error
	if send.Status == store.SendSent {
		err = c.keepSent(ctx, send, payload)
	}
	if err = errors.Join(err, c.store.FinishSend(ctx, send.Key, send.Status, send.SentAt)); err != nil {
		c.log.Error("a message was sent, but that could not be stored", "id", send.MessageID, "error", err)
	}
}

// keepSent stores what was sent as the account's other devices do, which get it as a message: also what changes another
// message, such as an edit or a reaction.
func (c *Client) keepSent(ctx context.Context, send store.Send, payload *waE2E.Message) error {
	chat, err := types.ParseJID(send.ChatJID)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "")
	}
	own := c.Own()
	event := &events.Message{
		Info: types.MessageInfo{
			MessageSource: types.MessageSource{
				// What is encrypted once more is encrypted for this address.
				Chat: chat, Sender: cmp.Or(own.LID, own.JID), IsFromMe: true, IsGroup: chat.Server == types.GroupServer,
			},
			ID: send.MessageID, Timestamp: time.Unix(send.SentAt, 0),
		},
		RawMessage: payload,
	}
	return c.keepMessage(ctx, event.UnwrapRaw())
}
