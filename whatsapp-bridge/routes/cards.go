package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

type cardToSend struct {
	ChatJID string `json:"chat_jid"`
	Vcard   string `json:"vcard"`
}

func (s *Server) sendCard(r *http.Request) (whatsapp.SentMessage, error) {
	body, err := decode[cardToSend](r)
	if err != nil {
		return whatsapp.SentMessage{}, err
	}
	return s.whatsapp.SendCard(r.Context(), body.ChatJID, body.Vcard, r.Header.Get(idempotencyKey))
}
