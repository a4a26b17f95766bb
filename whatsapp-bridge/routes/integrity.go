package routes

import (
	"net/http"
	"time"

	"whatsapp-mcp/whatsapp-bridge/store"
)

func (s *Server) integrity(r *http.Request) (store.Integrity, error) {
	q := queryOf(r)
	seconds := q.number("seconds", 30, 1, 240)
	if q.problem != nil {
		return store.Integrity{}, q.problem
	}
	return s.store.CheckIntegrity(r.Context(), time.Duration(seconds)*time.Second)
}
