package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

type pairing struct {
	State      whatsapp.State `json:"state"`
	QR         string         `json:"qr,omitempty"`
	ExpiresAt  string         `json:"expires_at,omitempty"`
	QRTerminal string         `json:"qr_terminal,omitempty"`
}

// nothing is the body of a request that says nothing but "do it".
type nothing struct{}

func (s *Server) pairing(*http.Request) (pairing, error) {
	return showPairing(s.whatsapp.Pairing())
}

// pair asks for fresh codes.
func (s *Server) pair(r *http.Request) (pairing, error) {
	if _, err := decode[nothing](r); err != nil {
		return pairing{}, err
	}
	fresh, err := s.whatsapp.Pair(r.Context())
	if err != nil {
		return pairing{}, err
	}
	return showPairing(fresh)
}

type pairingByCode struct {
	Phone string `json:"phone"`
}

type pairingCode struct {
	Code      string `json:"code"`
	ExpiresAt string `json:"expires_at"`
}

// pairByCode gives a code to type on the phone, for one that cannot scan its own screen.
func (s *Server) pairByCode(r *http.Request) (pairingCode, error) {
	request, err := decode[pairingByCode](r)
	if err != nil {
		return pairingCode{}, err
	}
	code, err := s.whatsapp.PairByCode(r.Context(), request.Phone)
	if err != nil {
		return pairingCode{}, err
	}
	return pairingCode{Code: code.Code, ExpiresAt: clock(code.ExpiresAt)}, nil
}

func showPairing(live whatsapp.Pairing) (pairing, error) {
	shown := pairing{State: live.State}
	if live.Code == "" {
		return shown, nil
	}
	drawing, err := whatsapp.DrawQR(live.Code)
	if err != nil {
		return pairing{}, err
	}
	shown.QR, shown.QRTerminal, shown.ExpiresAt = live.Code, drawing, clock(live.ExpiresAt)
	return shown, nil
}

func (s *Server) pairingPicture(w http.ResponseWriter, r *http.Request) {
	live := s.whatsapp.Pairing()
	if live.Code == "" {
		s.fail(w, r, fault.New(fault.InvalidArgument, "No code is live.").WithStatus(http.StatusConflict).
			WithResolution("Look at GET /api/pairing; POST /api/pairing {} asks for fresh codes."))
		return
	}
	picture, err := whatsapp.PaintQR(live.Code)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(s, w, http.StatusOK, "image/png", picture)
}
