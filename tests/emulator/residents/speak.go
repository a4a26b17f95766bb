package residents

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/post"
	"whatsapp-mcp/emulator/server"
	"whatsapp-mcp/emulator/world"
)

// ErrNotInChat says that somebody cannot write there.
var ErrNotInChat = errors.New("is not in that chat")

// Speech is something that a contact says or does in a chat. Message.Sender says who; Message.Chat is their own LID for
// a direct chat.
type Speech struct {
	world.Message
	// Unmapped leaves the phone number out of the stanza: a companion sees a LID that it may not know yet.
	Unmapped bool
}

// Speak files a message of a contact and sends it to all companions. It returns the message as filed. What a blocked
// contact writes to the account itself goes nowhere.
func (c *Contacts) Speak(ctx context.Context, speech Speech) (world.Message, error) {
	contact, ok := c.world.Contact(speech.Sender)
	if !ok {
		return world.Message{}, fmt.Errorf("%s: %w", speech.Sender, world.ErrUnknownPerson)
	}
	if err := c.mayWrite(contact, speech.Chat); err != nil {
		return world.Message{}, err
	}
	party, err := c.party(ctx, contact)
	if err != nil {
		return world.Message{}, err
	}
	if speech.Chat == contact.LID && c.server.Blocks(contact.LID) {
		return speech.Message, nil
	}
	target, _ := c.world.Message(speech.Chat, speech.Target)
	filed, err := c.world.Append(speech.Message)
	if err != nil {
		return world.Message{}, err
	}
	stanza := c.stanza(contact, filed, target, speech.Unmapped)
	companions := c.server.Companions()
	if filed.Chat.Server == types.GroupServer {
		return filed, c.post.SendGroup(ctx, party, companions, stanza)
	}
	for _, companion := range companions {
		if err := c.post.Send(ctx, party, companion, stanza); err != nil {
			return world.Message{}, err
		}
	}
	return filed, nil
}

func (c *Contacts) mayWrite(contact world.Contact, chat types.JID) error {
	if chat == contact.LID {
		return nil
	}
	for _, member := range c.world.Members(chat) {
		if member.LID == contact.LID && chat.Server == types.GroupServer {
			return nil
		}
	}
	return fmt.Errorf("%s %w: %s", contact.Name, ErrNotInChat, chat)
}

// stanza addresses a message: direct ones come from the LID with the number beside it, group ones name the participant.
func (c *Contacts) stanza(contact world.Contact, m, target world.Message, unmapped bool) post.Stanza {
	attrs := binary.Attrs{"t": m.Timestamp, "type": stanzaType(m.Kind), "notify": contact.PushName, "addressing_mode": string(types.AddressingModeLID)}
	numberAs := "sender_pn"
	stanza := post.Stanza{ID: m.ID, Attrs: attrs, Hide: m.Kind.Changes(), Message: c.payload(m, target)}
	if m.Chat.Server == types.GroupServer {
		attrs["from"], attrs["participant"] = m.Chat, contact.LID
		stanza.Group, numberAs = m.Chat, "participant_pn"
	} else {
		attrs["from"] = contact.LID
	}
	if !unmapped && !contact.PNHidden {
		attrs[numberAs] = contact.PN
	}
	switch m.Kind {
	case world.KindEdit:
		attrs["edit"] = string(types.EditAttributeMessageEdit)
	case world.KindRevoke:
		attrs["edit"] = string(types.EditAttributeSenderRevoke)
		if target.Sender != contact.LID {
			attrs["edit"] = string(types.EditAttributeAdminRevoke)
		}
	}
	return stanza
}

func (c *Contacts) payload(m, target world.Message) *waE2E.Message {
	key := c.key(m, target)
	switch m.Kind {
	case world.KindReaction:
		return &waE2E.Message{ReactionMessage: &waE2E.ReactionMessage{
			Key: key, Text: proto.String(m.Text), SenderTimestampMS: proto.Int64(m.Timestamp * 1000),
		}}
	case world.KindEdit:
		return &waE2E.Message{EditedMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
			Key: key, Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), TimestampMS: proto.Int64(m.Timestamp * 1000),
			EditedMessage: &waE2E.Message{Conversation: proto.String(m.Text)},
		}}}}
	case world.KindRevoke:
		return &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Key: key, Type: waE2E.ProtocolMessage_REVOKE.Enum()}}
	default:
		return c.world.Content(m)
	}
}

// key names the message that another one changes, as the sender of the change sees it.
func (c *Contacts) key(m, target world.Message) *waCommon.MessageKey {
	if m.Target == "" {
		return nil
	}
	chat := m.Chat
	if chat.Server != types.GroupServer {
		chat = c.world.Account().LID
	}
	key := &waCommon.MessageKey{
		RemoteJID: proto.String(chat.String()), ID: proto.String(m.Target), FromMe: proto.Bool(target.Sender == m.Sender),
	}
	if m.Chat.Server == types.GroupServer {
		key.Participant = proto.String(target.Sender.String())
	}
	return key
}

// Read sends a contact's read receipt for the account's own messages.
func (c *Contacts) Read(contact world.Contact, chat types.JID, ids []string) error {
	if err := c.mayWrite(contact, chat); err != nil {
		return err
	}
	c.server.Broadcast(0, c.receipt(contact, chat, server.ReceiptRead, ids))
	return nil
}

func (c *Contacts) receipt(contact world.Contact, chat types.JID, kind string, ids []string) binary.Node {
	attrs := binary.Attrs{"id": ids[0], "t": time.Now().Unix(), "from": contact.LID}
	if kind != server.ReceiptDelivery {
		attrs["type"] = kind
	}
	if chat.Server == types.GroupServer {
		attrs["from"], attrs["participant"] = chat, contact.LID
	}
	node := binary.Node{Tag: "receipt", Attrs: attrs}
	if len(ids) > 1 {
		var items []binary.Node
		for _, id := range ids[1:] {
			items = append(items, binary.Node{Tag: "item", Attrs: binary.Attrs{"id": id}})
		}
		node.Content = []binary.Node{{Tag: "list", Content: items}}
	}
	return node
}

func stanzaType(kind world.Kind) string {
	switch kind {
	case world.KindReaction:
		return "reaction"
	case world.KindText, world.KindEdit, world.KindRevoke:
		return "text"
	default:
		return "media"
	}
}
