package server

import (
	"sync"

	"go.mau.fi/whatsmeow/binary"
)

// outbox is what waits to be written to one connection. It never blocks who puts in, so that a client which does not
// read holds up nobody but itself.
type outbox struct {
	mu     sync.Mutex
	nodes  []binary.Node
	closed bool
	more   chan struct{}
}

func newOutbox() *outbox {
	return &outbox{more: make(chan struct{}, 1)}
}

func (o *outbox) put(nodes ...binary.Node) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.nodes = append(o.nodes, nodes...)
	o.wake()
}

// finish puts the last words in; nothing is taken after them.
func (o *outbox) finish(last ...binary.Node) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.nodes = append(o.nodes, last...)
	o.closed = true
	o.wake()
}

// take empties the outbox; done says that nothing will follow.
func (o *outbox) take() (nodes []binary.Node, done bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	nodes, o.nodes = o.nodes, nil
	return nodes, o.closed
}

// ended reports whether the last words are said; what the client still sends is not heard.
func (o *outbox) ended() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed
}

func (o *outbox) wake() {
	select {
	case o.more <- struct{}{}:
	default:
	}
}
