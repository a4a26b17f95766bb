package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/media"
	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

type mediaToSend struct {
	ChatJID   string     `json:"chat_jid"`
	Path      string     `json:"path"`
	MediaType media.Kind `json:"media_type"`
	Caption   string     `json:"caption"`
}

func (s *Server) sendMedia(r *http.Request) (whatsapp.SentMessage, error) {
	body, err := decode[mediaToSend](r)
	if err != nil {
		return whatsapp.SentMessage{}, err
	}
	return s.whatsapp.SendMedia(r.Context(), whatsapp.MediaMessage{
		Chat: body.ChatJID, Path: body.Path, Kind: body.MediaType, Caption: body.Caption, Key: r.Header.Get(idempotencyKey),
	})
}

type fileToSend struct {
	ChatJID string `json:"chat_jid"`
	Path    string `json:"path"`
}

func (s *Server) sendVoice(r *http.Request) (whatsapp.SentMessage, error) {
	body, err := decode[fileToSend](r)
	if err != nil {
		return whatsapp.SentMessage{}, err
	}
	return s.whatsapp.SendVoice(r.Context(), body.ChatJID, body.Path, r.Header.Get(idempotencyKey))
}

func (s *Server) sendSticker(r *http.Request) (whatsapp.SentMessage, error) {
	body, err := decode[fileToSend](r)
	if err != nil {
		return whatsapp.SentMessage{}, err
	}
	return s.whatsapp.SendSticker(r.Context(), body.ChatJID, body.Path, r.Header.Get(idempotencyKey))
}

type chatOfMessage struct {
	ChatJID string `json:"chat_jid"`
}

func (s *Server) downloadMedia(r *http.Request) (whatsapp.DownloadedMedia, error) {
	body, err := decode[chatOfMessage](r)
	if err != nil {
		return whatsapp.DownloadedMedia{}, err
	}
	return s.whatsapp.Download(r.Context(), body.ChatJID, r.PathValue("message_id"))
}
