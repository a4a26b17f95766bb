package admin

import (
	"net/http"

	"whatsapp-mcp/emulator/world"
)

type newsletter struct {
	JID         string `json:"jid"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Invite      string `json:"invite"`
	Subscribers int    `json:"subscribers"`
	Verified    bool   `json:"verified"`
	Followed    bool   `json:"followed"`
	Owned       bool   `json:"owned"`
	Posts       []post `json:"posts"`
}

// post counts all reactions; Own is the account's among them.
type post struct {
	ServerID  int            `json:"server_id"`
	ID        string         `json:"id"`
	Text      string         `json:"text"`
	Reactions map[string]int `json:"reactions"`
	Own       string         `json:"own,omitempty"`
}

// newsletters are all there are, with what the account and others did to their posts.
func (a *API) newsletters(*http.Request, none) ([]newsletter, error) {
	out := []newsletter{}
	for _, n := range a.World.Newsletters() {
		row := newsletter{
			JID: n.JID.String(), Name: n.Name, Description: n.Description, Invite: n.Invite, Subscribers: n.Subscribers,
			Verified: n.Verified, Followed: n.Follows(), Owned: n.Role == world.RoleOwner, Posts: []post{},
		}
		for _, p := range n.Posts {
			row.Posts = append(row.Posts, post{ServerID: p.ServerID, ID: p.ID, Text: p.Text, Reactions: p.Counts(), Own: p.Own})
		}
		out = append(out, row)
	}
	return out, nil
}

type followRequest struct {
	// Newsletter is a name, a JID or an invite.
	Newsletter string `json:"newsletter"`
	Followed   bool   `json:"followed"`
}

// followNewsletter follows a newsletter on the phone, or leaves it. Companions ask when they log in.
func (a *API) followNewsletter(_ *http.Request, request followRequest) (none, error) {
	n, err := a.World.Newsletter(request.Newsletter)
	if err != nil {
		return none{}, err
	}
	_, err = a.World.Follow(n.JID, request.Followed)
	return none{}, err
}

type publishRequest struct {
	// Newsletter is a name, a JID or an invite.
	Newsletter string `json:"newsletter"`
	Text       string `json:"text"`
}

type published struct {
	ID        string `json:"id"`
	ServerID  int    `json:"server_id"`
	Timestamp int64  `json:"timestamp"`
}

// publish lets a newsletter post something.
func (a *API) publish(_ *http.Request, request publishRequest) (published, error) {
	n, err := a.World.Newsletter(request.Newsletter)
	if err != nil {
		return published{}, err
	}
	post, err := a.Server.Publish(n.JID, request.Text)
	return published{ID: post.ID, ServerID: post.ServerID, Timestamp: post.Timestamp}, err
}
