package world

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.mau.fi/whatsmeow/types"
)

// Errors that callers tell apart; each is wrapped with the name that was asked for.
var (
	ErrUnknownPerson  = errors.New("nobody of that name, number or JID in this world")
	ErrUnknownChat    = errors.New("no such chat in this world")
	ErrUnknownMessage = errors.New("no such message in that chat")
)

// World holds everything. All methods may be called from any goroutine; what they return is the caller's own.
type World struct {
	mu          sync.RWMutex
	clock       func() time.Time
	account     Account
	contacts    []*Contact
	groups      []*Group
	communities []Community
	newsletters []*Newsletter
	chats       map[types.JID]*chat
	// byUser finds people by their PN and by their LID.
	byUser map[types.JID]*Contact
}

// New returns a world with nobody in it but the account. The clock (time.Now, unless a test moves it) dates what is appended without a time.
func New(account Account, clock func() time.Time) *World {
	return &World{
		clock:   clock,
		account: account,
		chats:   map[types.JID]*chat{},
		byUser:  map[types.JID]*Contact{},
	}
}

// Now is the world's time.
func (w *World) Now() time.Time { return w.clock() }

// Account returns whose phone this is.
func (w *World) Account() Account { return w.account }

// ChatJID finds a chat by what a human writes: the name of a person or group, a number or a JID. Direct chats answer with the LID.
func (w *World) ChatJID(what string) (types.JID, error) {
	w.mu.RLock()
	for _, g := range w.groups {
		if g.Name == what || g.JID.String() == what {
			w.mu.RUnlock()
			return g.JID, nil
		}
	}
	w.mu.RUnlock()
	c, err := w.Person(what)
	if err != nil {
		return types.EmptyJID, fmt.Errorf("%q: %w", what, ErrUnknownChat)
	}
	return c.LID, nil
}

// CanonicalChat turns any address of a chat into the one the world files it under: no device, LID for people. It reports whether the chat can exist.
func (w *World) CanonicalChat(jid types.JID) (types.JID, bool) {
	if jid.Server == types.GroupServer {
		g, ok := w.Group(jid)
		return jid, ok && g.Joined
	}
	return w.LID(jid)
}

// Members returns who hears what is said in a chat, without the account: the group's other participants, or the one contact.
func (w *World) Members(chat types.JID) []Contact {
	if c, ok := w.Contact(chat); ok {
		return []Contact{c}
	}
	g, _ := w.Group(chat)
	var out []Contact
	for _, p := range g.Participants {
		if c, ok := w.Contact(p.LID); ok {
			out = append(out, c)
		}
	}
	return out
}

// Chats returns the chat list, the chat that spoke last first. Joined groups without messages are in it, contacts without are not.
func (w *World) Chats() []ChatSummary {
	w.mu.RLock()
	defer w.mu.RUnlock()
	out := make([]ChatSummary, 0, len(w.chats))
	for jid := range w.chats {
		out = append(out, w.summary(jid))
	}
	for _, g := range w.groups {
		if _, there := w.chats[g.JID]; g.Joined && !there {
			out = append(out, w.summary(g.JID))
		}
	}
	slices.SortFunc(out, func(a, b ChatSummary) int {
		return cmp.Or(cmp.Compare(b.LastAt, a.LastAt), cmp.Compare(a.JID.String(), b.JID.String()))
	})
	return out
}

// Chat returns one row of the chat list, named by any address.
func (w *World) Chat(jid types.JID) (ChatSummary, bool) {
	canonical, ok := w.CanonicalChat(jid)
	if !ok {
		return ChatSummary{}, false
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.summary(canonical), true
}

func (w *World) summary(jid types.JID) ChatSummary {
	s := ChatSummary{JID: jid}
	if c, ok := w.byUser[jid]; ok {
		s.Name = c.Name
		if !c.PNHidden {
			s.PN = c.PN
		}
	} else if g := w.group(jid); g != nil {
		s.Name = g.Name
	} else if w.IsMe(jid) {
		s.Name, s.PN = w.account.Name, w.account.PN
	}
	if c, ok := w.chats[jid]; ok {
		s.ChatState = c.state
		s.Messages = c.len()
		s.Pushed = c.pushed()
		if s.Messages > 0 {
			s.LastAt = c.at(s.Messages - 1).Timestamp
		}
	}
	return s
}
