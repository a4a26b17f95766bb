package routes

import (
	"context"
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

// someone names a person by exactly one of the two.
type someone struct {
	ContactJID string `json:"contact_jid"`
	Phone      string `json:"phone"`
}

func (s *Server) blocklist(r *http.Request) (whatsapp.BlockedPeople, error) {
	return s.whatsapp.Blocked(r.Context())
}

func (s *Server) block(blocked bool) func(*http.Request) (whatsapp.Blocking, error) {
	return func(r *http.Request) (whatsapp.Blocking, error) {
		named, err := decode[someone](r)
		if err != nil {
			return whatsapp.Blocking{}, err
		}
		person, err := s.person(r.Context(), named)
		if err != nil {
			return whatsapp.Blocking{}, err
		}
		return s.whatsapp.Block(r.Context(), person, blocked)
	}
}

func (s *Server) person(ctx context.Context, named someone) (store.Address, error) {
	switch {
	case named.ContactJID != "" && named.Phone != "":
		return store.Address{}, fault.Argument("phone", "is given beside a JID; give exactly one of them")
	case named.ContactJID != "":
		return s.store.ResolvePerson(ctx, named.ContactJID)
	case named.Phone != "":
		return s.store.ResolvePhone(ctx, named.Phone)
	}
	return store.Address{}, fault.New(fault.MissingIdentifier, "")
}
