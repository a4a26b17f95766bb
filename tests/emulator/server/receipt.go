package server

import (
	"context"
	"strconv"
	"time"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/signal"
)

// Receipt types on the wire; a delivery has none.
const (
	ReceiptDelivery = ""
	ReceiptRead     = "read"
	ReceiptReadSelf = "read-self"
	ReceiptRetry    = "retry"
	ReceiptSender   = "sender"
)

// Receipt is what a companion says about messages of one author in one chat.
type Receipt struct {
	From *Companion
	// Chat is a LID or a group, Author the LID of who wrote the messages.
	Chat, Author types.JID
	Type         string
	IDs          []string
	At           time.Time
	// Retry is set when the companion could not decrypt the message.
	Retry *Retry
}

// Retry asks for a message again.
type Retry struct {
	Count int
	// Bundle is set when the companion sent fresh keys along.
	Bundle *signal.Bundle
}

func (s *Server) handleReceipt(ctx context.Context, c *conn, node *binary.Node) {
	c.companion.countReceipt()
	if attr(*node, "type") == ReceiptServerError {
		s.handleMediaRetry(ctx, c, node)
		return
	}
	kind, ids := attr(*node, "type"), receiptIDs(node)
	if kind != ReceiptRetry {
		for _, id := range ids {
			c.companion.acknowledge(stanzaKey{class: "message", id: id})
		}
	}
	c.out.put(ackReceipt(node))
	if jidAttr(*node, "to").Server == types.NewsletterServer {
		// A newsletter does not learn who has read it.
		return
	}
	author := jidAttr(*node, "participant")
	if author.IsEmpty() {
		author = jidAttr(*node, "to")
	}
	receipt := Receipt{From: c.companion, Author: s.deviceLID(author), Type: kind, IDs: ids, At: s.now()}
	chat := jidAttr(*node, "to")
	if recipient := jidAttr(*node, "recipient"); !recipient.IsEmpty() && chat.Server != types.GroupServer {
		chat = recipient
	}
	var known bool
	if receipt.Chat, known = s.world.CanonicalChat(chat); !known {
		c.log.Warn("a receipt for a chat that is not known", "stanza", node)
		return
	}
	if kind == ReceiptRetry {
		retry, err := parseRetry(node)
		if err != nil {
			c.log.Warn("a retry receipt", "error", err, "stanza", node)
			return
		}
		receipt.Retry = retry
	}
	s.passReceipt(ctx, node, receipt)
}

// passReceipt hands a receipt to who wrote the messages; the account's other devices learn what was read.
func (s *Server) passReceipt(ctx context.Context, node *binary.Node, receipt Receipt) {
	own := s.world.IsMe(receipt.Author)
	switch {
	case own && receipt.Author.Device != 0:
		if companion, ok := s.Companion(receipt.Author.Device); ok && receipt.Retry != nil {
			companion.Deliver(s.forwarded(node, receipt))
		}
		return
	case receipt.Type == ReceiptRead || receipt.Type == ReceiptReadSelf:
		s.Broadcast(receipt.From.Device, s.forwarded(node, receipt))
		s.residents.Receipt(ctx, s.world.Account().LID, receipt)
	}
	if receipt.Type != ReceiptReadSelf || own {
		s.residents.Receipt(ctx, receipt.Author, receipt)
	}
}

// forwarded is a receipt as another device of the account sees it.
func (s *Server) forwarded(node *binary.Node, receipt Receipt) binary.Node {
	attrs := binary.Attrs{"id": receipt.IDs[0], "t": receipt.At.Unix(), "type": receipt.Type}
	if receipt.Chat.Server == types.GroupServer {
		attrs["from"], attrs["participant"] = receipt.Chat, receipt.From.LID
	} else {
		attrs["from"], attrs["recipient"] = receipt.From.LID, receipt.Chat
	}
	return binary.Node{Tag: "receipt", Attrs: attrs, Content: node.Content}
}

func parseRetry(node *binary.Node) (*Retry, error) {
	child := node.GetChildByTag("retry")
	count, err := strconv.Atoi(attr(child, "count"))
	if err != nil {
		count = 1
	}
	retry := &Retry{Count: count}
	if _, ok := node.GetOptionalChildByTag("keys"); ok {
		bundle, err := signal.ParseBundle(*node)
		if err != nil {
			return nil, err
		}
		retry.Bundle = &bundle
	}
	return retry, nil
}

func receiptIDs(node *binary.Node) []string {
	ids := []string{attr(*node, "id")}
	list := node.GetChildByTag("list")
	for _, item := range list.GetChildrenByTag("item") {
		if id := attr(item, "id"); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

func ackReceipt(node *binary.Node) binary.Node {
	attrs := binary.Attrs{"class": "receipt", "id": attr(*node, "id"), "from": jidAttr(*node, "to")}
	for _, name := range []string{"type", "participant"} {
		if value, ok := node.Attrs[name]; ok {
			attrs[name] = value
		}
	}
	return binary.Node{Tag: "ack", Attrs: attrs}
}

// handleAck takes a stanza out of the companion's queue.
func (s *Server) handleAck(c *conn, node *binary.Node) {
	key := stanzaKey{class: attr(*node, "class"), id: attr(*node, "id")}
	if key.class != "message" {
		key.from, key.participant, key.kind = jidAttr(*node, "to"), jidAttr(*node, "participant"), attr(*node, "type")
	}
	if code := attr(*node, "error"); code != "" {
		c.log.Warn("the companion could not use a stanza", "class", key.class, "id", key.id, "error", code)
	}
	c.companion.acknowledge(key)
}

// RetryReceipt makes a receipt one that asks for a letter again, with fresh keys to encrypt it with.
func RetryReceipt(receipt binary.Node, letter Letter, bundle signal.Bundle) binary.Node {
	const firstTime = 1
	nodes := bundle.Nodes()
	registration, keys := nodes[0], nodes[1:]
	receipt.Content = []binary.Node{
		{Tag: "retry", Attrs: binary.Attrs{"count": firstTime, "id": letter.ID, "t": letter.At.Unix(), "v": 1}},
		registration,
		{Tag: "keys", Content: keys},
	}
	return receipt
}
