package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/store"
	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

func (s *Server) listCommunities(r *http.Request) (store.CommunityPage, error) {
	q := queryOf(r)
	limit, page := q.number("limit", 20, 1, mostRows), q.number("page", 0, 0, mostPages)
	if q.problem != nil {
		return store.CommunityPage{}, q.problem
	}
	return s.whatsapp.Communities(r.Context(), q.text("query"), limit, page)
}

func (s *Server) communityGroups(r *http.Request) (store.CommunityGroupPage, error) {
	q := queryOf(r)
	limit, page := q.number("limit", 100, 1, mostRows), q.number("page", 0, 0, mostPages)
	if q.problem != nil {
		return store.CommunityGroupPage{}, q.problem
	}
	return s.whatsapp.CommunityGroups(r.Context(), r.PathValue("community_jid"), limit, page)
}

func (s *Server) markCommunityRead(r *http.Request) (whatsapp.CommunityRead, error) {
	if _, err := decode[nothing](r); err != nil {
		return whatsapp.CommunityRead{}, err
	}
	return s.whatsapp.MarkCommunityRead(r.Context(), r.PathValue("community_jid"))
}
