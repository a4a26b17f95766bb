package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/coder/websocket"
	"go.mau.fi/whatsmeow/binary"

	"whatsapp-mcp/emulator/fault"
	"whatsapp-mcp/emulator/noise"
)

const (
	// handshakeTime is how long a client may take from the first byte to its payload.
	handshakeTime = 20 * time.Second
	// parting is how long a client may take to close the connection itself after the server's last words. whatsmeow
	// forgets what it has not handled yet when the server closes first, even the code 515 that tells it to come back.
	parting = time.Second
)

// conn is one websocket after its handshake, of a companion or of a client that waits to be linked.
type conn struct {
	server *Server
	socket *websocket.Conn
	client *noise.Client
	out    *outbox
	log    *slog.Logger

	frames  *noise.Frames
	session *noise.Session

	// Only one is set: who logged in, or the attempt to link.
	companion *Companion
	linking   *linking
}

func (s *Server) greet(ctx context.Context, socket *websocket.Conn) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	frames := noise.NewFrames(func(ctx context.Context) ([]byte, error) {
		_, data, err := socket.Read(ctx)
		return data, err
	})
	write := func(ctx context.Context, frame []byte) error {
		return socket.Write(ctx, websocket.MessageBinary, frame)
	}
	session, client, err := s.identity.Accept(ctx, frames, write)
	if err != nil {
		return nil, err
	}
	return &conn{
		server: s, socket: socket, client: client, out: newOutbox(), log: s.log,
		frames: frames, session: session,
	}, nil
}

// serve reads stanzas and writes the outbox until one of them ends.
func (c *conn) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	written := make(chan error, 1)
	go func() {
		written <- c.write(ctx)
		cancel()
	}()
	err := c.read(ctx)
	cancel()
	return cmp.Or(ended(<-written), err)
}

func (c *conn) read(ctx context.Context) error {
	for {
		frame, err := c.frames.Next(ctx)
		if err != nil {
			return ended(err)
		}
		plain, err := c.session.Open(frame)
		if err != nil {
			return err
		}
		stanza, err := parse(plain)
		if err != nil {
			return err
		}
		c.log.Debug("stanza from the client", "stanza", stanza)
		if !c.out.ended() {
			c.server.handle(ctx, c, stanza)
		}
	}
}

// parse reads a stanza. whatsmeow's decoder panics on some inputs that no client makes (found by fuzzing), which ends
// here: the emulator outlives what it is sent.
func parse(plain []byte) (node *binary.Node, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			node, err = nil, fmt.Errorf("%w: %v", noise.ErrProtocol, problem)
		}
	}()
	if len(plain) == 0 {
		return nil, fmt.Errorf("%w: an empty frame", noise.ErrProtocol)
	}
	unpacked, err := binary.Unpack(plain)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", noise.ErrProtocol, err)
	}
	node, err = binary.Unmarshal(unpacked)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", noise.ErrProtocol, err)
	}
	return node, nil
}

func (c *conn) write(ctx context.Context) error {
	for {
		nodes, done := c.out.take()
		for _, node := range nodes {
			if err := c.wait(ctx); err != nil {
				return err
			}
			if err := c.writeNode(ctx, node); err != nil {
				return err
			}
		}
		if done {
			return c.part(ctx)
		}
		select {
		case <-c.out.more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *conn) part(ctx context.Context) error {
	timer := time.NewTimer(parting)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ended(c.socket.Close(websocket.StatusNormalClosure, ""))
	case <-ctx.Done():
		return nil
	}
}

func (c *conn) writeNode(ctx context.Context, node binary.Node) error {
	c.log.Debug("stanza to the client", "stanza", &node)
	plain, err := binary.Marshal(node)
	if err != nil {
		return fmt.Errorf("encode <%s>: %w", node.Tag, err)
	}
	frame, err := noise.Frame(c.session.Seal(plain))
	if err != nil {
		return err
	}
	return c.socket.Write(ctx, websocket.MessageBinary, frame)
}

// wait holds a frame back while the connection is slow.
func (c *conn) wait(ctx context.Context) error {
	slow, ok := c.server.faults.Get(fault.Slow, c.device())
	if !ok || slow.Delay == 0 {
		return nil
	}
	return fault.Pause(ctx, slow.Delay)
}

func (c *conn) device() uint16 {
	if c.companion == nil {
		return 0
	}
	return c.companion.Device
}

// cut ends the connection as a broken cable does.
func (c *conn) cut() {
	if err := c.socket.CloseNow(); err != nil {
		c.log.Debug("cut a connection", "error", err)
	}
}

// ended forgives the ways in which a connection ends without anybody's fault.
func ended(err error) error {
	status := websocket.CloseStatus(err)
	if status == websocket.StatusNormalClosure || status == websocket.StatusGoingAway || status == websocket.StatusNoStatusRcvd ||
		errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
