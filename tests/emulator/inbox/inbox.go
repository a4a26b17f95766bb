// Package inbox keeps what the people inside the emulator saw, for tests to read.
package inbox

import (
	"context"
	"sync"
	"time"
)

// Kind says what an entry is about.
type Kind string

// The kinds of entries. The last four are in the phone's inbox only.
const (
	Message  Kind = "message"
	Reaction Kind = "reaction"
	Edit     Kind = "edit"
	Revoke   Kind = "revoke"
	Receipt  Kind = "receipt"
	Failed   Kind = "failed" // a payload that could not be decrypted

	Copy        Kind = "copy"         // what a companion sent, as the other devices of the account get it
	PeerRequest Kind = "peer_request" // a companion asks the phone for something
	AppState    Kind = "app_state"    // a companion changed something that all devices share
)

// Entry is one thing that somebody saw.
type Entry struct {
	// N counts entries of one log from 1.
	N    int  `json:"n"`
	Kind Kind `json:"kind"`
	// Contact is the name of who saw it; absent in the phone's log.
	Contact string `json:"contact,omitempty"`
	// From is the device that sent it, by its LID; Chat a LID or a group.
	From string `json:"from"`
	Chat string `json:"chat"`
	ID   string `json:"id"`
	// Text is the text or caption, the emoji of a reaction (absent when it was taken back), or what a request or change
	// is called.
	Text string `json:"text,omitempty"`
	// Target is the message that a reaction, edit or revoke is about, Author who wrote that one unless it was From;
	// Quoted the one that a message answers.
	Target string `json:"target,omitempty"`
	Author string `json:"author,omitempty"`
	Quoted string `json:"quoted_id,omitempty"`
	// Type is what a message or copy carries: text, image ...
	Type        string   `json:"type,omitempty"`
	IDs         []string `json:"ids,omitempty"`
	ReceiptType string   `json:"receipt_type,omitempty"`
	// Forwarded messages say so, and how often that was done.
	Forwarded       bool   `json:"forwarded,omitempty"`
	ForwardingScore uint32 `json:"forwarding_score,omitempty"`

	Mentions []string `json:"mentions,omitempty"`
	// Cards are vCard texts.
	Cards []string  `json:"cards,omitempty"`
	Place *Place    `json:"place,omitempty"`
	File  *File     `json:"file,omitempty"`
	At    time.Time `json:"at"`
}

// File is an attachment that was downloaded and opened. Size in bytes, SHA256 in hex, both of what was opened; the
// thumbnail's size in pixels, 0 where there is no JPEG.
type File struct {
	Mime            string `json:"mime"`
	FileName        string `json:"file_name,omitempty"`
	Size            int    `json:"size"`
	SHA256          string `json:"sha256,omitempty"`
	Seconds         uint32 `json:"seconds,omitempty"`
	Width           uint32 `json:"width,omitempty"`
	Height          uint32 `json:"height,omitempty"`
	Moves           bool   `json:"moves,omitempty"`
	Waveform        []byte `json:"waveform,omitempty"`
	ThumbnailWidth  int    `json:"thumbnail_width,omitempty"`
	ThumbnailHeight int    `json:"thumbnail_height,omitempty"`
	// Error says why it could not be opened.
	Error string `json:"error,omitempty"`
}

// Place is a location in degrees.
type Place struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
}

// Log is an append-only list of entries. The zero Log is empty.
type Log struct {
	mu      sync.Mutex
	entries []Entry
	grown   chan struct{}
}

// Add numbers an entry and keeps it.
func (l *Log) Add(entry Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry.N = len(l.entries) + 1
	l.entries = append(l.entries, entry)
	if l.grown != nil {
		close(l.grown)
		l.grown = nil
	}
}

// Since returns the entries after number n that are wanted, and the number to ask with next.
func (l *Log) Since(n int, wanted func(Entry) bool) (entries []Entry, next int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next = len(l.entries)
	for _, entry := range l.entries[min(max(n, 0), next):] {
		if wanted(entry) {
			entries = append(entries, entry)
		}
	}
	return entries, next
}

// Wait returns the first wanted entry after number n, when there is one.
func (l *Log) Wait(ctx context.Context, n int, wanted func(Entry) bool) (Entry, error) {
	for {
		grown := l.watch()
		entries, next := l.Since(n, wanted)
		if len(entries) > 0 {
			return entries[0], nil
		}
		n = next
		select {
		case <-grown:
		case <-ctx.Done():
			return Entry{}, ctx.Err()
		}
	}
}

func (l *Log) watch() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.grown == nil {
		l.grown = make(chan struct{})
	}
	return l.grown
}
