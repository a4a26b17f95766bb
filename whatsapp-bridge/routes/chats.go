package routes

import (
	"net/http"
	"time"

	"whatsapp-mcp/whatsapp-bridge/store"
	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

func (s *Server) listChats(r *http.Request) (store.ChatPage, error) {
	q := queryOf(r)
	asked := store.ChatQuery{
		Query: q.text("query"), Limit: q.number("limit", 20, 1, mostRows), Page: q.number("page", 0, 0, mostPages),
		IncludeLastMessage: q.flag("include_last_message", true), Sort: q.choice("sort_by", "last_active", "name"),
		UnreadOnly: q.flag("unread_only", false), Cursor: q.text("cursor"),
	}
	if q.given("archived") {
		archived := q.flag("archived", false)
		asked.Archived = &archived
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

func (s *Server) chatMetadata(r *http.Request) (whatsapp.ChatMetadata, error) {
	return s.whatsapp.Metadata(r.Context(), r.PathValue("chat_jid"))
}

func (s *Server) archive(archived bool) func(*http.Request) (whatsapp.ChatMarks, error) {
	return func(r *http.Request) (whatsapp.ChatMarks, error) {
		if _, err := decode[nothing](r); err != nil {
			return whatsapp.ChatMarks{}, err
		}
		return s.whatsapp.Archive(r.Context(), r.PathValue("chat_jid"), archived)
	}
}

func (s *Server) pin(pinned bool) func(*http.Request) (whatsapp.ChatMarks, error) {
	return func(r *http.Request) (whatsapp.ChatMarks, error) {
		if _, err := decode[nothing](r); err != nil {
			return whatsapp.ChatMarks{}, err
		}
		return s.whatsapp.Pin(r.Context(), r.PathValue("chat_jid"), pinned)
	}
}

type muteWish struct {
	DurationSeconds int64 `json:"duration_seconds"`
}

func (s *Server) mute(r *http.Request) (whatsapp.ChatMarks, error) {
	wish, err := decode[muteWish](r)
	if err != nil {
		return whatsapp.ChatMarks{}, err
	}
	return s.whatsapp.Mute(r.Context(), r.PathValue("chat_jid"), time.Duration(wish.DurationSeconds)*time.Second)
}

func (s *Server) unmute(r *http.Request) (whatsapp.ChatMarks, error) {
	if _, err := decode[nothing](r); err != nil {
		return whatsapp.ChatMarks{}, err
	}
	return s.whatsapp.Unmute(r.Context(), r.PathValue("chat_jid"))
}
