// Package server is WhatsApp's server as a companion sees it: it links devices, logs them in, answers their queries, and
// carries stanzas between them and the residents, which are the people and the phone that live inside the emulator.
package server

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/fault"
	"whatsapp-mcp/emulator/noise"
	"whatsapp-mcp/emulator/signal"
	"whatsapp-mcp/emulator/world"
)

// Residents are all devices which live inside the emulator. What they are handed they take in at once, in the order in
// which the companion sent it.
type Residents interface {
	// Bundle gives out the keys of the device behind a JID (PN or LID); there is none for a person nobody knows.
	Bundle(ctx context.Context, jid types.JID) (bundle signal.Bundle, known bool, err error)
	// Letter hands over what a companion wrote to a device.
	Letter(ctx context.Context, to types.JID, letter Letter)
	// Receipt hands over what a companion says about messages of a person, or of the phone.
	Receipt(ctx context.Context, to types.JID, receipt Receipt)
	// MediaRetry asks the phone to upload a file again.
	MediaRetry(ctx context.Context, retry MediaRetry)
	// Linked tells the phone that a companion is ready for the first time.
	Linked(ctx context.Context, companion *Companion)
	// StateMoved tells the phone that a companion moved a collection of app state on.
	StateMoved(ctx context.Context, collection string)
}

// Server holds the connections and the account's devices.
type Server struct {
	world     *world.World
	identity  *noise.Identity
	faults    *fault.Plan
	log       *slog.Logger
	media     mediaHost
	state     *AppState
	residents Residents
	settings  settings
	most      int
	own       profile
	publish   func(picture []byte) (path string)
	routes    map[string]handler
	// mexQueries are the GraphQL queries by their numbers.
	mexQueries map[string]mexHandler
	notified   atomic.Int64

	mu    sync.Mutex
	links map[[32]byte]*linking
	// asked is the client that asked last for a code to be typed.
	asked      *linking
	companions map[uint16]*Companion
	lastDevice uint16
	awayUntil  time.Time
}

// Options are what a server is made of.
type Options struct {
	World    *world.World
	Identity *noise.Identity
	Faults   *fault.Plan
	Log      *slog.Logger
	// MediaHost is the host:port of the TLS server that clients upload to and download from.
	MediaHost string
	// MediaAuth is the token that uploads carry.
	MediaAuth string
	// Publish puts a picture where everybody may fetch it, on the media host.
	Publish func(picture []byte) (path string)
	// MostDevices is how many companions the account may have, 0 for as many as there are numbers.
	MostDevices int
}

// New makes a server without residents; Settle brings them in before it serves.
func New(options Options) *Server {
	s := &Server{
		world: options.World, identity: options.Identity, faults: options.Faults, log: options.Log,
		media: mediaHost{options.MediaHost, options.MediaAuth}, state: newAppState(), settings: newSettings(),
		own: newProfile(), publish: options.Publish, most: options.MostDevices,
		links: map[[32]byte]*linking{}, companions: map[uint16]*Companion{},
	}
	s.routes, s.mexQueries = s.table(), s.mexTable()
	return s
}

// Settle says who lives here.
func (s *Server) Settle(residents Residents) {
	s.residents = residents
}

// ServeHTTP takes the websocket of a client and keeps it until its end.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.away() {
		http.Error(w, "the emulator is cut off from the network", http.StatusServiceUnavailable)
		return
	}
	// The libraries come with the Origin of WhatsApp's own web client; this server is reachable on loopback only.
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		s.log.Warn("refused a websocket", "error", err)
		return
	}
	socket.SetReadLimit(noise.MaxFrame + 1024)
	defer func() {
		if err := socket.CloseNow(); err != nil {
			s.log.Debug("close a websocket", "error", err)
		}
	}()
	c, err := s.greet(r.Context(), socket)
	if err != nil {
		s.log.Warn("handshake failed", "error", err)
		return
	}
	if err := s.admit(r.Context(), c); err != nil {
		c.log.Warn("connection ended", "error", err)
	}
}

// admit decides what a client wants, and serves it.
func (s *Server) admit(ctx context.Context, c *conn) error {
	if c.client.Payload.GetDevicePairingData() != nil {
		defer s.forget(c)
		if err := s.offerLink(c); err != nil {
			return err
		}
		return c.serve(ctx)
	}
	companion, refusal := s.login(c)
	if refusal != nil {
		c.out.finish(*refusal)
		return c.serve(ctx)
	}
	defer companion.detach(c)
	return c.serve(ctx)
}

// Companions are the linked devices whose keys are there, by device.
func (s *Server) Companions() []*Companion {
	return slices.DeleteFunc(s.Devices(), func(c *Companion) bool { return !c.HasKeys() })
}

// Devices are all linked devices.
func (s *Server) Devices() []*Companion {
	s.mu.Lock()
	defer s.mu.Unlock()
	devices := make([]*Companion, 0, len(s.companions))
	for _, device := range slices.Sorted(maps.Keys(s.companions)) {
		devices = append(devices, s.companions[device])
	}
	return devices
}

// Companion finds a linked device by its number.
func (s *Server) Companion(device uint16) (*Companion, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.companions[device]
	return c, ok
}

// Broadcast delivers a stanza to all companions but one (0 for none).
func (s *Server) Broadcast(except uint16, node binary.Node) {
	for _, companion := range s.Companions() {
		if companion.Device != except {
			companion.Deliver(node)
		}
	}
}

// State is the account's app state.
func (s *Server) State() *AppState {
	return s.state
}

func (s *Server) away() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Before(s.awayUntil)
}

func (s *Server) now() time.Time {
	return s.world.Now()
}

var errUnknownDevice = errors.New("no such linked device")
