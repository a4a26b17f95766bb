package routes

import (
	"net/http"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/store"
)

func TestQuestionsOfAPersonAreAnsweredOverHTTP(t *testing.T) {
	handler := bridge(t)
	batch := `{"source":"baileys","origin":"one","from_seq":0,"to_seq":3,
		"contacts":[{"jid":"15550101@s.whatsapp.net","full_name":"Ana Sol"}],
		"chats":[{"jid":"120363000000000001@g.us","name":"50% off / more"}],
		"messages":[
			{"chat_jid":"15550101@s.whatsapp.net","id":"M1","timestamp":1750000000,"kind":"text","text":"hello","sender_jid":"15550101@s.whatsapp.net","from_me":false},
			{"chat_jid":"120363000000000001@g.us","id":"M2","timestamp":1750000001,"kind":"image","sender_jid":"15550101@s.whatsapp.net","from_me":false}]}`
	answered[store.BatchReport](t, handler, request(http.MethodPost, "/api/history/batches", batch))
	type oneChat struct {
		Chat struct {
			JID         string
			LastMessage *struct{ ID string } `json:"last_message"`
		} `json:"chat"`
	}
	for target, id := range map[string]string{
		"/api/chats/Ana%20Sol":                                         "M1",
		"/api/chats/50%25%20off%20%2F%20More":                          "M2",
		"/api/contacts/%2B15550101/chat":                               "M1",
		"/api/contacts/ana%20sol/chat":                                 "M1",
		"/api/chats/15550101%3A4%40c.us":                               "M1",
		"/api/chats/120363000000000001@g.us?include_last_message=true": "M2",
	} {
		got := answered[oneChat](t, handler, request(http.MethodGet, target, ""))
		if got.Chat.LastMessage == nil || got.Chat.LastMessage.ID != id {
			t.Errorf("%s: %+v", target, got)
		}
	}
	bare := answered[oneChat](t, handler, request(http.MethodGet, "/api/chats/Ana%20Sol?include_last_message=false", ""))
	if bare.Chat.JID != "15550101@s.whatsapp.net" || bare.Chat.LastMessage != nil {
		t.Errorf("%+v", bare)
	}
	type chats struct {
		Chats []struct{ JID string }
		Total int
	}
	page := answered[chats](t, handler, request(http.MethodGet, "/api/contacts/Ana%20Sol/chats?limit=1&page=1", ""))
	if page.Total != 2 || len(page.Chats) != 1 || page.Chats[0].JID != "15550101@s.whatsapp.net" {
		t.Errorf("%+v", page)
	}
	type last struct {
		ContactJID  string              `json:"contact_jid"`
		ContactName string              `json:"contact_name"`
		Message     struct{ ID string } `json:"message"`
	}
	newest := answered[last](t, handler, request(http.MethodGet, "/api/contacts/15550101@s.whatsapp.net/last-interaction", ""))
	if newest.ContactJID != "15550101@s.whatsapp.net" || newest.ContactName != "Ana Sol" || newest.Message.ID != "M2" {
		t.Errorf("%+v", newest)
	}
	counts := answered[struct{ Messages, Chats, People int }](t, handler, request(http.MethodGet, "/api/statistics", ""))
	if counts.Messages != 2 || counts.Chats != 2 || counts.People != 1 {
		t.Errorf("%+v", counts)
	}
	for _, path := range []string{"/chat", "/chats", "/last-interaction"} {
		got := refused(t, handler, request(http.MethodGet, "/api/contacts/120363000000000001@g.us"+path, ""), http.StatusBadRequest, "INVALID_ARGUMENT")
		if got.Details.Argument != "contact_jid" {
			t.Errorf("%s: %+v", path, got)
		}
		refused(t, handler, request(http.MethodGet, "/api/contacts/15550198@s.whatsapp.net"+path, ""), http.StatusNotFound, "CHAT_NOT_FOUND")
	}
	refused(t, handler, request(http.MethodGet, "/api/statistics?chat_jid=nobody", ""), http.StatusNotFound, "CHAT_NOT_FOUND")
}
