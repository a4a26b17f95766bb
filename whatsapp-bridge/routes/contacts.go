package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/store"
)

func (s *Server) directChat(r *http.Request) (store.OneChat, error) {
	return s.store.DirectChat(r.Context(), r.PathValue("contact_jid"))
}

func (s *Server) contactChats(r *http.Request) (store.ChatPage, error) {
	q := queryOf(r)
	limit, page := q.number("limit", 20, 1, mostRows), q.number("page", 0, 0, mostPages)
	if q.problem != nil {
		return store.ChatPage{}, q.problem
	}
	return s.store.ContactChats(r.Context(), r.PathValue("contact_jid"), limit, page)
}

func (s *Server) lastInteraction(r *http.Request) (store.LastInteraction, error) {
	return s.store.LastInteraction(r.Context(), r.PathValue("contact_jid"))
}
