package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

type locationToSend struct {
	ChatJID   string  `json:"chat_jid"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name"`
	Address   string  `json:"address"`
}

func (s *Server) sendLocation(r *http.Request) (whatsapp.SentMessage, error) {
	body, err := decode[locationToSend](r)
	if err != nil {
		return whatsapp.SentMessage{}, err
	}
	return s.whatsapp.SendLocation(r.Context(), whatsapp.Location{
		Chat: body.ChatJID, Latitude: body.Latitude, Longitude: body.Longitude, Name: body.Name, Address: body.Address,
		Key: r.Header.Get(idempotencyKey),
	})
}
