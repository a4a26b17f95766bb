package whatsapp

import (
	"context"
	"errors"
	"unicode/utf8"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/media"
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
	ctx, cancel := lasting(ctx, sendTime)
	defer cancel()
	if err := library.SetStatusMessage(ctx, types.SetStatusInput{Text: &text}); err != nil {
		return OwnAbout{}, refusal(err)
	}
	return OwnAbout{About: text}, c.store.SaveAbout(ctx, bare(c.Own().JID), text)
}

// OwnPicture is the account's picture after it was set; sizes in pixels.
type OwnPicture struct {
	ID     string `json:"id"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// SetPicture makes the account's picture of a file: the middle of any JPEG, PNG or WebP.
//
// Errors: those of media.Outbox, FILE_TOO_LARGE, INVALID_MEDIA_TYPE, NOT_PAIRED and its like.
func (c *Client) SetPicture(ctx context.Context, path string) (OwnPicture, error) {
	portrait, err := c.portrait(path)
	if err != nil {
		return OwnPicture{}, err
	}
	library, err := c.ready()
	if err != nil {
		return OwnPicture{}, err
	}
	ctx, cancel := lasting(ctx, sendTime)
	defer cancel()
	// The picture of no group is the account's own.
	id, err := library.SetGroupPhoto(ctx, types.EmptyJID, portrait)
	switch {
	case errors.Is(err, whatsmeow.ErrInvalidImageFormat):
		return OwnPicture{}, fault.Wrap(fault.InvalidMediaType, err, "WhatsApp does not take this picture.")
	case err != nil:
		return OwnPicture{}, refusal(err)
	}
	return OwnPicture{ID: id, Width: media.PortraitSide, Height: media.PortraitSide}, nil
}

func (c *Client) portrait(path string) ([]byte, error) {
	file, err := c.outbox.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if !media.Fits(media.Image, file.Mime) {
		return nil, fault.New(fault.InvalidMediaType, "A profile picture is made of a JPEG, PNG or WebP file.")
	}
	if err := file.Check(media.Image); err != nil {
		return nil, fault.From(err).WithResolution("Choose a smaller picture.")
	}
	content, err := file.Bytes()
	if err != nil {
		return nil, err
	}
	return media.Portrait(content)
}
