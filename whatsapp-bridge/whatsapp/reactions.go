package whatsapp

import (
	"context"
	"strings"
	"unicode"

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
		return c.library().BuildReaction(to.jid, author, original.ID, emoji), nil
	})
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
