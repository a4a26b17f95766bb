package assembly_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types/events"
	waLog "go.mau.fi/whatsmeow/util/log"

	"whatsapp-mcp/emulator/assembly"
	"whatsapp-mcp/emulator/scenarios"
	"whatsapp-mcp/emulator/world"
)

// patience is how long a test waits for something that is going to happen.
const patience = 15 * time.Second

// rig is an emulator with its API.
type rig struct {
	t    *testing.T
	base string
}

func start(t *testing.T) *rig {
	t.Helper()
	w, err := world.Load(scenarios.Demo, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return startWith(t, w)
}

func startWith(t *testing.T, w *world.World) *rig {
	t.Helper()
	log := slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	emulator, err := assembly.Start(t.Context(), assembly.Options{Listen: "127.0.0.1:0", World: w, State: t.TempDir(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := emulator.Close(context.Background()); err != nil {
			t.Error("close the emulator:", err)
		}
	})
	r := &rig{t: t, base: "http://" + emulator.Addr}
	r.trust()
	return r
}

// trust makes whatsmeow believe the emulator's certificate instead of WhatsApp's. It is one variable for all clients, so
// no two of these tests run at a time.
func (r *rig) trust() {
	r.t.Helper()
	_, root := r.raw(http.MethodGet, "/root", nil)
	key, err := hex.DecodeString(string(root))
	if err != nil {
		r.t.Fatal(err)
	}
	whatsmeow.WACertPubKey = [32]byte(key)
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Logf("emulator: %s", bytes.TrimSpace(p))
	return len(p), nil
}

// get and post speak the admin API; an answer that is not 200 ends the test.
func (r *rig) get(path string, answer any) {
	r.t.Helper()
	r.call(http.MethodGet, path, nil, answer)
}

func (r *rig) post(path string, request, answer any) {
	r.t.Helper()
	r.call(http.MethodPost, path, request, answer)
}

func (r *rig) call(method, path string, request, answer any) {
	r.t.Helper()
	status, body := r.raw(method, path, request)
	if status != http.StatusOK {
		r.t.Fatalf("%s %s: %d %s", method, path, status, body)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(body, answer); err != nil {
		r.t.Fatalf("%s %s: %s: %v", method, path, body, err)
	}
}

func (r *rig) raw(method, path string, request any) (int, []byte) {
	r.t.Helper()
	encoded, err := json.Marshal(request)
	if err != nil {
		r.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.base+path, bytes.NewReader(encoded))
	if err != nil {
		r.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() {
		if err := response.Body.Close(); err != nil {
			r.t.Error(err)
		}
	}()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, body
}

// companion is the real whatsmeow, pointed at the emulator.
type companion struct {
	*rig
	*whatsmeow.Client
	device uint16

	mu   sync.Mutex
	seen []any
	more chan struct{}
}

// hooks points a client at the emulator: at its socket and its media host instead of WhatsApp's.
func (r *rig) hooks(client *whatsmeow.Client) {
	r.t.Helper()
	address := r.base[len("http://"):]
	plain := http.DefaultTransport.(*http.Transport).Clone()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	plain.DialContext, plain.DialTLSContext, plain.Proxy = dial, dial, nil
	client.SetWebsocketHTTPClient(&http.Client{Transport: plain})
	client.SetPreLoginHTTPClient(&http.Client{Transport: plain})
	_, pem := r.raw(http.MethodGet, "/ca.pem", nil)
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem)
	secure := http.DefaultTransport.(*http.Transport).Clone()
	secure.TLSClientConfig, secure.Proxy = &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}, nil
	client.SetMediaHTTPClient(&http.Client{Transport: secure})
}

// newClient makes a client that has never been linked.
func (r *rig) newClient(configure ...func(*whatsmeow.Client)) *companion {
	r.t.Helper()
	path := filepath.Join(r.t.TempDir(), "client.db")
	container, err := sqlstore.New(r.t.Context(), "sqlite",
		"file:"+path+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_txlock=immediate", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	c := r.attach(container.NewDevice(), configure...)
	r.t.Cleanup(func() {
		if err := container.Close(); err != nil {
			r.t.Error(err)
		}
	})
	return c
}

// attach makes a client of a device's keys, as a program that starts again does.
func (r *rig) attach(device *store.Device, configure ...func(*whatsmeow.Client)) *companion {
	r.t.Helper()
	c := &companion{rig: r, Client: whatsmeow.NewClient(device, waLog.Noop), more: make(chan struct{}, 1)}
	r.hooks(c.Client)
	for _, set := range configure {
		set(c.Client)
	}
	c.AddEventHandler(func(event any) {
		c.mu.Lock()
		c.seen = append(c.seen, event)
		c.mu.Unlock()
		select {
		case c.more <- struct{}{}:
		default:
		}
	})
	r.t.Cleanup(c.Disconnect)
	return c
}

// link links a new companion and returns when it has its history, and with it a session with the phone.
func (r *rig) link(configure ...func(*whatsmeow.Client)) *companion {
	r.t.Helper()
	c := r.newClient(configure...)
	if err := c.ConnectContext(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	c.scan()
	await[*events.Connected](c, func(*events.Connected) bool { return true })
	await(c, ofKind(world.Full))
	return c
}

func (c *companion) scan() {
	c.t.Helper()
	code := await[*events.QR](c, func(*events.QR) bool { return true }).Codes[0]
	var linked struct {
		Device uint16 `json:"device"`
		JID    string `json:"jid"`
	}
	c.post("/admin/scan", map[string]string{"qr": code}, &linked)
	c.device = linked.Device
	if linked.JID != c.Store.ID.String() {
		c.t.Fatalf("the phone linked %s, the client is %s", linked.JID, c.Store.ID)
	}
}

// await returns the first event of its type, seen or still to come, that is wanted.
func await[E any](c *companion, wanted func(E) bool) E {
	c.t.Helper()
	limit := time.After(patience)
	checked := 0
	for {
		c.mu.Lock()
		events := c.seen[checked:]
		checked = len(c.seen)
		c.mu.Unlock()
		for _, event := range events {
			if e, ok := event.(E); ok && wanted(e) {
				return e
			}
		}
		select {
		case <-c.more:
		case <-limit:
			var e E
			c.t.Fatalf("device %d waited %s for a %T", c.device, patience, e)
		}
	}
}
