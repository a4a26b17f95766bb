// Package residents holds the people the account knows: their keys, what they say, and what they get to see.
package residents

import (
	"context"
	"log/slog"
	"sync"

	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/attachment"
	"whatsapp-mcp/emulator/inbox"
	"whatsapp-mcp/emulator/media"
	"whatsapp-mcp/emulator/post"
	"whatsapp-mcp/emulator/server"
	"whatsapp-mcp/emulator/signal"
	"whatsapp-mcp/emulator/world"
)

// Contacts are all people but the account.
type Contacts struct {
	world  *world.World
	server *server.Server
	keys   *signal.Store
	post   *post.Post
	media  *media.Server
	log    *slog.Logger
	// Seen is what they received, in one list.
	Seen inbox.Log

	mu      sync.Mutex
	parties map[types.JID]*signal.Party
}

// NewContacts brings the people of the world to life. Their keys are made when somebody first needs them.
func NewContacts(w *world.World, s *server.Server, keys *signal.Store, files *media.Server, log *slog.Logger) *Contacts {
	return &Contacts{
		world: w, server: s, keys: keys, post: post.New(), media: files, log: log,
		parties: map[types.JID]*signal.Party{},
	}
}

// party is a contact's device.
func (c *Contacts) party(ctx context.Context, contact world.Contact) (*signal.Party, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if party, ok := c.parties[contact.LID]; ok {
		return party, nil
	}
	party, err := c.keys.Party(ctx, contact.PN, contact.LID)
	if err != nil {
		return nil, err
	}
	c.parties[contact.LID] = party
	return party, nil
}

// Bundle gives out a contact's keys.
func (c *Contacts) Bundle(ctx context.Context, contact world.Contact) (signal.Bundle, error) {
	party, err := c.party(ctx, contact)
	if err != nil {
		return signal.Bundle{}, err
	}
	return party.Bundle(ctx)
}

// Letter is a companion's message reaching a contact's phone, which says so with a delivery receipt.
func (c *Contacts) Letter(ctx context.Context, contact world.Contact, letter server.Letter) {
	party, err := c.party(ctx, contact)
	if err != nil {
		c.log.Error("make the keys of a contact", "contact", contact.Name, "error", err)
		return
	}
	messages, err := party.Open(ctx, letter.Chat, letter.From.LID, letter.Envelopes)
	if err != nil {
		c.fail(ctx, contact, party, letter, err)
		return
	}
	for _, message := range messages {
		message, err := inbox.Reveal(message, letter.From.LID, func(id string) ([]byte, types.JID) { return c.world.Secret(letter.Chat, id) })
		if err != nil {
			c.fail(ctx, contact, party, letter, err)
			return
		}
		if content, ok := inbox.Open(message); ok {
			entry := inbox.Entry{Contact: contact.Name, From: letter.From.LID.String(), Chat: letter.Chat.String(), ID: letter.ID, At: letter.At}
			entry = entry.With(content)
			if content.Media != nil {
				plain, err := attachment.Fetch(c.media, content.Kind, content.Media)
				entry = entry.WithFile(content.Media, plain, err)
			}
			c.Seen.Add(entry)
		}
	}
	c.server.Broadcast(0, c.receipt(contact, letter.Chat, server.ReceiptDelivery, []string{letter.ID}))
}

// fail asks for a message again that could not be decrypted.
func (c *Contacts) fail(ctx context.Context, contact world.Contact, party *signal.Party, letter server.Letter, why error) {
	c.log.Warn("a contact cannot read a message", "contact", contact.Name, "message", letter.ID, "error", why)
	c.Seen.Add(inbox.Entry{
		Kind: inbox.Failed, Contact: contact.Name, From: letter.From.LID.String(), Chat: letter.Chat.String(),
		ID: letter.ID, Text: why.Error(), At: letter.At,
	})
	bundle, err := party.Bundle(ctx)
	if err != nil {
		c.log.Error("make a bundle for a retry receipt", "contact", contact.Name, "error", err)
		return
	}
	letter.From.Deliver(server.RetryReceipt(c.receipt(contact, letter.Chat, server.ReceiptRetry, []string{letter.ID}), letter, bundle))
}

// Receipt is a companion's receipt for messages of a contact.
func (c *Contacts) Receipt(ctx context.Context, contact world.Contact, receipt server.Receipt) {
	c.Seen.Add(inbox.Entry{
		Kind: inbox.Receipt, Contact: contact.Name, From: receipt.From.LID.String(), Chat: receipt.Chat.String(),
		ID: receipt.IDs[0], IDs: receipt.IDs, ReceiptType: receiptName(receipt.Type), At: receipt.At,
	})
	if receipt.Retry == nil {
		return
	}
	party, err := c.party(ctx, contact)
	if err == nil {
		err = c.post.Again(ctx, party, receipt.From, receipt.IDs[0], *receipt.Retry)
	}
	if err != nil {
		c.log.Error("send a message again", "contact", contact.Name, "message", receipt.IDs[0], "error", err)
	}
}

// receiptName gives a delivery receipt, which has no type on the wire, a name.
func receiptName(kind string) string {
	if kind == server.ReceiptDelivery {
		return "delivery"
	}
	return kind
}
