// Package post carries what a person inside the emulator writes to the account's companions: it seals the message for
// each of them, puts it into their queues, and remembers it for a companion that asks again.
package post

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/server"
	"whatsapp-mcp/emulator/signal"
)

// remembered is how many messages can be asked for again.
const remembered = 4096

// ErrForgotten says that a message is asked for again which was not sent, or long ago.
var ErrForgotten = errors.New("that message is not remembered")

// Stanza is a message before it is sealed.
type Stanza struct {
	// ID and Attrs go onto the <message>; Attrs say who it is from and in which chat.
	ID    string
	Attrs binary.Attrs
	// Group is set for messages under the sender key.
	Group types.JID
	// Hide tells clients to show nothing when they cannot decrypt it.
	Hide    bool
	Message *waE2E.Message
}

// Post is safe for use from any goroutine.
type Post struct {
	mu     sync.Mutex
	sent   map[string]Stanza
	oldest []string
}

// New makes a post office that remembers nothing yet.
func New() *Post {
	return &Post{sent: map[string]Stanza{}}
}

// Send writes to one companion.
func (p *Post) Send(ctx context.Context, from *signal.Party, to *server.Companion, stanza Stanza) error {
	p.remember(stanza)
	sealed, err := from.Encrypt(ctx, to.LID, to.Bundle, stanza.Message)
	if err != nil {
		return fmt.Errorf("message %s: %w", stanza.ID, err)
	}
	sealed.Hide = stanza.Hide
	to.Deliver(stanza.node(sealed))
	return nil
}

// SendGroup writes to all companions under the sender key, which each of them is handed along with it.
func (p *Post) SendGroup(ctx context.Context, from *signal.Party, to []*server.Companion, stanza Stanza) error {
	p.remember(stanza)
	shared, handover, err := from.EncryptGroup(ctx, stanza.Group, stanza.Message)
	if err != nil {
		return fmt.Errorf("message %s: %w", stanza.ID, err)
	}
	shared.Hide = stanza.Hide
	for _, companion := range to {
		key, err := from.Encrypt(ctx, companion.LID, companion.Bundle, handover)
		if err != nil {
			return fmt.Errorf("sender key for message %s: %w", stanza.ID, err)
		}
		companion.Deliver(stanza.node(key, shared))
	}
	return nil
}

// Again answers a retry receipt: the message in a new session, with the sender key inside if it went to a group.
func (p *Post) Again(ctx context.Context, from *signal.Party, to *server.Companion, id string, retry server.Retry) error {
	p.mu.Lock()
	stanza, ok := p.sent[id]
	p.mu.Unlock()
	if !ok {
		return fmt.Errorf("message %s: %w", id, ErrForgotten)
	}
	message := stanza.Message
	if !stanza.Group.IsEmpty() {
		_, handover, err := from.EncryptGroup(ctx, stanza.Group, message)
		if err != nil {
			return fmt.Errorf("message %s: %w", id, err)
		}
		if cloned, ok := proto.Clone(message).(*waE2E.Message); ok {
			cloned.SenderKeyDistributionMessage = handover.GetSenderKeyDistributionMessage()
			message = cloned
		}
	}
	bundle, err := freshBundle(to, retry)
	if err != nil {
		return err
	}
	sealed, err := from.EncryptAnew(ctx, to.LID, bundle, message)
	if err != nil {
		return fmt.Errorf("message %s: %w", id, err)
	}
	sealed.Hide, sealed.Retry = stanza.Hide, retry.Count
	to.Deliver(stanza.node(sealed))
	return nil
}

func freshBundle(to *server.Companion, retry server.Retry) (signal.Bundle, error) {
	if retry.Bundle != nil {
		return *retry.Bundle, nil
	}
	return to.Bundle()
}

func (s Stanza) node(payloads ...signal.Envelope) binary.Node {
	attrs := maps.Clone(s.Attrs)
	attrs["id"] = s.ID
	children := make([]binary.Node, len(payloads))
	for i, payload := range payloads {
		children[i] = payload.Node()
	}
	return binary.Node{Tag: "message", Attrs: attrs, Content: children}
}

func (p *Post) remember(stanza Stanza) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.sent[stanza.ID]; !known {
		p.oldest = append(p.oldest, stanza.ID)
	}
	p.sent[stanza.ID] = stanza
	if len(p.oldest) > remembered {
		delete(p.sent, p.oldest[0])
		p.oldest = p.oldest[1:]
	}
}
