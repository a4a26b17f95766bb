package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

func (s *Server) businessProfile(r *http.Request) (whatsapp.BusinessProfile, error) {
	return s.whatsapp.BusinessProfile(r.Context(), r.PathValue("contact_jid"))
}
