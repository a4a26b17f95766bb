package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/store"
)

func (s *Server) anchor(r *http.Request) (store.Anchor, error) {
	return s.store.Anchor(r.Context(), r.PathValue("chat_jid"))
}

func (s *Server) checkpoints(r *http.Request) (store.CheckpointPage, error) {
	q := queryOf(r)
	limit := q.number("limit", 50, 1, mostRows)
	if q.problem != nil {
		return store.CheckpointPage{}, q.problem
	}
	return s.store.Checkpoints(r.Context(), limit, q.text("cursor"))
}

func (s *Server) checkpoint(r *http.Request) (store.Checkpoint, error) {
	return s.store.Checkpoint(r.Context(), r.PathValue("chat_jid"))
}

func (s *Server) watermark(r *http.Request) (store.Watermark, error) {
	return s.store.Watermark(r.Context(), r.PathValue("source"))
}

func (s *Server) applyBatch(r *http.Request) (store.BatchReport, error) {
	batch, err := decode[store.Batch](r)
	if err != nil {
		return store.BatchReport{}, err
	}
	return s.store.ApplyBatch(r.Context(), batch)
}
