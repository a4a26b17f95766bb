package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// held is the lock on a store's folder. The file says who holds it; the lock itself ends with its process.
type held struct {
	lock *flock.Flock
	path string
}

type holder struct {
	PID       int    `json:"pid"`
	Listen    string `json:"listen"`
	StartedAt string `json:"started_at"`
}

func holdStore(folder string) (*held, error) {
	path := filepath.Join(folder, "bridge.lock")
	lock := flock.New(path, flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the store: %w", err)
	}
	if !locked {
		return nil, errors.New(describeHolder(path))
	}
	return &held{lock: lock, path: path}, nil
}

func describeHolder(path string) string {
	const advice = "stop it, or give this bridge another --store"
	var other holder
	content, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(content, &other)
	}
	if err != nil {
		return "another bridge holds this store; " + advice
	}
	return fmt.Sprintf("another bridge (pid %d, listening on %s, since %s) holds this store; %s",
		other.PID, other.Listen, other.StartedAt, advice)
}

// describe writes who holds the store, for the one who comes second.
func (h *held) describe(address string) error {
	content, err := json.Marshal(holder{
		PID: os.Getpid(), Listen: address, StartedAt: time.Now().UTC().Format(time.RFC3339),
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(h.path, append(content, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing the lock's file: %w", err)
	}
	return nil
}

func (h *held) release(log *slog.Logger) {
	logFailure(log, "unlocking the store", h.lock.Unlock())
}

// checkListen refuses every address that others could reach.
func checkListen(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--listen %s is not HOST:PORT", address)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("--listen %s is refused: the bridge listens on a loopback IP only, such as 127.0.0.1:8080", address)
	}
	return nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %s is in use by another program; stop it, or choose another port with --listen", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	return listener, nil
}
