package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// settings are what the account has set on the server itself.
type settings struct {
	mu      *sync.Mutex
	privacy map[string]string
	blocked map[types.JID]bool
	about   *string
}

func newSettings() settings {
	return settings{
		mu: &sync.Mutex{},
		privacy: map[string]string{
			"readreceipts": "all", "profile": "all", "status": "all", "online": "all",
			"last": "all", "groupadd": "all", "calladd": "all",
		},
		blocked: map[types.JID]bool{},
		about:   new(string),
	}
}

// privacy reads and writes who may see what, and takes the tokens by which contacts are trusted.
func (s *Server) privacy(_ context.Context, q *query) ([]binary.Node, *refused) {
	if q.child.Tag == "tokens" {
		return nil, nil
	}
	if q.child.Tag != "privacy" {
		return nil, notImplemented
	}
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	if q.set {
		for _, category := range q.child.GetChildrenByTag("category") {
			if _, known := s.settings.privacy[attr(category, "name")]; !known {
				return nil, badRequest
			}
			s.settings.privacy[attr(category, "name")] = attr(category, "value")
		}
	}
	categories := make([]binary.Node, 0, len(s.settings.privacy))
	for _, name := range slices.Sorted(maps.Keys(s.settings.privacy)) {
		categories = append(categories, binary.Node{Tag: "category", Attrs: binary.Attrs{"name": name, "value": s.settings.privacy[name]}})
	}
	return []binary.Node{{Tag: "privacy", Content: categories}}, nil
}

// blocklist holds LIDs.
func (s *Server) blocklist(_ context.Context, q *query) ([]binary.Node, *refused) {
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	if q.set {
		lid, known := s.world.LID(jidAttr(q.child, "jid"))
		if !known {
			return nil, itemNotFound
		}
		switch attr(q.child, "action") {
		case "block":
			s.settings.blocked[lid] = true
		case "unblock":
			delete(s.settings.blocked, lid)
		default:
			return nil, badRequest
		}
	}
	var names []string
	for lid := range s.settings.blocked {
		names = append(names, lid.String())
	}
	slices.Sort(names)
	items := make([]binary.Node, 0, len(names))
	for lid := range s.settings.blocked {
		items = append(items, binary.Node{Tag: "item", Attrs: binary.Attrs{"jid": lid}})
	}
	sum := sha256.Sum256([]byte(strings.Join(names, ",")))
	return []binary.Node{{Tag: "list", Attrs: binary.Attrs{"dhash": hex.EncodeToString(sum[:6])}, Content: items}}, nil
}

// about sets the account's own line of text, as Baileys does it.
func (s *Server) about(_ context.Context, q *query) ([]binary.Node, *refused) {
	if !q.set || q.child.Tag != "status" {
		return nil, notImplemented
	}
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	*s.settings.about = string(content(q.child))
	return nil, nil
}

// picture: nobody in this world has one.
func (s *Server) picture(_ context.Context, q *query) ([]binary.Node, *refused) {
	if q.set {
		return nil, notImplemented
	}
	return nil, itemNotFound
}

func (s settings) ownAbout() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.about
}
