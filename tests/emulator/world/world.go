package world

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	chats       map[types.JID]*chat
	// byUser finds people by the user part of a PN or LID: the two number spaces do not meet.
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

// IsMe reports whether the JID, PN or LID, on whatever device, is the account's.
func (w *World) IsMe(jid types.JID) bool {
	jid = jid.ToNonAD()
	return jid == w.account.PN || jid == w.account.LID
}

// AddContact makes somebody known. Addresses must be new.
func (w *World) AddContact(c Contact) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, jid := range []types.JID{c.PN, c.LID} {
		if _, taken := w.byUser[jid]; taken || w.IsMe(jid) {
			return fmt.Errorf("contact %q: %s belongs to somebody else already", c.Name, jid)
		}
	}
	w.contacts = append(w.contacts, &c)
	w.byUser[c.PN], w.byUser[c.LID] = &c, &c
	return nil
}

// AddCommunity makes a community known; its groups are added after it.
func (w *World) AddCommunity(c Community) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.community(c.JID) >= 0 || w.group(c.JID) != nil {
		return fmt.Errorf("community %q: %s is taken", c.Name, c.JID)
	}
	w.communities = append(w.communities, c)
	return nil
}

// AddGroup makes a group known. Participants who are contacts get their PN filled in by Group and Groups.
func (w *World) AddGroup(g Group) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.community(g.JID) >= 0 || w.group(g.JID) != nil {
		return fmt.Errorf("group %q: %s is taken", g.Name, g.JID)
	}
	if !g.Community.IsEmpty() && w.community(g.Community) < 0 {
		return fmt.Errorf("group %q: community %s is not known", g.Name, g.Community)
	}
	g.Participants = slices.Clone(g.Participants)
	w.groups = append(w.groups, &g)
	return nil
}

// Contacts returns everybody but the account, in the order they were added.
func (w *World) Contacts() []Contact {
	w.mu.RLock()
	defer w.mu.RUnlock()
	out := make([]Contact, len(w.contacts))
	for i, c := range w.contacts {
		out[i] = *c
	}
	return out
}

// Contact finds a person by PN or LID.
func (w *World) Contact(jid types.JID) (Contact, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	c, ok := w.byUser[jid.ToNonAD()]
	if !ok {
		return Contact{}, false
	}
	return *c, true
}

// Person finds a contact by what a human writes: a name, a push name, a phone number or a JID.
func (w *World) Person(who string) (Contact, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, c := range w.contacts {
		if c.Name == who || c.PushName == who {
			return *c, nil
		}
	}
	if strings.Contains(who, "@") {
		if jid, err := types.ParseJID(who); err == nil {
			if c, ok := w.byUser[jid.ToNonAD()]; ok {
				return *c, nil
			}
		}
	} else if c, ok := w.byUser[types.NewJID(strings.TrimPrefix(who, "+"), types.DefaultUserServer)]; ok {
		return *c, nil
	}
	return Contact{}, fmt.Errorf("%q: %w", who, ErrUnknownPerson)
}

// RevealPN ends a contact's hiding: from now on member lists and history tell both addresses.
func (w *World) RevealPN(jid types.JID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.byUser[jid.ToNonAD()]
	if !ok {
		return fmt.Errorf("%s: %w", jid, ErrUnknownPerson)
	}
	c.PNHidden = false
	return nil
}

// LID returns the LID of a person (the account included) named by either address.
func (w *World) LID(jid types.JID) (types.JID, bool) {
	if w.IsMe(jid) {
		return w.account.LID, true
	}
	c, ok := w.Contact(jid)
	return c.LID, ok
}

// PN returns the phone number of a person (the account included) named by either address, hidden or not.
func (w *World) PN(jid types.JID) (types.JID, bool) {
	if w.IsMe(jid) {
		return w.account.PN, true
	}
	c, ok := w.Contact(jid)
	return c.PN, ok
}

// Groups returns every group, joined or not.
func (w *World) Groups() []Group {
	w.mu.RLock()
	defer w.mu.RUnlock()
	out := make([]Group, len(w.groups))
	for i, g := range w.groups {
		out[i] = w.copyGroup(g)
	}
	return out
}

// Group finds a group by JID.
func (w *World) Group(jid types.JID) (Group, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	g := w.group(jid)
	if g == nil {
		return Group{}, false
	}
	return w.copyGroup(g), true
}

// Communities returns every community the account is in.
func (w *World) Communities() []Community {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return slices.Clone(w.communities)
}

// Community finds a community by JID.
func (w *World) Community(jid types.JID) (Community, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	i := w.community(jid)
	if i < 0 {
		return Community{}, false
	}
	return w.communities[i], true
}

// CommunityGroups returns a community's groups, the announcement group first.
func (w *World) CommunityGroups(community types.JID) []Group {
	groups := slices.DeleteFunc(w.Groups(), func(g Group) bool { return g.Community != community })
	slices.SortStableFunc(groups, func(a, b Group) int {
		switch {
		case a.Announcement == b.Announcement:
			return 0
		case a.Announcement:
			return -1
		default:
			return 1
		}
	})
	return groups
}

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

func (w *World) group(jid types.JID) *Group {
	for _, g := range w.groups {
		if g.JID == jid {
			return g
		}
	}
	return nil
}

func (w *World) community(jid types.JID) int {
	return slices.IndexFunc(w.communities, func(c Community) bool { return c.JID == jid })
}

func (w *World) copyGroup(g *Group) Group {
	out := *g
	out.Participants = slices.Clone(g.Participants)
	for i, p := range out.Participants {
		switch c := w.byUser[p.LID]; {
		case p.LID == w.account.LID:
			out.Participants[i].PN = w.account.PN
		case c != nil && !c.PNHidden:
			out.Participants[i].PN = c.PN
		}
	}
	return out
}
