package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/store"
)

func (s *Server) statistics(r *http.Request) (store.Statistics, error) {
	return s.store.Statistics(r.Context(), queryOf(r).text("chat_jid"))
}
