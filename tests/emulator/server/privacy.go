package server

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/world"
)

// settings are what the account has set on the server itself.
type settings struct {
	mu      *sync.Mutex
	privacy map[string]string
	blocked map[types.JID]bool
}

// privacyValues are the values that each category knows, the one that a new account has first.
var privacyValues = map[string][]string{
	"last":         {"all", "contacts", "contact_blacklist", "none"},
	"online":       {"all", "match_last_seen"},
	"profile":      {"all", "contacts", "contact_blacklist", "none"},
	"status":       {"all", "contacts", "contact_blacklist", "none"},
	"readreceipts": {"all", "none"},
	"groupadd":     {"all", "contacts", "contact_blacklist", "none"},
	"calladd":      {"all", "known"},
}

func newSettings() settings {
	s := settings{mu: &sync.Mutex{}, privacy: map[string]string{}, blocked: map[types.JID]bool{}}
	for name, values := range privacyValues {
		s.privacy[name] = values[0]
	}
	return s
}

// Privacy is who may see what, by the server's names.
func (s *Server) Privacy() map[string]string {
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	return maps.Clone(s.settings.privacy)
}

// SetPrivacy changes a setting on the phone; the companions are told.
func (s *Server) SetPrivacy(name, value string) error {
	if !slices.Contains(privacyValues[name], value) {
		return fmt.Errorf("privacy %q has no value %q", name, value)
	}
	s.changePrivacy(0, name, value)
	return nil
}

func (s *Server) changePrivacy(by uint16, name, value string) {
	s.settings.mu.Lock()
	s.settings.privacy[name] = value
	s.settings.mu.Unlock()
	s.Broadcast(by, s.notification("account_sync", s.world.Account().PN,
		binary.Node{Tag: "privacy", Content: []binary.Node{category(name, value)}}))
}

func category(name, value string) binary.Node {
	return binary.Node{Tag: "category", Attrs: binary.Attrs{"name": name, "value": value}}
}

// privacy reads and writes who may see what, and takes the tokens by which contacts are trusted.
func (s *Server) privacy(_ context.Context, q *query) ([]binary.Node, *refused) {
	if q.child.Tag == "tokens" {
		return nil, nil
	}
	if q.child.Tag != "privacy" {
		return nil, notImplemented
	}
	if q.set {
		asked := q.child.GetChildrenByTag("category")
		for _, one := range asked {
			if !slices.Contains(privacyValues[attr(one, "name")], attr(one, "value")) {
				return nil, badRequest
			}
		}
		for _, one := range asked {
			s.changePrivacy(q.companion.Device, attr(one, "name"), attr(one, "value"))
		}
	}
	settings := s.Privacy()
	categories := make([]binary.Node, 0, len(settings))
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		categories = append(categories, category(name, settings[name]))
	}
	return []binary.Node{{Tag: "privacy", Content: categories}}, nil
}

// Blocked are the LIDs of everybody whom the account blocks.
func (s *Server) Blocked() []types.JID {
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	return s.settings.list()
}

// Blocks tells whether a person is blocked: what they write is not delivered.
func (s *Server) Blocks(lid types.JID) bool {
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	return s.settings.blocked[lid]
}

// Block blocks a contact on the phone, or lets them in again; the companions are told.
func (s *Server) Block(contact world.Contact, blocked bool) {
	s.changeBlocked(0, contact.LID, blocked)
}

func (s *Server) changeBlocked(by uint16, lid types.JID, blocked bool) {
	s.settings.mu.Lock()
	before := dhash(s.settings.list())
	action := "unblock"
	if blocked {
		action = "block"
		s.settings.blocked[lid] = true
	} else {
		delete(s.settings.blocked, lid)
	}
	now := dhash(s.settings.list())
	s.settings.mu.Unlock()
	item := binary.Node{Tag: "item", Attrs: binary.Attrs{"jid": lid, "action": action}}
	s.Broadcast(by, s.notification("account_sync", s.world.Account().PN, binary.Node{
		Tag: "blocklist", Attrs: binary.Attrs{"dhash": now, "prev_dhash": before}, Content: []binary.Node{item},
	}))
}

// blocklist holds LIDs. Whoever is blocked is named by the number too, by clients that know it.
func (s *Server) blocklist(_ context.Context, q *query) ([]binary.Node, *refused) {
	if q.set {
		lid := jidAttr(q.child, "jid")
		known, ok := s.world.LID(lid)
		if number := jidAttr(q.child, "pn_jid"); !number.IsEmpty() {
			if owner, owned := s.world.LID(number); !owned || owner != lid {
				return nil, badRequest
			}
		}
		action := attr(q.child, "action")
		switch {
		case !ok:
			return nil, itemNotFound
		case known != lid, s.world.IsMe(lid), action != "block" && action != "unblock":
			return nil, badRequest
		}
		s.changeBlocked(q.companion.Device, lid, action == "block")
	}
	listed := s.Blocked()
	items := make([]binary.Node, len(listed))
	for i, lid := range listed {
		items[i] = binary.Node{Tag: "item", Attrs: binary.Attrs{"jid": lid}}
	}
	return []binary.Node{{Tag: "list", Attrs: binary.Attrs{"dhash": dhash(listed)}, Content: items}}, nil
}

// list is in the order of the LIDs.
func (s settings) list() []types.JID {
	return slices.SortedFunc(maps.Keys(s.blocked), func(a, b types.JID) int { return cmp.Compare(a.String(), b.String()) })
}

// dhash is a short sum of the list; how WhatsApp makes it is not known, and no client looks into it.
func dhash(listed []types.JID) string {
	names := make([]string, len(listed))
	for i, lid := range listed {
		names[i] = lid.String()
	}
	sum := sha256.Sum256([]byte(strings.Join(names, ",")))
	return hex.EncodeToString(sum[:6])
}
