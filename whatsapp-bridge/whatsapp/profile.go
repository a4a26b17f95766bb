package whatsapp

import (
	"context"
	"unicode/utf8"

	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// aboutSize is how many characters an about text may have.
const aboutSize = 139

// OwnAbout is the account's about text after it was set.
type OwnAbout struct {
	About string `json:"about"`
}

// SetAbout sets the text under the account's name; "" takes it away.
//
// Errors: TEXT_TOO_LONG, NOT_PAIRED and its like.
func (c *Client) SetAbout(ctx context.Context, text string) (OwnAbout, error) {
	if utf8.RuneCountInString(text) > aboutSize {
		return OwnAbout{}, fault.New(fault.TextTooLong, "An about text has 139 characters at most.").
			WithDetails(fault.Details{Expected: aboutSize, Found: utf8.RuneCountInString(text)})
	}
	library, err := c.ready()
	if err != nil {
		return OwnAbout{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	if err := library.SetStatusMessage(ctx, types.SetStatusInput{Text: &text}); err != nil {
		return OwnAbout{}, refusal(err)
	}
	return OwnAbout{About: text}, c.store.SaveAbout(ctx, bare(c.Own().JID), text)
}
