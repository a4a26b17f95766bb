package main

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
)

func TestASecondBridgeIsToldWhoHoldsTheStore(t *testing.T) {
	folder := t.TempDir()
	first, err := holdStore(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.describe("127.0.0.1:8080"); err != nil {
		t.Fatal(err)
	}
	_, err = holdStore(folder)
	if err == nil {
		t.Fatal("two bridges hold one store")
	}
	for _, part := range []string{fmt.Sprintf("pid %d", os.Getpid()), "listening on 127.0.0.1:8080", "since 20"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	first.release(slog.New(slog.DiscardHandler))
	again, err := holdStore(folder)
	if err != nil {
		t.Fatalf("a lock that was given back still holds: %v", err)
	}
	again.release(slog.New(slog.DiscardHandler))
}

func TestAPortInUseIsNamed(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	address := listener.Addr().String()
	if _, err := listen(t.Context(), address); err == nil || !strings.Contains(err.Error(), address) || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("got %v", err)
	}
}

func TestOnlyLoopbackIsListenedOnAndSpokenTo(t *testing.T) {
	for _, bad := range [][]string{
		{"--listen", "0.0.0.0:8080"},
		{"--listen", ":8080"},
		{"--listen", "192.168.0.2:8080"},
		{"--listen", "localhost:8080"},
		{"--listen", "[::]:8080"},
		{"--listen", "8080"},
		{"--emulator", "ws://192.168.0.2:1"},
		{"--emulator", "ws://localhost:1"},
		{"--emulator", "wss://127.0.0.1:1"},
		{"extra"},
	} {
		if given, err := readSettings(bad); err == nil {
			t.Errorf("%v gave %+v", bad, given)
		}
	}
	given, err := readSettings([]string{"--listen", "127.0.0.1:0", "--store", "here"})
	if err != nil || given.tokenFile != "here/bridge.token" {
		t.Errorf("got %+v, %v", given, err)
	}
}
