package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/store"
	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

const (
	idempotencyKey = "Idempotency-Key"

	mostRows    = 200
	mostPages   = 1_000_000
	mostOffset  = 100_000_000
	mostAround  = 20
	mostContext = 50
)

type textToSend struct {
	ChatJID         string   `json:"chat_jid"`
	Text            string   `json:"text"`
	QuotedMessageID string   `json:"quoted_message_id"`
	Mentions        []string `json:"mentions"`
}

func (s *Server) sendText(r *http.Request) (whatsapp.SentMessage, error) {
	body, err := decode[textToSend](r)
	if err != nil {
		return whatsapp.SentMessage{}, err
	}
	return s.whatsapp.SendText(r.Context(), whatsapp.TextMessage{
		Chat: body.ChatJID, Text: body.Text, QuotedID: body.QuotedMessageID, Mentions: body.Mentions,
		Key: r.Header.Get(idempotencyKey),
	})
}

func (s *Server) listMessages(r *http.Request) (store.MessagePage, error) {
	q := queryOf(r)
	asked := store.MessageQuery{
		Chat: q.text("chat_jid"), Sender: q.text("sender"), Query: q.text("query"),
		After: q.clock("after"), Before: q.clock("before"),
		MediaType:    q.choice("media_type", "", "image", "video", "audio", "document", "sticker"),
		IncludeMedia: q.flag("include_media", true),
		Sort:         q.choice("sort", "newest", "oldest", "relevance"),
		Limit:        q.number("limit", 20, 1, mostRows), Page: q.number("page", 0, 0, mostPages),
		Offset: q.number("offset", 0, 0, mostOffset), Cursor: q.text("cursor"),
		ContextBefore: q.number("context_before", 0, 0, mostAround),
		ContextAfter:  q.number("context_after", 0, 0, mostAround),
	}
	if !q.flag("include_context", true) {
		asked.ContextBefore, asked.ContextAfter = 0, 0
	}
	if q.problem != nil {
		return store.MessagePage{}, q.problem
	}
	return s.store.ListMessages(r.Context(), asked)
}

func (s *Server) messageContext(r *http.Request) (store.MessageContext, error) {
	q := queryOf(r)
	before, after := q.number("before", 5, 0, mostContext), q.number("after", 5, 0, mostContext)
	if q.problem != nil {
		return store.MessageContext{}, q.problem
	}
	return s.store.Context(r.Context(), q.text("chat_jid"), r.PathValue("message_id"), before, after)
}
