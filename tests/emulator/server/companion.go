package server

import (
	"context"
	"errors"
	"sync"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/fault"
	"whatsapp-mcp/emulator/signal"
)

// lowOnKeys is the number of one-time keys below which a companion is asked for more, as whatsmeow expects it.
const lowOnKeys = 5

// ErrNoKeys says that a companion has not uploaded its keys yet, so that nobody can write to it.
var ErrNoKeys = errors.New("the companion has uploaded no keys yet")

// Companion is a linked device of the account.
type Companion struct {
	// Device is its number; the phone is 0.
	Device uint16
	// JID and LID are its addresses, with the device.
	JID, LID types.JID
	// Platform is what it calls itself while linking.
	Platform string
	// FullHistory says that it asked for the whole history while linking.
	FullHistory bool

	server *Server
	static [32]byte
	// linked is closed when it has logged in for the first time and is ready.
	linked chan struct{}

	mu      sync.Mutex
	keys    keyring
	queue   queue
	conn    *conn
	ready   bool
	greeted bool
	// opened is closed, and replaced, each time the companion becomes ready.
	opened   chan struct{}
	receipts int
}

type keyring struct {
	uploaded bool
	bundle   signal.Bundle
	oneTime  []signal.PreKey
	// seen holds the IDs of all one-time keys that were ever uploaded.
	seen map[uint32]bool
}

func newCompanion(s *Server, device uint16, link *linking) *Companion {
	account := s.world.Account()
	c := &Companion{
		Device: device, JID: account.PN, LID: account.LID,
		Platform: link.platform, FullHistory: link.fullHistory,
		server: s, static: link.static, linked: make(chan struct{}), opened: make(chan struct{}), queue: newQueue(),
	}
	c.JID.Device, c.LID.Device = device, device
	return c
}

// Status is how a companion stands at the moment.
type Status struct {
	Connected bool
	Ready     bool
	// Queued counts what it has not acknowledged, PreKeys the one-time keys that are left.
	Queued, PreKeys int
	// Receipts counts those it sent.
	Receipts int
}

// Status takes a look.
func (c *Companion) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Status{
		Connected: c.conn != nil, Ready: c.conn != nil && c.ready,
		Queued: c.queue.len(), PreKeys: len(c.keys.oneTime), Receipts: c.receipts,
	}
}

// HasKeys reports whether others can write to it.
func (c *Companion) HasKeys() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.keys.uploaded
}

// Bundle gives out its keys, with a one-time key that nobody else gets.
func (c *Companion) Bundle() (signal.Bundle, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.keys.uploaded {
		return signal.Bundle{}, ErrNoKeys
	}
	bundle := c.keys.bundle
	if len(c.keys.oneTime) > 0 {
		bundle.OneTime = &c.keys.oneTime[0]
		c.keys.oneTime = c.keys.oneTime[1:]
	}
	if len(c.keys.oneTime) == lowOnKeys-1 {
		c.deliver(c.server.lowOnKeys(len(c.keys.oneTime)))
	}
	return bundle, nil
}

// Deliver sends a message, receipt or notification; it is kept until the companion acknowledges it, over as many
// connections as that takes.
func (c *Companion) Deliver(node binary.Node) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deliver(node)
}

func (c *Companion) deliver(node binary.Node) {
	c.queue.add(node)
	if _, silent := c.server.faults.Get(fault.Silent, c.Device); silent || c.conn == nil || !c.ready {
		return
	}
	c.conn.out.put(node)
	if _, twice := c.server.faults.Hit(fault.DuplicateDelivery, c.Device); twice && node.Tag == "message" {
		c.conn.out.put(node)
	}
}

// attach makes a connection the companion's own and returns the one that it replaces.
func (c *Companion) attach(next *conn) (previous *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	previous, c.conn, c.ready = c.conn, next, false
	return previous
}

func (c *Companion) detach(old *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == old {
		c.conn, c.ready = nil, false
	}
}

// open says that the companion takes messages now: all that waited go out, then how many they were. It reports
// whether this was the first time.
func (c *Companion) open(from *conn) (first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != from || c.ready {
		return false
	}
	waiting := c.queue.offline()
	from.out.put(waiting...)
	from.out.put(ib(binary.Node{Tag: "offline", Attrs: binary.Attrs{"count": len(waiting)}}))
	c.ready = true
	close(c.opened)
	c.opened = make(chan struct{})
	first, c.greeted = !c.greeted, true
	return first
}

func (c *Companion) acknowledge(keys ...stanzaKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range keys {
		c.queue.acknowledge(key)
	}
}

func (c *Companion) countReceipt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.receipts++
}

func (c *Companion) waiting() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	count := map[string]int{}
	for key := range c.queue.byKey {
		count[key.class]++
	}
	return count
}

func (c *Companion) connection() *conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn
}

// upload takes keys in. One-time keys that were given out, or are there already, are not taken twice.
func (c *Companion) upload(bundle signal.Bundle, oneTime []signal.PreKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.keys.uploaded || c.keys.bundle.Identity != bundle.Identity {
		c.keys = keyring{uploaded: true, seen: map[uint32]bool{}}
	}
	c.keys.bundle = bundle
	for _, key := range oneTime {
		if !c.keys.seen[key.ID] {
			c.keys.seen[key.ID] = true
			c.keys.oneTime = append(c.keys.oneTime, key)
		}
	}
}

func (c *Companion) rotate(signed signal.SignedPreKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys.bundle.Signed = signed
}

func (c *Companion) keysLeft() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.keys.oneTime)
}

// WaitReady returns when the companion is connected and takes messages.
func (c *Companion) WaitReady(ctx context.Context) error {
	for {
		c.mu.Lock()
		ready, opened := c.conn != nil && c.ready, c.opened
		c.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-opened:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
