package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

// privacyValue is one of the values that openapi.json lists for its route.
type privacyValue struct {
	Value string `json:"value"`
}

func (s *Server) privacy(r *http.Request) (whatsapp.PrivacySettings, error) {
	return s.whatsapp.Privacy(r.Context())
}

func (s *Server) setPrivacy(setting whatsapp.PrivacySetting) func(*http.Request) (whatsapp.PrivacyChange, error) {
	return func(r *http.Request) (whatsapp.PrivacyChange, error) {
		wish, err := decode[privacyValue](r)
		if err != nil {
			return whatsapp.PrivacyChange{}, err
		}
		return s.whatsapp.SetPrivacy(r.Context(), setting, wish.Value)
	}
}
