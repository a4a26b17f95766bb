package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/store"
	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

func (s *Server) listChats(r *http.Request) (store.ChatPage, error) {
	q := queryOf(r)
	asked := store.ChatQuery{
		Query: q.text("query"), Limit: q.number("limit", 20, 1, mostRows), Page: q.number("page", 0, 0, mostPages),
		IncludeLastMessage: q.flag("include_last_message", true), Sort: q.choice("sort_by", "last_active", "name"),
		Cursor: q.text("cursor"),
	}
	if q.problem != nil {
		return store.ChatPage{}, q.problem
	}
	return s.store.ListChats(r.Context(), asked)
}

func (s *Server) findChat(r *http.Request) (store.OneChat, error) {
	q := queryOf(r)
	lastMessage := q.flag("include_last_message", true)
	if q.problem != nil {
		return store.OneChat{}, q.problem
	}
	return s.store.FindChat(r.Context(), r.PathValue("chat_jid"), lastMessage)
}

func (s *Server) markChatRead(r *http.Request) (whatsapp.ChatRead, error) {
	if _, err := decode[nothing](r); err != nil {
		return whatsapp.ChatRead{}, err
	}
	return s.whatsapp.MarkChatRead(r.Context(), r.PathValue("chat_jid"))
}
