package admin

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/jpeg"
	"net/http"

	"whatsapp-mcp/emulator/world"
)

type profileAnswer struct {
	About string `json:"about"`
	// Picture is missing when the account has none.
	Picture *picture `json:"picture,omitempty"`
}

type picture struct {
	ID     string `json:"id"`
	SHA256 string `json:"sha256"`
	Bytes  int    `json:"bytes"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// profile is what the account shows of itself.
func (a *API) profile(*http.Request, none) (profileAnswer, error) {
	answer := profileAnswer{About: a.Server.About()}
	shown := a.Server.OwnPicture()
	if shown == nil {
		return answer, nil
	}
	config, err := jpeg.DecodeConfig(bytes.NewReader(shown.JPEG))
	if err != nil {
		return answer, fmt.Errorf("read the account's picture: %w", err)
	}
	sum := sha256.Sum256(shown.JPEG)
	answer.Picture = &picture{
		ID: shown.ID, SHA256: hex.EncodeToString(sum[:]), Bytes: len(shown.JPEG), Width: config.Width, Height: config.Height,
	}
	return answer, nil
}

type profileRequest struct {
	Contact string `json:"contact"`
	// What is absent stays.
	About *string `json:"about,omitempty"`
	// Picture makes a new one, or takes it away.
	Picture *bool `json:"picture,omitempty"`
	// Hides holds about and picture.
	Hides *[]string `json:"hides,omitempty"`
}

// changeProfile lets a contact change what they show, and to whom.
func (a *API) changeProfile(_ *http.Request, request profileRequest) (none, error) {
	contact, err := a.World.Person(request.Contact)
	if err != nil {
		return none{}, err
	}
	change := world.Profile{About: request.About, Picture: request.Picture}
	if request.Hides != nil {
		hides, err := world.ParseHidden(*request.Hides)
		if err != nil {
			return none{}, err
		}
		change.Hides = &hides
	}
	return none{}, a.Server.SetProfile(contact.LID, change)
}

func pictureID(shown *world.Picture) string {
	if shown == nil {
		return ""
	}
	return shown.ID
}
