package routes

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
)

const (
	healthPath = "/health"
	bridgeName = "whatsapp-bridge"
	// Version is the bridge's version.
	Version = "0.1.0"
)

type health struct {
	Status  string `json:"status"`
	Bridge  string `json:"bridge"`
	Version string `json:"version"`
	Proof   string `json:"proof,omitempty"`
}

// health says that the bridge is there. To a nonce it proves that it holds the token, so that a caller can tell it
// from another program that took the port; the port is part of the proof, so that it cannot be relayed.
func (s *Server) health(r *http.Request) (health, error) {
	sign := health{Status: "ok", Bridge: bridgeName, Version: Version}
	if nonce := r.URL.Query().Get("nonce"); nonce != "" {
		sign.Proof = proof(s.token, s.port, nonce)
	}
	return sign, nil
}

func proof(token Token, port int, nonce string) string {
	mac := hmac.New(sha256.New, []byte(token))
	_, _ = fmt.Fprintf(mac, "whatsapp-mcp health\n%s\n%d\n%s", bridgeName, port, nonce)
	return hex.EncodeToString(mac.Sum(nil))
}
