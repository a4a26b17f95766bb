package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/store"
	"whatsapp-mcp/whatsapp-bridge/whatsapp"
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

func (s *Server) historyStatus(r *http.Request) (whatsapp.HistoryStatus, error) {
	return s.whatsapp.HistoryStatus(r.Context())
}

func (s *Server) retrieveHistory(r *http.Request) (store.HistoryJob, error) {
	return s.whatsapp.RetrieveHistory(r.Context())
}

// historyOrder is what the orchestrator knows when it asks for a chat's history. What it knows of the chat's addresses it
// has from here.
type historyOrder struct {
	MaxMessages int64                `json:"max_messages"`
	Resume      bool                 `json:"resume"`
	Anchor      *store.AnchorMessage `json:"anchor"`
	Aliases     []string             `json:"aliases"`
}

func (s *Server) fetchHistory(r *http.Request) (store.HistoryJob, error) {
	order, err := decode[historyOrder](r)
	if err != nil {
		return store.HistoryJob{}, err
	}
	if order.MaxMessages == 0 {
		order.MaxMessages = 1000
	}
	return s.whatsapp.FetchHistory(r.Context(), r.PathValue("chat_jid"), whatsapp.JobOrder{
		Max: order.MaxMessages, Resume: order.Resume, Anchor: order.Anchor,
	})
}

func (s *Server) chatHistory(r *http.Request) (store.ChatHistory, error) {
	return s.store.ChatHistory(r.Context(), r.PathValue("chat_jid"))
}

func (s *Server) cancelHistory(r *http.Request) (store.HistoryJob, error) {
	return s.whatsapp.CancelHistory(r.Context(), r.PathValue("chat_jid"))
}
