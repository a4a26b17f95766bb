package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

type aboutToSet struct {
	About string `json:"about"`
}

func (s *Server) setAbout(r *http.Request) (whatsapp.OwnAbout, error) {
	body, err := decode[aboutToSet](r)
	if err != nil {
		return whatsapp.OwnAbout{}, err
	}
	return s.whatsapp.SetAbout(r.Context(), body.About)
}

func (s *Server) linkedDevices(r *http.Request) (whatsapp.LinkedDevices, error) {
	return s.whatsapp.LinkedDevices(r.Context())
}
