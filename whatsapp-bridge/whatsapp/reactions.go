package whatsapp

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// React puts the account's one reaction on a message, in place of the one before; "" takes it back.
//
// Errors: those of MessageByID and of a send, INVALID_ARGUMENT for what is no emoji or no message any more.
func (c *Client) React(ctx context.Context, on MessageRef, emoji string) (SentMessage, error) {
	if emoji != "" && !isEmoji(emoji) {
		return SentMessage{}, fault.Argument("emoji", "must be one emoji such as 👍, or empty to take the reaction back")
	}
	return c.change(ctx, on, actReact, emoji, func(ctx context.Context, to target, original store.StoredMessage) (*waE2E.Message, error) {
		if to.jid.Server == types.NewsletterServer {
			return nil, fault.Argument("chat_jid", "is a newsletter").WithResolution("Use react_to_newsletter_post.")
		}
		author, err := c.wireSender(ctx, to.jid, original.SenderJID)
		if err != nil {
			return nil, err
		}
		reaction := c.library().BuildReaction(to.jid, author, original.ID, emoji)
		if c.groups.announcement(to.jid) {
			return c.hideReaction(ctx, to.jid, author, reaction.GetReactionMessage())
		}
		return reaction, nil
	})
}

// hideReaction encrypts a reaction once more, with the secret of the message it is about. WhatsApp wants this in a
// community's announcement group, whose members do not see each other.
func (c *Client) hideReaction(ctx context.Context, chat, author types.JID, reaction *waE2E.ReactionMessage) (*waE2E.Message, error) {
	root := &types.MessageInfo{
		MessageSource: types.MessageSource{Chat: chat, Sender: author, IsGroup: true}, ID: reaction.GetKey().GetID(),
	}
	hidden, err := c.library().EncryptReaction(ctx, root, reaction)
	if errors.Is(err, whatsmeow.ErrOriginalMessageSecretNotFound) {
		return nil, unfit("came without the secret that a reaction in an announcement group needs")
	}
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "")
	}
	return &waE2E.Message{EncReactionMessage: hidden}, nil
}

// isEmoji tells whether a text is one emoji. Phones show nothing for a word or for several emojis, and say nothing
// about it either.
func isEmoji(text string) bool {
	const joiner, keycap = '\u200d', '\u20e3'
	symbols, flags, before := 0, 0, rune(0)
	for _, r := range text {
		switch {
		case r >= '🇦' && r <= '🇿':
			flags++
		case r == keycap, strings.ContainsRune("‼⁉〰", r), r > unicode.MaxASCII && unicode.In(r, unicode.So, unicode.Sm):
			if before != joiner {
				symbols++
			}
		case unicode.In(r, unicode.M, unicode.Cf, unicode.Sk), strings.ContainsRune("0123456789#*", r):
		default:
			return false
		}
		before = r
	}
	return symbols == 1 && flags == 0 || symbols == 0 && flags == 2
}
