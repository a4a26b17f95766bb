package server

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/signal"
)

// unreachable is the error of an <ack> for a message to nobody.
const unreachable = 404

// Letter is what a companion wrote to one resident device.
type Letter struct {
	ID   string
	From *Companion
	// Chat is a LID or a group.
	Chat types.JID
	At   time.Time
	// Peer letters are from one device of the account to another, outside any chat.
	Peer bool
	// Envelopes are those that the device can open: its own, then the group's.
	Envelopes []signal.Envelope
}

// outgoing is a <message> of a companion, taken apart.
type outgoing struct {
	node *binary.Node
	from *Companion
	id   string
	chat types.JID
	at   time.Time
	peer bool
	// sealed are the payloads for single devices, shared those under the sender key.
	sealed map[types.JID][]binary.Node
	shared []binary.Node
}

func (s *Server) handleMessage(ctx context.Context, c *conn, node *binary.Node) {
	if jidAttr(*node, "to").Server == types.NewsletterServer {
		c.out.put(s.toNewsletter(c, node))
		return
	}
	message, err := s.takeApart(c.companion, node)
	if err != nil {
		c.log.Warn("a message that cannot be delivered", "error", err, "stanza", node)
		c.out.put(ackMessage(node, s.now(), unreachable))
		return
	}
	c.out.put(ackMessage(node, s.now(), 0))
	for _, to := range s.recipients(message) {
		nodes := append(message.sealed[to], message.shared...)
		if to.Device != 0 {
			s.copyTo(to.Device, message, nodes)
			continue
		}
		letter := Letter{ID: message.id, From: message.from, Chat: message.chat, At: message.at, Peer: message.peer}
		for _, node := range nodes {
			envelope, err := signal.ParseEnvelope(node)
			if err != nil {
				c.log.Warn("a payload", "message", message.id, "error", err)
				continue
			}
			letter.Envelopes = append(letter.Envelopes, envelope)
		}
		s.residents.Letter(ctx, to, letter)
	}
}

// takeApart reads where a message goes. Payloads are for the devices in <participants>; a peer message and one that
// was asked for again have a single payload, for the device in "participant" or "to".
func (s *Server) takeApart(from *Companion, node *binary.Node) (*outgoing, error) {
	to := jidAttr(*node, "to")
	message := &outgoing{
		node: node, from: from, id: attr(*node, "id"), at: s.now(), peer: attr(*node, "category") == "peer",
		sealed: map[types.JID][]binary.Node{},
	}
	if message.id == "" || to.IsEmpty() {
		return nil, fmt.Errorf("it has no id or no address")
	}
	chat := to.ToNonAD()
	if recipient := jidAttr(*node, "recipient"); !recipient.IsEmpty() {
		chat = recipient.ToNonAD()
	}
	var known bool
	if message.chat, known = s.world.CanonicalChat(chat); !known {
		return nil, fmt.Errorf("there is no chat %s", chat)
	}
	single := jidAttr(*node, "participant")
	if single.IsEmpty() {
		single = to
	}
	for _, child := range node.GetChildren() {
		switch child.Tag {
		case "participants":
			for _, participant := range child.GetChildrenByTag("to") {
				device := s.deviceLID(jidAttr(participant, "jid"))
				message.sealed[device] = append(message.sealed[device], participant.GetChildrenByTag("enc")...)
			}
		case "enc":
			if attr(child, "type") == string(signal.KindSenderKey) {
				message.shared = append(message.shared, child)
			} else {
				device := s.deviceLID(single)
				message.sealed[device] = append(message.sealed[device], child)
			}
		}
	}
	return message, nil
}

// recipients are the devices that get something, by LID: the account's own before the others, so that a companion has a
// message before it hears that it was delivered. What goes to a group under the sender key goes to every device of every
// member, also to those that were handed the key before.
func (s *Server) recipients(message *outgoing) []types.JID {
	var recipients []types.JID
	if len(message.shared) == 0 {
		recipients = slices.Collect(maps.Keys(message.sealed))
		slices.SortFunc(recipients, s.ownFirst)
		return recipients
	}
	for _, own := range s.ownDevices(s.world.Account().LID) {
		if own.Device != message.from.Device {
			recipients = append(recipients, own)
		}
	}
	for _, member := range s.world.Members(message.chat) {
		recipients = append(recipients, member.LID)
	}
	return recipients
}

func (s *Server) ownFirst(a, b types.JID) int {
	switch own := s.world.IsMe(a); {
	case own == s.world.IsMe(b):
		return strings.Compare(a.String(), b.String())
	case own:
		return -1
	default:
		return 1
	}
}

// copyTo passes on what a companion sealed for another one of the account.
func (s *Server) copyTo(device uint16, message *outgoing, payloads []binary.Node) {
	companion, ok := s.Companion(device)
	if !ok || device == message.from.Device {
		s.log.Warn("a payload for a device that is not linked", "message", message.id, "device", device)
		return
	}
	account := s.world.Account()
	attrs := binary.Attrs{
		"id": message.id, "t": message.at.Unix(), "notify": account.Name,
		"type": attr(*message.node, "type"), "addressing_mode": string(types.AddressingModeLID),
	}
	for _, name := range []string{"category", "edit"} {
		if value := attr(*message.node, name); value != "" {
			attrs[name] = value
		}
	}
	if message.chat.Server == types.GroupServer {
		attrs["from"], attrs["participant"], attrs["participant_pn"] = message.chat, message.from.LID, account.PN
	} else {
		attrs["from"], attrs["recipient"] = message.from.LID, message.chat
		if pn, ok := s.world.PN(message.chat); ok {
			attrs["peer_recipient_pn"] = pn
		}
	}
	children := payloads
	if identity, ok := message.node.GetOptionalChildByTag("device-identity"); ok {
		children = append(children, identity)
	}
	companion.Deliver(binary.Node{Tag: "message", Attrs: attrs, Content: children})
}

// deviceLID is a device's address under the LID; that of somebody unknown stays what it is.
func (s *Server) deviceLID(jid types.JID) types.JID {
	lid, known := s.world.LID(jid)
	if !known {
		return jid
	}
	lid.Device = jid.Device
	return lid
}

func ackMessage(node *binary.Node, at time.Time, code int) binary.Node {
	attrs := binary.Attrs{"class": "message", "from": jidAttr(*node, "to"), "id": attr(*node, "id"), "t": at.Unix()}
	if code != 0 {
		attrs["error"] = code
	}
	return binary.Node{Tag: "ack", Attrs: attrs}
}
