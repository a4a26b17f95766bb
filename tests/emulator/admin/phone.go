package admin

import (
	"net/http"

	"whatsapp-mcp/emulator/phone"
)

type phoneSayRequest struct {
	Chat string `json:"chat"`
	Text string `json:"text"`
}

func (a *API) phoneSay(r *http.Request, request phoneSayRequest) (said, error) {
	chat, err := a.chatJID(request.Chat)
	if err != nil {
		return said{}, err
	}
	filed, err := a.Phone.Say(r.Context(), chat, request.Text)
	return said{ID: filed.ID, Timestamp: filed.Timestamp}, err
}

type phoneReadRequest struct {
	Chat string `json:"chat"`
}

func (a *API) phoneRead(r *http.Request, request phoneReadRequest) (none, error) {
	chat, err := a.chatJID(request.Chat)
	if err != nil {
		return none{}, err
	}
	return none{}, a.Phone.Read(r.Context(), chat)
}

type phoneMarkRequest struct {
	Chat     string `json:"chat"`
	Archived *bool  `json:"archived,omitempty"`
	Pinned   *bool  `json:"pinned,omitempty"`
	// MutedUntil is in Unix seconds, 0 not muted, -1 for ever.
	MutedUntil *int64 `json:"muted_until,omitempty"`
}

// phoneMark archives, pins or mutes a chat with the phone in hand.
func (a *API) phoneMark(r *http.Request, request phoneMarkRequest) (none, error) {
	chat, err := a.chatJID(request.Chat)
	if err != nil {
		return none{}, err
	}
	return none{}, a.Phone.Mark(r.Context(), chat, phone.Marks{
		Archived: request.Archived, Pinned: request.Pinned, MutedUntil: request.MutedUntil,
	})
}

type phoneBlockRequest struct {
	Contact string `json:"contact"`
	Blocked bool   `json:"blocked"`
}

func (a *API) phoneBlock(_ *http.Request, request phoneBlockRequest) (none, error) {
	contact, err := a.World.Person(request.Contact)
	if err != nil {
		return none{}, err
	}
	a.Server.Block(contact, request.Blocked)
	return none{}, nil
}

type phonePrivacyRequest struct {
	// Name is last, online, profile, status, readreceipts, groupadd or calladd.
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (a *API) phonePrivacy(_ *http.Request, request phonePrivacyRequest) (none, error) {
	return none{}, a.Server.SetPrivacy(request.Name, request.Value)
}
