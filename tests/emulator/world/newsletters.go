package world

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.mau.fi/whatsmeow/types"
)

// Errors that callers tell apart; each is wrapped with what was asked for.
var (
	ErrUnknownNewsletter = errors.New("no such newsletter in this world")
	ErrUnknownPost       = errors.New("no such post in that newsletter")
)

// NewsletterRole is what the account is to a newsletter; the values are those of the wire.
type NewsletterRole string

// The roles.
const (
	RoleGuest      NewsletterRole = "GUEST"
	RoleSubscriber NewsletterRole = "SUBSCRIBER"
	RoleOwner      NewsletterRole = "OWNER"
)

// Newsletter is a channel: few write, many read, nobody is seen.
type Newsletter struct {
	JID         types.JID
	Name        string
	Description string
	// Invite is the last part of the invite link.
	Invite   string
	Verified bool
	// Subscribers counts the account too, if it follows.
	Subscribers int
	// Created is in Unix seconds.
	Created int64
	Role    NewsletterRole
	// Posts are in the order of their server IDs.
	Posts []Post
}

// Follows tells whether the account gets what is posted.
func (n Newsletter) Follows() bool { return n.Role != RoleGuest }

// Post is a message of a newsletter. The server counts them, and reactions name that number.
type Post struct {
	ServerID int
	ID       string
	Text     string
	// Timestamp is in Unix seconds.
	Timestamp int64
	// Reactions are other people's, counted by emoji; Own is the account's, or "".
	Reactions map[string]int
	Own       string
}

// Counts are all reactions by emoji, as everybody sees them.
func (p Post) Counts() map[string]int {
	counts := maps.Clone(p.Reactions)
	if counts == nil {
		counts = map[string]int{}
	}
	if p.Own != "" {
		counts[p.Own]++
	}
	return counts
}

func (n Newsletter) clone() Newsletter {
	n.Posts = slices.Clone(n.Posts)
	for i := range n.Posts {
		n.Posts[i].Reactions = maps.Clone(n.Posts[i].Reactions)
	}
	return n
}

// AddNewsletter makes a newsletter known. Its posts are numbered anew, from 100 on.
func (w *World) AddNewsletter(n Newsletter) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, known := range w.newsletters {
		if known.JID == n.JID || known.Invite == n.Invite {
			return fmt.Errorf("newsletter %q: its JID or invite is that of %q", n.Name, known.Name)
		}
	}
	n = n.clone()
	for i := range n.Posts {
		n.Posts[i].ServerID = firstPost + i
	}
	w.newsletters = append(w.newsletters, &n)
	return nil
}

const firstPost = 100

// CreateNewsletter makes a newsletter of the account's own.
func (w *World) CreateNewsletter(name, description string) (Newsletter, error) {
	n := Newsletter{
		JID: newNewsletterJID(), Name: name, Description: description, Invite: "0029Va" + randomHex(8),
		Created: w.Now().Unix(), Role: RoleOwner,
	}
	return n, w.AddNewsletter(n)
}

// Newsletters returns all there are, followed or not.
func (w *World) Newsletters() []Newsletter {
	w.mu.RLock()
	defer w.mu.RUnlock()
	out := make([]Newsletter, len(w.newsletters))
	for i, n := range w.newsletters {
		out[i] = n.clone()
	}
	return out
}

// Newsletter finds a newsletter by what a human writes or a client asks for: a JID, a name, an invite link or its code.
func (w *World) Newsletter(what string) (Newsletter, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	n, err := w.newsletter(what)
	if err != nil {
		return Newsletter{}, err
	}
	return n.clone(), nil
}

func (w *World) newsletter(what string) (*Newsletter, error) {
	invite := what[strings.LastIndexByte(what, '/')+1:]
	for _, n := range w.newsletters {
		if n.JID.String() == what || n.Name == what || n.Invite == invite {
			return n, nil
		}
	}
	return nil, fmt.Errorf("%q: %w", what, ErrUnknownNewsletter)
}

// Follow changes what the account is to a newsletter. An owner stays one.
func (w *World) Follow(jid types.JID, follow bool) (Newsletter, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.newsletter(jid.String())
	if err != nil {
		return Newsletter{}, err
	}
	switch {
	case follow && n.Role == RoleGuest:
		n.Role = RoleSubscriber
		n.Subscribers++
	case !follow && n.Role == RoleSubscriber:
		n.Role = RoleGuest
		n.Subscribers--
	}
	return n.clone(), nil
}

// Publish posts something.
func (w *World) Publish(jid types.JID, text string) (Post, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.newsletter(jid.String())
	if err != nil {
		return Post{}, err
	}
	post := Post{ServerID: firstPost + len(n.Posts), ID: NewAndroidID(), Text: text, Timestamp: w.clock().Unix()}
	n.Posts = append(n.Posts, post)
	return post, nil
}

// ReactToPost sets the account's reaction; "" takes it back.
func (w *World) ReactToPost(jid types.JID, serverID int, emoji string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.newsletter(jid.String())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(n.Posts, func(p Post) bool { return p.ServerID == serverID })
	if i < 0 {
		return fmt.Errorf("%d: %w", serverID, ErrUnknownPost)
	}
	n.Posts[i].Own = emoji
	return nil
}
