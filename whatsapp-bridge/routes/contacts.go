package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/store"
	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

func (s *Server) searchContacts(r *http.Request) (store.ContactPage, error) {
	q := queryOf(r)
	asked := store.ContactQuery{Query: q.text("query"), Limit: q.number("limit", 20, 1, mostRows), Cursor: q.text("cursor")}
	if q.problem != nil {
		return store.ContactPage{}, q.problem
	}
	return s.store.SearchContacts(r.Context(), asked)
}

func (s *Server) contactDetails(r *http.Request) (whatsapp.ContactDetails, error) {
	return s.whatsapp.ContactDetails(r.Context(), r.PathValue("contact_jid"))
}

func (s *Server) contactAbout(r *http.Request) (whatsapp.ContactAbout, error) {
	return s.whatsapp.ContactAbout(r.Context(), r.PathValue("contact_jid"))
}

func (s *Server) contactPicture(r *http.Request) (whatsapp.ContactPicture, error) {
	return s.whatsapp.ContactPicture(r.Context(), r.PathValue("contact_jid"))
}

func (s *Server) checkNumber(r *http.Request) (whatsapp.NumberCheck, error) {
	return s.whatsapp.CheckNumber(r.Context(), r.PathValue("phone"))
}

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
