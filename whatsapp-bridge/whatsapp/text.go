package whatsapp

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// TextMessage is a text on its way out. Chat and each of Mentions are a JID, a phone number or a name; Key is the
// idempotency key, or "".
type TextMessage struct {
	Chat     string
	Text     string
	QuotedID string
	Mentions []string
	Key      string
}

// SendText sends a text once, as an answer where a message is quoted.
//
// Errors: TEXT_TOO_LONG, those of Resolve, for the chat and for who is mentioned, NOT_PAIRED and its like,
// RECIPIENT_UNREACHABLE, NOT_GROUP_MEMBER, MESSAGE_NOT_FOUND for the quoted message.
func (c *Client) SendText(ctx context.Context, message TextMessage) (SentMessage, error) {
	if err := textFits(message.Text); err != nil {
		return SentMessage{}, err
	}
	return c.send(ctx, message.outgoing(c))
}

// longestText is in characters.
const longestText = 65_536

func textFits(text string) error {
	if utf8.RuneCountInString(text) <= longestText {
		return nil
	}
	return fault.New(fault.TextTooLong, "")
}

func (m TextMessage) outgoing(c *Client) outgoing {
	return outgoing{
		chat: m.Chat, key: m.Key, said: append([]string{m.Text, m.QuotedID}, m.Mentions...),
		write: func(ctx context.Context, address store.Address, to target) (*waE2E.Message, error) {
			if m.QuotedID == "" && len(m.Mentions) == 0 {
				return &waE2E.Message{Conversation: proto.String(m.Text)}, nil
			}
			info := &waE2E.ContextInfo{}
			if m.QuotedID != "" {
				quoted, err := c.store.Message(ctx, address.JID, m.QuotedID)
				if err != nil {
					return nil, err
				}
				if info, err = c.quote(ctx, to.jid, quoted); err != nil {
					return nil, err
				}
			}
			text, mentioned, err := c.mention(ctx, to.jid, m.Text, m.Mentions)
			if err != nil {
				return nil, err
			}
			info.MentionedJID = mentioned
			return &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{
				Text: proto.String(text), ContextInfo: info,
			}}, nil
		},
	}
}

// mention gives the people as the chat addresses them. WhatsApp shows a name where the text has an @ and this address,
// so that is what it gets in place of an @ and the name or number that was written.
func (c *Client) mention(ctx context.Context, chat types.JID, text string, people []string) (string, []string, error) {
	var mentioned []string
	for _, person := range people {
		address, err := c.store.Resolve(ctx, person)
		if err != nil {
			return "", nil, err
		}
		jid, err := c.wireSender(ctx, chat, address.JID)
		if err != nil {
			return "", nil, err
		}
		if jid.Server != types.DefaultUserServer && jid.Server != types.HiddenUserServer {
			return "", nil, fault.Argument("mentions", "only people can be mentioned")
		}
		number, _, _ := strings.Cut(address.JID, "@")
		for _, written := range []string{person, address.Name, "+" + number, number} {
			if name := strings.TrimPrefix(written, "@"); name != "" {
				text = readdress(text, "@"+name, "@"+jid.User)
			}
		}
		mentioned = append(mentioned, bare(jid))
	}
	return text, mentioned, nil
}

// readdress replaces a mark wherever it is not the beginning of a longer word.
func readdress(text, mark, by string) string {
	before, after, found := strings.Cut(text, mark)
	if !found {
		return text
	}
	put := by
	if next, _ := utf8.DecodeRuneInString(after); unicode.IsLetter(next) || unicode.IsDigit(next) {
		put = mark
	}
	return before + put + readdress(after, mark, by)
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
