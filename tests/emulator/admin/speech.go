package admin

import (
	"encoding/hex"
	"fmt"
	"net/http"

	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/residents"
	"whatsapp-mcp/emulator/world"
)

// lidUnmapped is the one way of sending that is not the ordinary one: without the sender's number.
const lidUnmapped = "lid_unmapped"

// act is what all requests about something that a contact does have in common.
type act struct {
	// From is a name, number or JID.
	From string `json:"from"`
	// Chat is a group; absent for the contact's direct chat.
	Chat string `json:"chat,omitempty"`
}

type sayRequest struct {
	act
	Text string `json:"text"`
	ID   string `json:"id,omitempty"`
	// Quote is the ID of a message of the same chat.
	Quote string `json:"quote,omitempty"`
	// Timestamp is in Unix seconds; absent for now.
	Timestamp int64  `json:"timestamp,omitempty"`
	Via       string `json:"via,omitempty"`
	// File makes the text its caption.
	File *fileRequest `json:"file,omitempty"`
}

type reactRequest struct {
	act
	ID    string `json:"id"`
	Emoji string `json:"emoji"`
}

type editRequest struct {
	act
	ID   string `json:"id"`
	Text string `json:"text"`
}

type revokeRequest struct {
	act
	ID string `json:"id"`
}

type readRequest struct {
	act
	// IDs are messages of the account that the contact has read.
	IDs []string `json:"ids"`
}

type said struct {
	ID        string `json:"id"`
	Timestamp int64  `json:"timestamp"`
	// Path and SHA256 (hex) are those of the file that was sent.
	Path   string `json:"path,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
}

func (a *API) say(r *http.Request, request sayRequest) (said, error) {
	if request.Via != "" && request.Via != lidUnmapped {
		return said{}, fmt.Errorf("via is %q or absent, not %q", lidUnmapped, request.Via)
	}
	speech := residents.Speech{
		Message: world.Message{
			ID: request.ID, Text: request.Text, QuotedID: request.Quote, Timestamp: request.Timestamp, Kind: world.KindText,
		},
		Unmapped: request.Via == lidUnmapped,
	}
	if request.File != nil {
		var err error
		if speech.Kind, speech.Media, err = a.attach(*request.File); err != nil {
			return said{}, err
		}
	}
	return a.speak(r, request.act, speech)
}

func (a *API) react(r *http.Request, request reactRequest) (said, error) {
	return a.speak(r, request.act, residents.Speech{Message: world.Message{Kind: world.KindReaction, Target: request.ID, Text: request.Emoji}})
}

func (a *API) edit(r *http.Request, request editRequest) (said, error) {
	return a.speak(r, request.act, residents.Speech{Message: world.Message{Kind: world.KindEdit, Target: request.ID, Text: request.Text}})
}

func (a *API) revoke(r *http.Request, request revokeRequest) (said, error) {
	return a.speak(r, request.act, residents.Speech{Message: world.Message{Kind: world.KindRevoke, Target: request.ID}})
}

func (a *API) speak(r *http.Request, act act, speech residents.Speech) (said, error) {
	contact, chat, err := a.place(act)
	if err != nil {
		return said{}, err
	}
	speech.Sender, speech.Chat = contact.LID, chat
	filed, err := a.Contacts.Speak(r.Context(), speech)
	if err != nil {
		return said{}, err
	}
	answer := said{ID: filed.ID, Timestamp: filed.Timestamp}
	if speech.Media != nil {
		answer.Path, answer.SHA256 = speech.Media.DirectPath, hex.EncodeToString(speech.Media.SHA256)
	}
	return answer, nil
}

func (a *API) read(_ *http.Request, request readRequest) (none, error) {
	contact, chat, err := a.place(request.act)
	if err != nil {
		return none{}, err
	}
	if len(request.IDs) == 0 {
		return none{}, fmt.Errorf("ids names no message")
	}
	return none{}, a.Contacts.Read(contact, chat, request.IDs)
}

func (a *API) place(act act) (world.Contact, types.JID, error) {
	contact, err := a.World.Person(act.From)
	if err != nil {
		return world.Contact{}, types.EmptyJID, err
	}
	if act.Chat == "" {
		return contact, contact.LID, nil
	}
	chat, err := a.chatJID(act.Chat)
	return contact, chat, err
}
