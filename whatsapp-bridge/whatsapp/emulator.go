package whatsapp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
)

// Emulator is a WhatsApp server on loopback, which tests and the demo use in place of WhatsApp's own.
type Emulator struct {
	address string
	root    [32]byte
	media   string
	ca      *x509.CertPool
}

// ErrNotLoopback is returned for an emulator's address that is not a loopback IP.
var ErrNotLoopback = errors.New("the emulator must be ws://IP:PORT with a loopback IP such as 127.0.0.1")

// CheckEmulator returns the host:port of an emulator's address such as ws://127.0.0.1:18999.
// Anything but a loopback IP is refused: the hooks behind this switch replace WhatsApp's root of trust.
func CheckEmulator(address string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "ws" || parsed.Port() == "" || parsed.User != nil {
		return "", ErrNotLoopback
	}
	ip := net.ParseIP(parsed.Hostname())
	if ip == nil || !ip.IsLoopback() {
		return "", ErrNotLoopback
	}
	return parsed.Host, nil
}

// FindEmulator asks the emulator at address for its Noise root key, its media server and that server's CA.
func FindEmulator(ctx context.Context, address string) (*Emulator, error) {
	host, err := CheckEmulator(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	emulator := &Emulator{address: host, ca: x509.NewCertPool()}
	root, err := emulator.ask(ctx, "/root")
	if err != nil {
		return nil, err
	}
	if n, err := hex.Decode(emulator.root[:], root); err != nil || n != len(emulator.root) {
		return nil, fmt.Errorf("the emulator's /root is not the hex of 32 bytes")
	}
	pem, err := emulator.ask(ctx, "/ca.pem")
	if err != nil {
		return nil, err
	}
	if !emulator.ca.AppendCertsFromPEM(pem) {
		return nil, errors.New("the emulator's /ca.pem holds no certificate")
	}
	media, err := emulator.ask(ctx, "/media")
	if err != nil {
		return nil, err
	}
	emulator.media = string(media)
	if !isLoopback(emulator.media) {
		return nil, fmt.Errorf("the emulator's media server: %w", ErrNotLoopback)
	}
	return emulator, nil
}

func (e *Emulator) ask(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.address+path, nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{DialContext: e.dial(e.address)}}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("the emulator at %s does not answer: %w", e.address, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the emulator answered %s with %d", path, response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	return []byte(strings.TrimSpace(string(body))), err
}

// hook makes client speak to the emulator. The socket's URL is a constant of the library, so the connection is
// redirected where it is dialled; a plain connection from DialTLSContext makes wss run without TLS.
func (e *Emulator) hook(client *whatsmeow.Client) {
	whatsmeow.WACertPubKey = e.root
	dial := e.dial(e.address)
	socket := &http.Client{Transport: &http.Transport{
		DialContext: dial, DialTLSContext: dial, ResponseHeaderTimeout: handshakeTimeout,
	}}
	client.SetPreLoginHTTPClient(socket)
	client.SetWebsocketHTTPClient(socket)
	client.SetMediaHTTPClient(&http.Client{Transport: &http.Transport{
		DialContext:           e.dial(e.media),
		TLSClientConfig:       &tls.Config{RootCAs: e.ca, MinVersion: tls.VersionTLS12, ServerName: hostOf(e.media)},
		ResponseHeaderTimeout: handshakeTimeout,
	}})
}

func (e *Emulator) dial(address string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		dialer := net.Dialer{Timeout: 10 * time.Second}
		return dialer.DialContext(ctx, "tcp", address)
	}
}

func isLoopback(address string) bool {
	ip := net.ParseIP(hostOf(address))
	return ip != nil && ip.IsLoopback()
}

func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return host
}
