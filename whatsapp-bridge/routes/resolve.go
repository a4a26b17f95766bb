package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// resolve tells who is meant, for the bridge that knows no names.
func (s *Server) resolve(r *http.Request) (store.Address, error) {
	return s.store.Resolve(r.Context(), r.PathValue("chat_jid"))
}
