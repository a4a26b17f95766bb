package routes

import (
	"fmt"
	"net/http"
	"strings"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// guard lets a request through that comes from this machine, from no web page, and from somebody who holds the token.
// Only /health needs no token. The order tells a stranger nothing about which routes there are.
func (s *Server) guard(next http.Handler) http.Handler {
	hosts := map[string]bool{
		fmt.Sprintf("127.0.0.1:%d", s.port): true,
		fmt.Sprintf("localhost:%d", s.port): true,
		fmt.Sprintf("[::1]:%d", s.port):     true,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.admit(r, hosts); err != nil {
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) admit(r *http.Request, hosts map[string]bool) error {
	if !hosts[strings.ToLower(r.Host)] {
		return fault.New(fault.AccessDenied, "The Host header does not name this bridge.").
			WithStatus(http.StatusForbidden).
			WithResolution(fmt.Sprintf("Address the bridge as 127.0.0.1:%d.", s.port))
	}
	if _, fromPage := r.Header["Origin"]; fromPage {
		return fault.New(fault.AccessDenied, "Requests of web pages are refused.").
			WithStatus(http.StatusForbidden).
			WithResolution("Call the bridge from a program, not from a web page.")
	}
	if r.URL.Path == healthPath && r.Method == http.MethodGet {
		return nil
	}
	scheme, shown, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || !s.token.fits(shown) {
		return fault.New(fault.AccessDenied, "")
	}
	return nil
}
