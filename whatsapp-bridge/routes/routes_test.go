package routes

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/store"
	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

const (
	testToken = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	testPort  = 18080
	testHost  = "127.0.0.1:18080"
)

// bridge is the real server over a real, unpaired store. It is never connected to anything.
func bridge(t *testing.T) http.Handler {
	t.Helper()
	folder, log := t.TempDir(), slog.New(slog.DiscardHandler)
	messages, err := store.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	client, err := whatsapp.Open(t.Context(), whatsapp.Options{Folder: folder, Store: messages, Log: log, Terminal: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		if err := messages.Close(); err != nil {
			t.Error(err)
		}
	})
	server, err := New(Options{
		Store: messages, WhatsApp: client, Token: testToken, Port: testPort, Contract: contractText(t), Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	return server.Handler
}

func contractText(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func request(method, target, body string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), method, target, strings.NewReader(body))
	r.Host = testHost
	r.Header.Set("Authorization", "Bearer "+testToken)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

type failure struct {
	Success    *bool  `json:"success"`
	Code       string `json:"error_code"`
	Message    string `json:"message"`
	Resolution string `json:"resolution"`
	Details    struct {
		Argument string `json:"argument"`
		Problem  string `json:"problem"`
	} `json:"details"`
}

// refused makes the request and checks that it fails with the status and the code, in the one shape of errors.
func refused(t *testing.T, handler http.Handler, r *http.Request, status int, code string) failure {
	t.Helper()
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	if answer.Code != status {
		t.Fatalf("%s %s: status %d, want %d: %s", r.Method, r.URL, answer.Code, status, answer.Body)
	}
	var got failure
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatalf("%s %s: %v in %s", r.Method, r.URL, err, answer.Body)
	}
	if got.Success == nil || *got.Success || got.Code != code || got.Message == "" || got.Resolution == "" {
		t.Fatalf("%s %s: %s", r.Method, r.URL, answer.Body)
	}
	checkHeaders(t, answer)
	return got
}

func checkHeaders(t *testing.T, answer *httptest.ResponseRecorder) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		"Access-Control-Allow-Origin": "",
	} {
		if got := answer.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func answered[Result any](t *testing.T, handler http.Handler, r *http.Request) Result {
	t.Helper()
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK {
		t.Fatalf("%s %s: status %d: %s", r.Method, r.URL, answer.Code, answer.Body)
	}
	checkHeaders(t, answer)
	var result Result
	if err := json.Unmarshal(answer.Body.Bytes(), &result); err != nil {
		t.Fatal(err)
	}
	return result
}

func TestOnlyHealthIsOpenToThoseWithoutTheToken(t *testing.T) {
	handler := bridge(t)
	for _, row := range (&Server{}).table() {
		if row.path == healthPath {
			continue
		}
		for _, shown := range []string{"", "Bearer ", "Bearer " + strings.Repeat("0", 64), "Basic " + testToken, testToken} {
			r := request(row.method, strings.NewReplacer("{", "", "}", "").Replace(row.path), "")
			r.Header.Set("Authorization", shown)
			refused(t, handler, r, http.StatusUnauthorized, "ACCESS_DENIED")
		}
	}
	r := request(http.MethodGet, "/no/such/route", "")
	r.Header.Del("Authorization")
	refused(t, handler, r, http.StatusUnauthorized, "ACCESS_DENIED")
	r = request(http.MethodGet, "/health", "")
	r.Header.Del("Authorization")
	answered[health](t, handler, r)
}

func TestAnotherHostNameIsRefusedEverywhere(t *testing.T) {
	handler := bridge(t)
	for _, host := range []string{"evil.example", "evil.example:18080", "127.0.0.1", "127.0.0.1:80", "localhost", "127.0.0.1.nip.io:18080", ""} {
		for _, path := range []string{"/health", "/api/status"} {
			r := request(http.MethodGet, path, "")
			r.Host = host
			refused(t, handler, r, http.StatusForbidden, "ACCESS_DENIED")
		}
	}
	for _, host := range []string{testHost, "localhost:18080", "[::1]:18080", "LOCALHOST:18080"} {
		r := request(http.MethodGet, "/health", "")
		r.Host = host
		answered[health](t, handler, r)
	}
}

func TestAnyOriginIsRefused(t *testing.T) {
	handler := bridge(t)
	for _, origin := range []string{"http://127.0.0.1:18080", "https://evil.example", "null", ""} {
		for _, path := range []string{"/health", "/api/status"} {
			r := request(http.MethodGet, path, "")
			r.Header["Origin"] = []string{origin}
			refused(t, handler, r, http.StatusForbidden, "ACCESS_DENIED")
		}
	}
}

func TestHealthProvesTheTokenToANonceAndSaysNothingPersonal(t *testing.T) {
	handler := bridge(t)
	nonce := "0123456789abcdef0123456789abcdef"
	mac := hmac.New(sha256.New, []byte(testToken))
	fmt.Fprintf(mac, "whatsapp-mcp health\nwhatsapp-bridge\n%d\n%s", testPort, nonce)
	got := answered[health](t, handler, request(http.MethodGet, "/health?nonce="+nonce, ""))
	if want := (health{"ok", "whatsapp-bridge", Version, hex.EncodeToString(mac.Sum(nil))}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if plain := answered[health](t, handler, request(http.MethodGet, "/health", "")); plain.Proof != "" {
		t.Errorf("a proof of nothing: %+v", plain)
	}
	for _, bad := range []string{"0123", "xyz3456789abcdef", strings.Repeat("a", 129)} {
		refused(t, handler, request(http.MethodGet, "/health?nonce="+bad, ""), http.StatusBadRequest, "INVALID_ARGUMENT")
	}
}

func TestUnknownRoutesAndMethodsAreErrorsOfTheOneShape(t *testing.T) {
	handler := bridge(t)
	for _, path := range []string{"/", "/api", "/api/nope", "/api/chats/", "/api//chats", "/api/../health", "/API/status"} {
		refused(t, handler, request(http.MethodGet, path, ""), http.StatusNotFound, "INVALID_ARGUMENT")
	}
	refused(t, handler, request(http.MethodDelete, "/api/chats", ""), http.StatusMethodNotAllowed, "INVALID_ARGUMENT")
	refused(t, handler, request(http.MethodGet, "/api/messages/text", ""), http.StatusMethodNotAllowed, "INVALID_ARGUMENT")
	refused(t, handler, request(http.MethodOptions, "/api/status", ""), http.StatusMethodNotAllowed, "INVALID_ARGUMENT")
}

func TestABodyMustBeJSONAndNotTooLarge(t *testing.T) {
	handler := bridge(t)
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json5"} {
		r := request(http.MethodPost, "/api/messages/text", `{"chat_jid":"Bob","text":"hi"}`)
		r.Header.Set("Content-Type", kind)
		refused(t, handler, r, http.StatusUnsupportedMediaType, "INVALID_ARGUMENT")
	}
	huge := `{"chat_jid":"Bob","text":"` + strings.Repeat("a", bodyLimit) + `"}`
	refused(t, handler, request(http.MethodPost, "/api/messages/text", huge), http.StatusRequestEntityTooLarge, "INVALID_ARGUMENT")
	huge = `{"source":"baileys","origin":"o","from_seq":0,"to_seq":0,"x":"` + strings.Repeat("a", batchLimit) + `"}`
	refused(t, handler, request(http.MethodPost, "/api/history/batches", huge), http.StatusRequestEntityTooLarge, "INVALID_ARGUMENT")
}

func TestWhatIsWrongWithARequestIsNamed(t *testing.T) {
	handler := bridge(t)
	for _, wrong := range []struct{ method, target, body, argument, problem string }{
		{"POST", "/api/messages/text", `{"chat_jid":"Bob"}`, "text", "is missing"},
		{"POST", "/api/messages/text", `{"chat_jid":"Bob","text":""}`, "text", "must have at least 1 characters"},
		{"POST", "/api/messages/text", `{"chat_jid":"Bob","text":7}`, "text", "must be a text"},
		{"POST", "/api/messages/text", `{"chat_jid":"Bob","text":"hi","colour":"red"}`, "colour", "is not known here"},
		{"POST", "/api/messages/text", `["hi"]`, "body", ""},
		{"POST", "/api/messages/text", `{"chat_jid":`, "body", ""},
		{"POST", "/api/messages/text", ``, "Content-Type", "must be application/json"},
		{"POST", "/api/pairing", `{"now":true}`, "now", "is not known here"},
		{"GET", "/api/chats?limit=0", "", "limit", ""},
		{"GET", "/api/chats?limit=201", "", "limit", ""},
		{"GET", "/api/chats?limit=many", "", "limit", "must be a whole number"},
		{"GET", "/api/chats?limit=1&limit=2", "", "limit", "is given more than once"},
		{"GET", "/api/chats?colour=red", "", "colour", "is not known here"},
		{"GET", "/api/chats?sort_by=age", "", "sort_by", "must be one of last_active, name"},
		{"GET", "/api/chats?include_last_message=maybe", "", "include_last_message", "must be true or false"},
		{"GET", "/api/messages?after=yesterday", "", "after", ""},
		{"GET", "/api/messages?context_before=21", "", "context_before", ""},
		{"GET", "/api/history/watermarks/elsewhere", "", "source", "must look like baileys"},
		{"GET", "/api/history/watermarks/import:0123", "", "source", "must look like baileys"},
	} {
		r := request(wrong.method, wrong.target, wrong.body)
		status := http.StatusBadRequest
		if wrong.argument == "Content-Type" {
			status = http.StatusUnsupportedMediaType
		}
		got := refused(t, handler, r, status, "INVALID_ARGUMENT")
		if got.Details.Argument != wrong.argument || wrong.problem != "" && got.Details.Problem != wrong.problem {
			t.Errorf("%s %s %s: %+v", wrong.method, wrong.target, wrong.body, got.Details)
		}
		for _, library := range []string{"schema", "openapi", "Go struct", "json:"} {
			if strings.Contains(got.Message, library) {
				t.Errorf("a library speaks: %s", got.Message)
			}
		}
	}
}

func TestAnUnpairedBridgeSaysSoAndAnswersFromItsStore(t *testing.T) {
	handler := bridge(t)
	now := answered[status](t, handler, request(http.MethodGet, "/api/status", ""))
	if now.State != whatsapp.NotPaired || now.LoggedIn || now.Emulated || now.Since == "" || now.SQLiteVersion == "" {
		t.Errorf("got %+v", now)
	}
	if live := answered[pairing](t, handler, request(http.MethodGet, "/api/pairing", "")); live != (pairing{State: whatsapp.NotPaired}) {
		t.Errorf("got %+v", live)
	}
	refused(t, handler, request(http.MethodGet, "/api/pairing/qr.png", ""), http.StatusConflict, "INVALID_ARGUMENT")
	if chats := answered[store.ChatPage](t, handler, request(http.MethodGet, "/api/chats", "")); chats.Total != 0 {
		t.Errorf("got %+v", chats)
	}
	answered[store.MessagePage](t, handler, request(http.MethodGet, "/api/messages", ""))
	answered[store.CommunityPage](t, handler, request(http.MethodGet, "/api/communities", ""))
	refused(t, handler, request(http.MethodPost, "/api/messages/text", `{"chat_jid":"+1 555 0101","text":"hi"}`),
		http.StatusConflict, "NOT_PAIRED")
	refused(t, handler, request(http.MethodPost, "/api/chats/15550101@s.whatsapp.net/read", `{}`),
		http.StatusConflict, "NOT_PAIRED")
}

func TestABatchIsMergedOnceAndAsked(t *testing.T) {
	handler := bridge(t)
	batch := `{"source":"baileys","origin":"one","from_seq":0,"to_seq":2,
		"chats":[{"jid":"15550101@s.whatsapp.net","kind":"direct"}],
		"contacts":[{"jid":"15550101@s.whatsapp.net","full_name":"Ana Sol"}],
		"messages":[{"chat_jid":"15550101@s.whatsapp.net","id":"3EB001","sender_jid":"15550101@s.whatsapp.net",
			"from_me":false,"timestamp":1750000000,"kind":"text","text":"the lantern festival"}]}`
	first := answered[store.BatchReport](t, handler, request(http.MethodPost, "/api/history/batches", batch))
	again := answered[store.BatchReport](t, handler, request(http.MethodPost, "/api/history/batches", batch))
	if first.Inserted != 1 || first.Watermark != 2 || again.Inserted != 0 || again.Watermark != 2 {
		t.Errorf("first %+v, again %+v", first, again)
	}
	mark := answered[store.Watermark](t, handler, request(http.MethodGet, "/api/history/watermarks/baileys", ""))
	if mark != (store.Watermark{Source: "baileys", Seq: 2, Origin: "one"}) {
		t.Errorf("got %+v", mark)
	}
	anchor := answered[store.Anchor](t, handler, request(http.MethodGet, "/api/history/anchors/15550101@s.whatsapp.net", ""))
	if anchor.Messages != 1 || anchor.Oldest == nil || anchor.Oldest.ID != "3EB001" {
		t.Errorf("got %+v", anchor)
	}
	type listed struct {
		Messages []struct{ ID, Text, ChatName string } `json:"messages"`
	}
	found := answered[listed](t, handler, request(http.MethodGet, "/api/messages?query=lantern&chat_jid=Ana%20Sol", ""))
	if len(found.Messages) != 1 || found.Messages[0].ID != "3EB001" {
		t.Errorf("got %+v", found)
	}
	refused(t, handler, request(http.MethodGet, "/api/messages/3EB0FF/context", ""), http.StatusNotFound, "MESSAGE_NOT_FOUND")
}
