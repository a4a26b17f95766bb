package routes

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// Trap 12.
func TestABoundMayBeWrittenInAnyZone(t *testing.T) {
	handler := bridge(t)
	// The night in which clocks in Berlin went back.
	batch := `{"source":"baileys","origin":"one","from_seq":0,"to_seq":3,"messages":[
		{"chat_jid":"15550101@s.whatsapp.net","id":"0210+02","timestamp":1761437400,"kind":"text","text":"x","sender_jid":"15550101@s.whatsapp.net","from_me":false},
		{"chat_jid":"15550101@s.whatsapp.net","id":"0230+02","timestamp":1761438600,"kind":"text","text":"x","sender_jid":"15550101@s.whatsapp.net","from_me":false},
		{"chat_jid":"15550101@s.whatsapp.net","id":"0210+01","timestamp":1761441000,"kind":"text","text":"x","sender_jid":"15550101@s.whatsapp.net","from_me":false}]}`
	answered[store.BatchReport](t, handler, request(http.MethodPost, "/api/history/batches", batch))
	type listed struct {
		Messages []struct{ ID string } `json:"messages"`
	}
	for query, want := range map[string]string{
		"after=2025-10-26T01:00:00+00:00": "0210+01", "after=2025-10-26T02:00:00+01:00": "0210+01", "after=2025-10-26T03:00:00+02:00": "0210+01",
		"after=2025-10-25T20:10:00-05:00": "0210+01", "before=2025-10-26T02:30:00+02:00": "0210+02", "before=2025-10-26T00:30:00Z": "0210+02",
		"after=2025-10-26T02:30:00+02:00": "0210+01 0230+02",
	} {
		name, value, _ := strings.Cut(query, "=")
		got := answered[listed](t, handler, request(http.MethodGet, "/api/messages?"+name+"="+url.QueryEscape(value), ""))
		ids := make([]string, len(got.Messages))
		for i, m := range got.Messages {
			ids[i] = m.ID
		}
		if strings.Join(ids, " ") != want {
			t.Errorf("%s: got %v, want %s", query, ids, want)
		}
	}
}
