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

type pictureToSet struct {
	Path string `json:"path"`
}

func (s *Server) setPicture(r *http.Request) (whatsapp.OwnPicture, error) {
	body, err := decode[pictureToSet](r)
	if err != nil {
		return whatsapp.OwnPicture{}, err
	}
	return s.whatsapp.SetPicture(r.Context(), body.Path)
}

func (s *Server) linkedDevices(r *http.Request) (whatsapp.LinkedDevices, error) {
	return s.whatsapp.LinkedDevices(r.Context())
}
