package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

type reactionToSend struct {
	ChatJID string `json:"chat_jid"`
	Emoji   string `json:"emoji"`
}

func (s *Server) react(r *http.Request) (whatsapp.SentMessage, error) {
	body, err := decode[reactionToSend](r)
	if err != nil {
		return whatsapp.SentMessage{}, err
	}
	return s.whatsapp.React(r.Context(), messageRef(r, body.ChatJID), body.Emoji)
}

type editToSend struct {
	ChatJID string `json:"chat_jid"`
	NewText string `json:"new_text"`
}

func (s *Server) editMessage(r *http.Request) (whatsapp.SentMessage, error) {
	body, err := decode[editToSend](r)
	if err != nil {
		return whatsapp.SentMessage{}, err
	}
	return s.whatsapp.EditMessage(r.Context(), messageRef(r, body.ChatJID), body.NewText)
}

type revokeToSend struct {
	ChatJID string `json:"chat_jid"`
}

func (s *Server) revokeMessage(r *http.Request) (whatsapp.SentMessage, error) {
	body, err := decode[revokeToSend](r)
	if err != nil {
		return whatsapp.SentMessage{}, err
	}
	return s.whatsapp.RevokeMessage(r.Context(), messageRef(r, body.ChatJID))
}

type forwardToSend struct {
	FromChatJID string `json:"from_chat_jid"`
	ToChatJID   string `json:"to_chat_jid"`
}

func (s *Server) forwardMessage(r *http.Request) (whatsapp.SentMessage, error) {
	body, err := decode[forwardToSend](r)
	if err != nil {
		return whatsapp.SentMessage{}, err
	}
	return s.whatsapp.ForwardMessage(r.Context(), messageRef(r, body.FromChatJID), body.ToChatJID)
}

// messageRef is the message that the path names.
func messageRef(r *http.Request, chat string) whatsapp.MessageRef {
	return whatsapp.MessageRef{Chat: chat, ID: r.PathValue("message_id"), Key: r.Header.Get("Idempotency-Key")}
}

type messagesToRead struct {
	ChatJID    string   `json:"chat_jid"`
	MessageIDs []string `json:"message_ids"`
	Sender     string   `json:"sender"`
}

func (s *Server) markMessagesRead(r *http.Request) (whatsapp.MessagesRead, error) {
	body, err := decode[messagesToRead](r)
	if err != nil {
		return whatsapp.MessagesRead{}, err
	}
	return s.whatsapp.MarkMessagesRead(r.Context(), body.ChatJID, body.MessageIDs, body.Sender)
}
