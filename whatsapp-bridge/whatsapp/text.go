package whatsapp

import (
	"context"
	"unicode/utf8"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// TextMessage is a text on its way out. Chat is a JID, a phone number or a name; Key is the idempotency key, or "".
type TextMessage struct {
	Chat     string
	Text     string
	QuotedID string
	Key      string
}

// SendText sends a text once, as an answer where a message is quoted.
//
// Errors: TEXT_TOO_LONG, those of Resolve, NOT_PAIRED and its like, RECIPIENT_UNREACHABLE, NOT_GROUP_MEMBER, MESSAGE_NOT_FOUND for the
// quoted message.
func (c *Client) SendText(ctx context.Context, message TextMessage) (SentMessage, error) {
	if err := fits(message.Text); err != nil {
		return SentMessage{}, err
	}
	return c.send(ctx, message.outgoing(c))
}

// longestText is in characters.
const longestText = 65_536

func fits(text string) error {
	if utf8.RuneCountInString(text) <= longestText {
		return nil
	}
	return fault.New(fault.TextTooLong, "")
}

func (m TextMessage) outgoing(c *Client) outgoing {
	return outgoing{
		chat: m.Chat, key: m.Key, said: []string{m.Text, m.QuotedID},
		write: func(ctx context.Context, address store.Address, to target) (*waE2E.Message, error) {
			if m.QuotedID == "" {
				return &waE2E.Message{Conversation: proto.String(m.Text)}, nil
			}
			quoted, err := c.store.Message(ctx, address.JID, m.QuotedID)
			if err != nil {
				return nil, err
			}
			info, err := c.quote(ctx, to.jid, quoted)
			if err != nil {
				return nil, err
			}
			return &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{
				Text: proto.String(m.Text), ContextInfo: info,
			}}, nil
		},
	}
}

// quote points at the stored message that is answered: its content as it is shown now, its author as this chat addresses people.
func (c *Client) quote(ctx context.Context, chat types.JID, quoted store.StoredMessage) (*waE2E.ContextInfo, error) {
	author, err := c.wireSender(ctx, chat, quoted.SenderJID)
	if err != nil {
		return nil, err
	}
	original := current(quoted)
	if original == nil {
		original = &waE2E.Message{Conversation: proto.String(quoted.Text)}
	}
	return &waE2E.ContextInfo{
		StanzaID: proto.String(quoted.ID), Participant: proto.String(bare(author)), QuotedMessage: original,
	}, nil
}
