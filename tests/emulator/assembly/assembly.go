// Package assembly puts an emulator together: world, server, media host, phone and contacts behind one listener.
package assembly

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"whatsapp-mcp/emulator/admin"
	"whatsapp-mcp/emulator/fault"
	"whatsapp-mcp/emulator/media"
	"whatsapp-mcp/emulator/noise"
	"whatsapp-mcp/emulator/phone"
	"whatsapp-mcp/emulator/residents"
	"whatsapp-mcp/emulator/server"
	"whatsapp-mcp/emulator/signal"
	"whatsapp-mcp/emulator/world"
)

// Options are what an emulator is started with.
type Options struct {
	// Listen is host:port; the host must be a loopback address, port 0 picks a free one.
	Listen string
	World  *world.World
	// State is a folder for the Signal database, made if need be; "" takes a temporary one.
	State string
	// MostDevices is how many companions the phone links, 0 for no limit.
	MostDevices int
	Log         *slog.Logger
}

// headerTime is how long a client may take over the head of a request.
const headerTime = 10 * time.Second

// Emulator runs until Close.
type Emulator struct {
	// Addr is the host:port it listens on, MediaAddr that of its media host.
	Addr, MediaAddr string

	http   *http.Server
	media  *media.Server
	phone  *phone.Phone
	keys   *signal.Store
	folder string
	served chan error
	end    context.CancelFunc
}

// Start makes an emulator and lets it listen.
func Start(ctx context.Context, options Options) (*Emulator, error) {
	listener, err := listen(ctx, options.Listen)
	if err != nil {
		return nil, err
	}
	e := &Emulator{Addr: listener.Addr().String(), served: make(chan error, 1)}
	handler, err := e.assemble(ctx, options)
	if err != nil {
		return nil, errors.Join(err, listener.Close(), e.release(context.WithoutCancel(ctx)))
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	e.end = end
	e.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		BaseContext:       func(net.Listener) context.Context { return life },
	}
	go func() { e.served <- e.http.Serve(listener) }()
	return e, nil
}

// listen refuses every address that others could reach.
func listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--listen %q: %w; use 127.0.0.1:PORT", address, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("--listen %q: the emulator listens on loopback addresses only; use 127.0.0.1:PORT", address)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen %q: %w; choose another port, or 0 for a free one", address, err)
	}
	return listener, nil
}

func (e *Emulator) assemble(ctx context.Context, options Options) (http.Handler, error) {
	var err error
	if e.folder, err = stateFolder(options.State); err != nil {
		return nil, err
	}
	folder := options.State
	if folder == "" {
		folder = e.folder
	}
	if e.keys, err = signal.Open(ctx, filepath.Join(folder, "signal.db")); err != nil {
		return nil, err
	}
	if e.media, err = media.Start(media.Options{Log: options.Log}); err != nil {
		return nil, err
	}
	e.MediaAddr = e.media.Addr()
	identity, err := noise.NewIdentity(time.Now())
	if err != nil {
		return nil, err
	}
	faults := &fault.Plan{}
	s := server.New(server.Options{
		World: options.World, Identity: identity, Faults: faults, Log: options.Log,
		MediaHost: e.media.Addr(), MediaAuth: e.media.Auth(),
		Publish:     func(picture []byte) string { return e.media.Put("picture", picture).DirectPath },
		MostDevices: options.MostDevices,
	})
	e.phone, err = phone.New(ctx, phone.Options{World: options.World, Server: s, Faults: faults, Media: e.media, Log: options.Log}, e.keys)
	if err != nil {
		return nil, err
	}
	contacts := residents.NewContacts(options.World, s, e.keys, e.media, options.Log)
	s.Settle(&residents.Residents{World: options.World, Phone: e.phone, Contacts: contacts, Log: options.Log})
	api := &admin.API{
		World: options.World, Identity: identity, Server: s, Phone: e.phone, Contacts: contacts,
		Media: e.media, Faults: faults, Log: options.Log,
	}
	return api.Handler(), nil
}

// stateFolder makes the folder that was asked for, or a temporary one, whose name it returns.
func stateFolder(asked string) (temporary string, err error) {
	if asked == "" {
		return os.MkdirTemp("", "emulator-")
	}
	if err := os.MkdirAll(asked, 0o700); err != nil {
		return "", fmt.Errorf("--state: %w", err)
	}
	entries, err := os.ReadDir(asked)
	if err != nil {
		return "", fmt.Errorf("--state: %w", err)
	}
	if len(entries) > 0 {
		return "", fmt.Errorf("--state %q is not empty; an emulator always starts anew, so give it an empty folder", asked)
	}
	return "", nil
}

// Done yields when the emulator stopped serving by itself, and why.
func (e *Emulator) Done() <-chan error {
	return e.served
}

// Close ends all connections and removes what was temporary.
func (e *Emulator) Close(ctx context.Context) error {
	e.end()
	err := e.http.Close()
	return errors.Join(err, e.release(ctx))
}

func (e *Emulator) release(ctx context.Context) error {
	var errs []error
	if e.phone != nil {
		e.phone.Close()
	}
	if e.media != nil {
		errs = append(errs, e.media.Close(ctx))
	}
	if e.keys != nil {
		errs = append(errs, e.keys.Close())
	}
	if e.folder != "" {
		errs = append(errs, os.RemoveAll(e.folder))
	}
	return errors.Join(errs...)
}
