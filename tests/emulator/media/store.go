package media

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Blob tells about one stored blob.
type Blob struct {
	// Type is the mms type of the upload path: image, video, audio, document, md-msg-hist, md-app-state, ...
	Type string
	// DirectPath starts with a slash and has a query, as the libraries need it.
	DirectPath string
	Size       int
	// Status is what a download gets: 200, or what Expire set.
	Status int
}

type blob struct {
	Blob
	sum  [sha256.Size]byte
	data []byte
}

// store keeps blobs by the path part of their direct path. The same bytes uploaded twice are one blob.
type store struct {
	mu    sync.RWMutex
	blobs map[string]*blob
	order []string
}

// folders are the direct-path prefixes of the real hosts, so that paths look like those in real messages.
var folders = map[string]string{
	"image": "t62.7118-24", "video": "t62.7161-24", "audio": "t62.7117-24", "ptt": "t62.7117-24", "document": "t62.7119-24",
	"picture": "t61.24694-24",
}

func (s *store) put(mmsType string, data []byte) Blob {
	sum := sha256.Sum256(data)
	folder, ok := folders[mmsType]
	if !ok {
		folder = "t62.36144-24"
	}
	key := fmt.Sprintf("/v/%s/%s_n.enc", folder, hex.EncodeToString(sum[:12]))
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, there := s.blobs[key]; there {
		b.Status = http.StatusOK
		return b.Blob
	}
	b := &blob{
		Blob: Blob{
			Type:       mmsType,
			DirectPath: fmt.Sprintf("%s?ccb=11-4&oh=01_%s&_nc_sid=5e03e0", key, base64.RawURLEncoding.EncodeToString(sum[12:27])),
			Size:       len(data),
			Status:     http.StatusOK,
		},
		sum:  sum,
		data: slices.Clone(data),
	}
	s.blobs[key] = b
	s.order = append(s.order, key)
	return b.Blob
}

func (s *store) get(directPath string) (blob, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, ok := s.blobs[pathOf(directPath)]
	if !ok {
		return blob{}, false
	}
	return *b, true
}

func (s *store) remove(keep func(*blob) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.order)
	s.order = slices.DeleteFunc(s.order, func(key string) bool {
		if keep(s.blobs[key]) {
			return false
		}
		delete(s.blobs, key)
		return true
	})
	return before - len(s.order)
}

// renew stores a blob once more, under a path of its own.
func (s *store) renew(directPath string) (Blob, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.blobs[pathOf(directPath)]
	if !ok {
		return Blob{}, false
	}
	key := strings.Replace(pathOf(directPath), "_n.enc", fmt.Sprintf("_%d_n.enc", len(s.order)), 1)
	again := *old
	again.Status = http.StatusOK
	again.DirectPath = strings.Replace(old.DirectPath, pathOf(directPath), key, 1)
	s.blobs[key] = &again
	s.order = append(s.order, key)
	return again.Blob, true
}

// setStatus changes what downloads get, of one blob or (directPath "") of all; it returns how many it found.
func (s *store) setStatus(directPath string, status int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for key, b := range s.blobs {
		if directPath == "" || key == pathOf(directPath) {
			b.Status = status
			n++
		}
	}
	return n
}

func (s *store) list() []Blob {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]Blob, len(s.order))
	for i, key := range s.order {
		out[i] = s.blobs[key].Blob
	}
	return out
}

func pathOf(directPath string) string {
	path, _, _ := strings.Cut(directPath, "?")
	return path
}
