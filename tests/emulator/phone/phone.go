// Package phone is the account's own phone: it links companions, shares keys and history with them, and sees what they
// send and change. Its Signal identity is the account's.
package phone

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/fault"
	"whatsapp-mcp/emulator/inbox"
	"whatsapp-mcp/emulator/media"
	"whatsapp-mcp/emulator/post"
	"whatsapp-mcp/emulator/server"
	"whatsapp-mcp/emulator/signal"
	"whatsapp-mcp/emulator/world"
)

// Options are what a phone is made of.
type Options struct {
	World  *world.World
	Server *server.Server
	Faults *fault.Plan
	Media  *media.Server
	Log    *slog.Logger
}

// Phone is device 0 of the account.
type Phone struct {
	Options
	party *signal.Party
	post  *post.Post
	state *appState
	// Seen is what companions sent, asked and changed.
	Seen inbox.Log

	// life ends with Close; work is what goes on in the meantime.
	life context.Context
	end  context.CancelFunc
	work sync.WaitGroup

	mu sync.Mutex
	// demandChunks is into how many chunks an on-demand answer is cut.
	demandChunks int
	// welcome is what a companion gets when it is linked.
	welcome Push
}

// New takes a phone out of its box: fresh keys, and the app state of the world's chats and contacts.
func New(ctx context.Context, options Options, keys *signal.Store) (*Phone, error) {
	account := options.World.Account()
	party, err := keys.Party(ctx, account.PN, account.LID)
	if err != nil {
		return nil, err
	}
	state, err := newAppState(ctx, party, options)
	if err != nil {
		return nil, err
	}
	p := &Phone{Options: options, party: party, post: post.New(), state: state, demandChunks: 1}
	p.life, p.end = context.WithCancel(context.WithoutCancel(ctx))
	return p, nil
}

// Close stops what the phone is doing and waits for it.
func (p *Phone) Close() {
	p.end()
	p.work.Wait()
}

// Bundle gives out the phone's keys.
func (p *Phone) Bundle(ctx context.Context) (signal.Bundle, error) {
	return p.party.Bundle(ctx)
}

// later does something that takes its time, in its own goroutine.
func (p *Phone) later(what string, do func(context.Context) error) {
	p.work.Go(func() {
		if err := do(p.life); err != nil && p.life.Err() == nil {
			p.Log.Error(what, "error", err)
		}
	})
}

// Linked welcomes a new companion: first the keys of the app state, without which it could not read it, then history.
func (p *Phone) Linked(_ context.Context, companion *server.Companion) {
	push := p.welcomed()
	p.later("welcome a companion", func(ctx context.Context) error {
		if err := p.shareKey(ctx, companion); err != nil {
			return err
		}
		_, err := p.Push(ctx, companion, push)
		return err
	})
}

// peer sends a companion something that belongs to no chat. Such messages come from the LID: the libraries find the
// session under it whether or not they have learnt yet which number it belongs to.
func (p *Phone) peer(ctx context.Context, to *server.Companion, message *waE2E.ProtocolMessage) error {
	stanza := post.Stanza{
		ID: world.NewAndroidID(),
		Attrs: binary.Attrs{
			"from": p.party.LID(), "to": to.JID, "t": p.World.Now().Unix(), "type": "text", "category": "peer",
		},
		Message: &waE2E.Message{ProtocolMessage: message},
	}
	return p.post.Send(ctx, p.party, to, stanza)
}

// pause waits out the faults that keep a phone from answering.
func (p *Phone) pause(ctx context.Context) error {
	for {
		changed := p.Faults.Changed()
		if _, off := p.Faults.Get(fault.PhoneOffline, 0); !off {
			break
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	slow, ok := p.Faults.Hit(fault.PhoneSlow, 0)
	if !ok {
		return nil
	}
	return fault.Pause(ctx, slow.Delay)
}

// Say sends a text from the phone itself: to the contact or group, as far as this world goes, and to the companions.
func (p *Phone) Say(ctx context.Context, chat types.JID, text string) (world.Message, error) {
	filed, err := p.World.Append(world.Message{Chat: chat, FromMe: true, Text: text})
	if err != nil {
		return world.Message{}, err
	}
	account := p.World.Account()
	stanza := post.Stanza{
		ID: filed.ID,
		Attrs: binary.Attrs{
			"from": account.LID, "t": filed.Timestamp, "type": "text", "notify": account.Name,
			"addressing_mode": string(types.AddressingModeLID),
		},
		Message: p.World.Content(filed),
	}
	companions := p.Server.Companions()
	if filed.Chat.Server == types.GroupServer {
		stanza.Attrs["from"], stanza.Attrs["participant"], stanza.Attrs["participant_pn"] = filed.Chat, account.LID, account.PN
		stanza.Group = filed.Chat
		return filed, p.post.SendGroup(ctx, p.party, companions, stanza)
	}
	stanza.Attrs["recipient"] = filed.Chat
	if pn, ok := p.World.PN(filed.Chat); ok {
		stanza.Attrs["peer_recipient_pn"] = pn
	}
	destination := filed.Chat.String()
	stanza.Message = &waE2E.Message{DeviceSentMessage: &waE2E.DeviceSentMessage{DestinationJID: &destination, Message: stanza.Message}}
	for _, companion := range companions {
		if err := p.post.Send(ctx, p.party, companion, stanza); err != nil {
			return world.Message{}, err
		}
	}
	return filed, nil
}

// Read reads a chat on the phone: the companions learn it by a receipt and by app state, the authors by a receipt.
func (p *Phone) Read(ctx context.Context, chat types.JID) error {
	last := p.World.History(chat, world.Anchor{}, 1)
	unread, err := p.World.MarkRead(chat)
	if err != nil {
		return err
	}
	canonical, _ := p.World.CanonicalChat(chat)
	if len(unread) > 0 {
		p.Server.Broadcast(0, p.readSelf(canonical, unread))
	}
	return p.state.markRead(ctx, canonical, last)
}

// readSelf is the receipt by which the account's devices tell each other what was read.
func (p *Phone) readSelf(chat types.JID, messages []world.Message) binary.Node {
	newest := messages[len(messages)-1]
	attrs := binary.Attrs{
		"from": p.party.LID(), "recipient": chat, "id": newest.ID, "t": p.World.Now().Unix(), "type": server.ReceiptReadSelf,
	}
	if chat.Server == types.GroupServer {
		attrs["from"], attrs["participant"] = chat, p.party.LID()
		delete(attrs, "recipient")
	}
	node := binary.Node{Tag: "receipt", Attrs: attrs}
	var items []binary.Node
	for _, message := range messages[:len(messages)-1] {
		items = append(items, binary.Node{Tag: "item", Attrs: binary.Attrs{"id": message.ID}})
	}
	if len(items) > 0 {
		node.Content = []binary.Node{{Tag: "list", Content: items}}
	}
	return node
}

func random(size int) ([]byte, error) {
	b := make([]byte, size)
	if _, err := rand.Read(b); err != nil {
		return nil, fmt.Errorf("make %d random bytes: %w", size, err)
	}
	return b, nil
}
