package media

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// MaxUpload is the largest blob accepted, in bytes, unless Options say otherwise (WhatsApp's limit for documents is 2 GB;
// what the tests need is that there is one).
const MaxUpload = 100 << 20

// uploadTypes are the {type} parts of upload paths that the two libraries use.
var uploadTypes = []string{
	"image", "video", "audio", "ptt", "document", "sticker-pack", "thumbnail-link", "md-msg-hist", "md-app-state",
	"newsletter-image", "newsletter-video", "newsletter-audio", "newsletter-document",
}

// Options of a Server; the zero value is fine.
type Options struct {
	// MaxUpload in bytes; 0 means the constant of that name.
	MaxUpload int64
	Log       *slog.Logger
}

// Server is the media host. It listens on loopback only.
type Server struct {
	store
	listener net.Listener
	http     *http.Server
	caPEM    []byte
	auth     string
	max      int64
	log      *slog.Logger
}

// Start opens a media host on a free port of 127.0.0.1, with a certificate authority of its own.
func Start(options Options) (*Server, error) {
	caPEM, leaf, err := authority()
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("media server: %w", err)
	}
	auth := make([]byte, 24)
	_, _ = rand.Read(auth) // crypto/rand.Read never fails
	s := &Server{
		store:    store{blobs: map[string]*blob{}},
		listener: listener,
		caPEM:    caPEM,
		auth:     base64.RawURLEncoding.EncodeToString(auth),
		max:      options.MaxUpload,
		log:      options.Log,
	}
	if s.max == 0 {
		s.max = MaxUpload
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /mms/{type}/{token}", s.upload)
	mux.HandleFunc("POST /newsletter/{type}/{token}", s.upload)
	mux.HandleFunc("DELETE /mms/{type}/{token}", s.delete)
	mux.HandleFunc("GET /v/{path...}", s.download)
	s.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	tlsListener := tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12})
	go func() {
		if err := s.http.Serve(tlsListener); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("media server stopped", "error", err)
		}
	}()
	return s, nil
}

// Addr is the host:port that goes into media_conn and upload answers.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// CA is the PEM certificate that clients must trust.
func (s *Server) CA() []byte { return slices.Clone(s.caPEM) }

// Auth is the token that media_conn hands out; uploads and deletions must carry it.
func (s *Server) Auth() string { return s.auth }

// Put stores a blob as if it had been uploaded: the phone's and the contacts' way in.
func (s *Server) Put(mmsType string, data []byte) Blob { return s.put(mmsType, data) }

// Get returns a blob's sealed bytes, expired or not.
func (s *Server) Get(directPath string) ([]byte, bool) {
	b, ok := s.get(directPath)
	return slices.Clone(b.data), ok
}

// Download returns a blob's sealed bytes as a client would get them: not once it has expired.
func (s *Server) Download(directPath string) ([]byte, error) {
	b, ok := s.get(directPath)
	switch {
	case !ok:
		return nil, fmt.Errorf("no blob at %s", pathOf(directPath))
	case b.Status != http.StatusOK:
		return nil, fmt.Errorf("%s has expired: %d", pathOf(directPath), b.Status)
	}
	return slices.Clone(b.data), nil
}

// Blobs lists what is stored, in the order it came.
func (s *Server) Blobs() []Blob { return s.list() }

// Expire makes downloads of one blob, or of all if directPath is "", answer 403, 404 or 410; 200 ends it.
func (s *Server) Expire(directPath string, status int) error {
	if !slices.Contains([]int{http.StatusOK, http.StatusForbidden, http.StatusNotFound, http.StatusGone}, status) {
		return fmt.Errorf("media expires with 403, 404 or 410 (200 to restore), not %d", status)
	}
	if s.setStatus(directPath, status) == 0 && directPath != "" {
		return fmt.Errorf("no blob at %s", pathOf(directPath))
	}
	return nil
}

// Forget loses a blob, so that nobody has it any more.
func (s *Server) Forget(directPath string) error {
	if s.remove(func(b *blob) bool { return pathOf(b.DirectPath) != pathOf(directPath) }) == 0 {
		return fmt.Errorf("no blob at %s", pathOf(directPath))
	}
	return nil
}

// Renew is the phone uploading a file again that has expired: the same bytes under another path. It is false for one
// that was never there, or was lost.
func (s *Server) Renew(directPath string) (Blob, bool) { return s.renew(directPath) }

// Close stops serving; the context bounds how long running transfers may take.
func (s *Server) Close(ctx context.Context) error { return s.http.Shutdown(ctx) }

// uploaded is the answer to an upload; both libraries read url and direct_path.
type uploaded struct {
	URL        string `json:"url"`
	DirectPath string `json:"direct_path"`
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	if !s.authorised(w, r) {
		return
	}
	mmsType := r.PathValue("type")
	if !slices.Contains(uploadTypes, mmsType) {
		http.Error(w, "unknown media type "+mmsType, http.StatusBadRequest)
		return
	}
	want, err := decodeToken(r.PathValue("token"))
	if err != nil {
		http.Error(w, "the token must be the base64 SHA-256 of the body", http.StatusBadRequest)
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.max))
	if err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			http.Error(w, fmt.Sprintf("more than %d bytes", s.max), http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(w, "body could not be read", http.StatusBadRequest)
		return
	}
	if sum := sha256.Sum256(data); !bytes.Equal(sum[:], want) {
		http.Error(w, "the body's SHA-256 is not the token", http.StatusBadRequest)
		return
	}
	b := s.put(mmsType, data)
	s.log.Debug("media upload", "type", mmsType, "bytes", len(data))
	w.Header().Set("Content-Type", "application/json")
	answer := uploaded{URL: "https://" + s.Addr() + b.DirectPath, DirectPath: b.DirectPath}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		s.log.Debug("media upload answer", "error", err)
	}
}

// download serves a direct path. whatsmeow adds hash, the base64 SHA-256 of the blob (download.go): when it is there it must fit.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	b, ok := s.get(r.URL.Path)
	switch {
	case !ok:
		http.Error(w, "no such media", http.StatusNotFound)
		return
	case b.Status != http.StatusOK:
		http.Error(w, "media has expired", b.Status)
		return
	}
	if hash := r.URL.Query().Get("hash"); hash != "" {
		if want, err := decodeToken(hash); err != nil || !bytes.Equal(b.sum[:], want) {
			http.Error(w, "hash is of another blob", http.StatusForbidden)
			return
		}
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.data))
}

// delete removes the blob that the token names: whatsmeow does this with history once it is read.
func (s *Server) delete(w http.ResponseWriter, r *http.Request) {
	if !s.authorised(w, r) {
		return
	}
	want, err := decodeToken(r.PathValue("token"))
	if err != nil {
		http.Error(w, "the token must be a base64 SHA-256", http.StatusBadRequest)
		return
	}
	if s.remove(func(b *blob) bool { return !bytes.Equal(b.sum[:], want) }) == 0 {
		http.Error(w, "no such media", http.StatusNotFound)
	}
}

func (s *Server) authorised(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Query().Get("auth") == s.auth {
		return true
	}
	http.Error(w, "auth must be the token of media_conn", http.StatusUnauthorized)
	return false
}

// decodeToken reads base64 as either library writes it: URL-safe with padding (whatsmeow) or without (Baileys).
func decodeToken(token string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(token, "="))
}
