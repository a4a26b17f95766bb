// Package noise is the server's half of WhatsApp's transport: frames with a three byte length inside a websocket, the
// Noise_XX_25519_AESGCM_SHA256 handshake with a certificate chain, and the two ciphers that follow it.
package noise

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// MaxFrame is the largest payload of one frame in bytes: its length has three bytes, and both libraries stop below it.
const MaxFrame = 1<<24 - 1

const (
	lengthSize   = 3
	prologueSize = 4
)

// ErrProtocol marks bytes that no WhatsApp client would send.
var ErrProtocol = errors.New("not the WhatsApp protocol")

// edgeRouting opens the routing information which a client that was once given some puts before its prologue.
var edgeRouting = []byte("ED")

// Chunks reads the next piece of the byte stream; a websocket cuts it wherever it likes.
type Chunks func(context.Context) ([]byte, error)

// Frames cuts a stream of chunks into frames. It is for one reader.
type Frames struct {
	chunks Chunks
	buffer []byte
}

// NewFrames reads frames from a stream.
func NewFrames(chunks Chunks) *Frames {
	return &Frames{chunks: chunks}
}

// Prologue reads the four bytes that open a connection ("WA", protocol 6, dictionary 3), and passes over routing
// information before them. They are part of the handshake's hash.
func (f *Frames) Prologue(ctx context.Context) ([]byte, error) {
	if err := f.fill(ctx, prologueSize); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(f.buffer, edgeRouting) {
		// "ED", two bytes of version, then the information with a three byte length.
		if err := f.fill(ctx, prologueSize+lengthSize); err != nil {
			return nil, err
		}
		skip := prologueSize + lengthSize + length(f.buffer[prologueSize:])
		if err := f.fill(ctx, skip+prologueSize); err != nil {
			return nil, err
		}
		f.buffer = f.buffer[skip:]
	}
	prologue := bytes.Clone(f.buffer[:prologueSize])
	if prologue[0] != 'W' || prologue[1] != 'A' {
		return nil, fmt.Errorf("%w: it opens with %x and not with WA", ErrProtocol, prologue)
	}
	f.buffer = f.buffer[prologueSize:]
	return prologue, nil
}

// Next is the payload of the next frame.
func (f *Frames) Next(ctx context.Context) ([]byte, error) {
	if err := f.fill(ctx, lengthSize); err != nil {
		return nil, err
	}
	end := lengthSize + length(f.buffer)
	if err := f.fill(ctx, end); err != nil {
		return nil, err
	}
	payload := f.buffer[lengthSize:end:end]
	f.buffer = f.buffer[end:]
	return payload, nil
}

func (f *Frames) fill(ctx context.Context, size int) error {
	for len(f.buffer) < size {
		chunk, err := f.chunks(ctx)
		if err != nil {
			return err
		}
		f.buffer = append(f.buffer, chunk...)
	}
	return nil
}

func length(b []byte) int {
	return int(b[0])<<16 | int(b[1])<<8 | int(b[2])
}

// Frame puts the length before a payload.
func Frame(payload []byte) ([]byte, error) {
	size := len(payload)
	if size > MaxFrame {
		return nil, fmt.Errorf("a frame of %d bytes is larger than the %d that its length can say", size, MaxFrame)
	}
	frame := make([]byte, 0, lengthSize+size)
	frame = append(frame, byte(size>>16), byte(size>>8), byte(size))
	return append(frame, payload...), nil
}
