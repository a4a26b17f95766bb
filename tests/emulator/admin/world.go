package admin

import (
	"fmt"
	"net/http"

	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/world"
)

type worldAnswer struct {
	Account     person      `json:"account"`
	Contacts    []contact   `json:"contacts"`
	Groups      []group     `json:"groups"`
	Communities []community `json:"communities"`
	Chats       []chat      `json:"chats"`
}

type person struct {
	Name string `json:"name"`
	PN   string `json:"pn"`
	LID  string `json:"lid"`
}

type contact struct {
	person
	PushName string `json:"push_name"`
	Saved    bool   `json:"saved"`
	About    string `json:"about"`
	// Hides holds about and picture.
	Hides     []string `json:"hides"`
	PictureID string   `json:"picture_id,omitempty"`
	Business  bool     `json:"business"`
}

type group struct {
	JID          string   `json:"jid"`
	Name         string   `json:"name"`
	CommunityJID string   `json:"community_jid,omitempty"`
	Joined       bool     `json:"joined"`
	Announcement bool     `json:"announcement"`
	Participants []string `json:"participants"`
	PictureID    string   `json:"picture_id,omitempty"`
}

type community struct {
	JID       string `json:"jid"`
	Name      string `json:"name"`
	PictureID string `json:"picture_id,omitempty"`
}

type chat struct {
	JID      string `json:"jid"`
	PN       string `json:"pn,omitempty"`
	Name     string `json:"name"`
	Messages int    `json:"messages"`
	// Pushed is how many of the newest ones linking a device brings by itself.
	Pushed     int   `json:"pushed"`
	Unread     int   `json:"unread"`
	Archived   bool  `json:"archived"`
	Pinned     bool  `json:"pinned"`
	MutedUntil int64 `json:"muted_until,omitempty"`
}

func (a *API) world(*http.Request, none) (worldAnswer, error) {
	account := a.World.Account()
	out := worldAnswer{
		Account:  person{Name: account.Name, PN: account.PN.String(), LID: account.LID.String()},
		Contacts: []contact{}, Groups: []group{}, Communities: []community{}, Chats: []chat{},
	}
	for _, c := range a.World.Contacts() {
		out.Contacts = append(out.Contacts, contact{
			person: person{Name: c.Name, PN: c.PN.String(), LID: c.LID.String()}, PushName: c.PushName, Saved: c.Saved,
			About: c.About, Hides: c.Hides.Names(), PictureID: pictureID(c.Picture), Business: c.Business != nil,
		})
	}
	for _, g := range a.World.Groups() {
		out.Groups = append(out.Groups, describeGroup(g))
	}
	for _, c := range a.World.Communities() {
		out.Communities = append(out.Communities, community{JID: c.JID.String(), Name: c.Name, PictureID: pictureID(c.Picture)})
	}
	for _, c := range a.World.Chats() {
		out.Chats = append(out.Chats, chat{
			JID: c.JID.String(), PN: c.PN.String(), Name: c.Name, Messages: c.Messages, Pushed: c.Pushed, Unread: c.Unread,
			Archived: c.Archived, Pinned: c.Pinned, MutedUntil: c.MutedUntil,
		})
	}
	return out, nil
}

func describeGroup(g world.Group) group {
	out := group{
		JID: g.JID.String(), Name: g.Name, CommunityJID: g.Community.String(),
		Joined: g.Joined, Announcement: g.Announcement, Participants: []string{},
		PictureID: pictureID(g.Picture),
	}
	for _, participant := range g.Participants {
		out.Participants = append(out.Participants, participant.LID.String())
	}
	return out
}

// chatJID finds a chat by a name, a number or a JID.
func (a *API) chatJID(what string) (types.JID, error) {
	if what == "" {
		return types.EmptyJID, fmt.Errorf("which chat? give a name or a JID: %w", world.ErrUnknownChat)
	}
	if jid, err := types.ParseJID(what); err == nil {
		if canonical, ok := a.World.CanonicalChat(jid); ok {
			return canonical, nil
		}
	}
	return a.World.ChatJID(what)
}
