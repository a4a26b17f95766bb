package routes

import (
	"net/http"
	"strings"
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

func TestPeopleAreFoundAndDescribedWithoutAConnection(t *testing.T) {
	handler := bridge(t)
	batch := `{"source":"baileys","origin":"one","from_seq":0,"to_seq":2,
		"contacts":[{"jid":"15550101@s.whatsapp.net","full_name":"Ana Sol"},{"jid":"15550102@s.whatsapp.net","full_name":"Anabel 100% / Co"}],
		"messages":[{"chat_jid":"15550101@s.whatsapp.net","id":"M1","timestamp":1750000000,"kind":"text","text":"hello","sender_jid":"15550101@s.whatsapp.net","from_me":false}]}`
	answered[store.BatchReport](t, handler, request(http.MethodPost, "/api/history/batches", batch))
	type found struct {
		Contacts   []struct{ JID, Name string }
		Total      int
		NextCursor string `json:"next_cursor"`
	}
	first := answered[found](t, handler, request(http.MethodGet, "/api/contacts?query=ana&limit=1", ""))
	if first.Total != 2 || len(first.Contacts) != 1 || first.Contacts[0].Name != "Ana Sol" {
		t.Fatalf("%+v", first)
	}
	next := answered[found](t, handler, request(http.MethodGet, "/api/contacts?query=ana&limit=1&cursor="+first.NextCursor, ""))
	if len(next.Contacts) != 1 || next.Contacts[0].JID != "15550102@s.whatsapp.net" || next.NextCursor != "" {
		t.Errorf("%+v", next)
	}
	if nobody := answered[found](t, handler, request(http.MethodGet, "/api/contacts?query=%5F", "")); nobody.Contacts == nil || nobody.Total != 0 {
		t.Errorf("%+v", nobody)
	}
	refused(t, handler, request(http.MethodGet, "/api/contacts?query=ana&cursor=x", ""), http.StatusBadRequest, "INVALID_ARGUMENT")
	type details struct {
		JID, Name, Phone, Note string
		LastMessage            struct{ ID string } `json:"last_message"`
		OnWhatsApp             *bool               `json:"on_whatsapp"`
	}
	for _, form := range []string{"15550101@s.whatsapp.net", "Ana%20Sol", "%2B1%20555%200101"} {
		got := answered[details](t, handler, request(http.MethodGet, "/api/contacts/"+form, ""))
		if got.JID != "15550101@s.whatsapp.net" || got.Name != "Ana Sol" || got.Phone != "+15550101" || got.Note == "" ||
			got.OnWhatsApp != nil || got.LastMessage.ID != "M1" {
			t.Errorf("%s: %+v", form, got)
		}
	}
	refused(t, handler, request(http.MethodGet, "/api/contacts/15550198", ""), http.StatusNotFound, "CONTACT_NOT_FOUND")
}

func TestWhatOnlyWhatsAppKnowsNeedsALinkAndASoundQuestion(t *testing.T) {
	handler := bridge(t)
	for _, target := range []string{
		"/api/contacts/15550101@s.whatsapp.net/about", "/api/contacts/15550101/picture", "/api/numbers/15550101", "/api/devices",
	} {
		refused(t, handler, request(http.MethodGet, target, ""), http.StatusConflict, "NOT_PAIRED")
	}
	refused(t, handler, request(http.MethodPost, "/api/profile/about", `{"about":"hello"}`), http.StatusConflict, "NOT_PAIRED")
	refused(t, handler, request(http.MethodPost, "/api/profile/about", `{"about":"`+strings.Repeat("é", 140)+`"}`), http.StatusBadRequest, "TEXT_TOO_LONG")
	refused(t, handler, request(http.MethodGet, "/api/numbers/Bob", ""), http.StatusBadRequest, "INVALID_PHONE_FORMAT")
	refused(t, handler, request(http.MethodGet, "/api/contacts/Nobody/picture", ""), http.StatusNotFound, "CHAT_NOT_FOUND")
}
