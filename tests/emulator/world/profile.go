package world

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strconv"

	"go.mau.fi/whatsmeow/types"
)

// Hidden is what a contact's privacy settings keep from the account.
type Hidden struct {
	About, Picture bool
}

// ParseHidden reads the names that scenarios and tests use: "about" and "picture".
func ParseHidden(names []string) (Hidden, error) {
	var h Hidden
	for _, name := range names {
		switch name {
		case "about":
			h.About = true
		case "picture":
			h.Picture = true
		default:
			return Hidden{}, fmt.Errorf("what can be hidden is about and picture, not %q", name)
		}
	}
	return h, nil
}

// Names is the other way round.
func (h Hidden) Names() []string {
	names := []string{}
	if h.About {
		names = append(names, "about")
	}
	if h.Picture {
		names = append(names, "picture")
	}
	return names
}

// Picture is what somebody, or a group, shows beside the name: a square JPEG.
type Picture struct {
	// ID is new for each picture.
	ID   string
	JPEG []byte
}

// NewPicture gives a JPEG its ID.
func NewPicture(content []byte) *Picture {
	id := make([]byte, 4)
	_, _ = rand.Read(id) // crypto/rand.Read never fails
	return &Picture{ID: strconv.FormatUint(uint64(binary.BigEndian.Uint32(id)), 10), JPEG: content}
}

const pictureSide = 640

// DrawPicture makes a picture of a name: a disc on a ground, which looks the same for the same name.
func DrawPicture(name string) *Picture {
	sum := sha256.Sum256([]byte(name))
	ground, disc := color.RGBA{sum[0], sum[1], sum[2], 255}, color.RGBA{sum[3], sum[4], sum[5], 255}
	drawn := image.NewRGBA(image.Rect(0, 0, pictureSide, pictureSide))
	for y := range pictureSide {
		for x := range pictureSide {
			dx, dy := x-pictureSide/2, y-pictureSide/2
			at := ground
			if dx*dx+dy*dy < pictureSide*pictureSide/9 {
				at = disc
			}
			drawn.SetRGBA(x, y, at)
		}
	}
	var encoded bytes.Buffer
	_ = jpeg.Encode(&encoded, drawn, nil) // a buffer takes everything, and the size is allowed
	return NewPicture(encoded.Bytes())
}

func shownIf(wanted bool, name string) *Picture {
	if !wanted {
		return nil
	}
	return DrawPicture(name)
}

// Profile is what a contact changes of what others see; what is nil stays.
type Profile struct {
	About *string
	// Picture makes a new one, or takes it away.
	Picture *bool
	Hides   *Hidden
}

// SetProfile changes a contact's profile, and returns the contact as it is now.
func (w *World) SetProfile(who types.JID, change Profile) (Contact, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.byUser[who.ToNonAD()]
	if !ok {
		return Contact{}, fmt.Errorf("%s: %w", who, ErrUnknownPerson)
	}
	if change.About != nil {
		c.About = *change.About
	}
	switch {
	case change.Picture == nil:
	case *change.Picture:
		c.Picture = DrawPicture(c.Name + NewCompanionID())
	default:
		c.Picture = nil
	}
	if change.Hides != nil {
		c.Hides = *change.Hides
	}
	return *c, nil
}
