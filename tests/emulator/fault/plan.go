// Package fault holds what is to go wrong. Tests put faults in, the server and the phone ask before they act.
package fault

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Kind names a fault as the admin API does.
type Kind string

// The faults. Those with a number are WhatsApp's codes for the end of a connection.
const (
	Drop              Kind = "drop"               // the connection is cut, with a delay new ones are refused for so long
	Slow              Kind = "slow"               // every frame to the companion waits
	LoggedOut         Kind = "401"                // the device is unlinked
	Outdated          Kind = "405"                // the client's version is too old
	Replaced          Kind = "440"                // the same device connected somewhere else
	Unavailable       Kind = "503"                // the server is restarting
	Banned            Kind = "banned"             // the account is temporarily banned (402)
	PhoneOffline      Kind = "phone_offline"      // the phone answers when it is back
	PhoneSlow         Kind = "phone_slow"         // the phone waits before it answers
	PhoneEmpty        Kind = "phone_empty"        // the phone finds no older messages
	Passkey           Kind = "passkey"            // linking asks for a passkey
	DuplicateDelivery Kind = "duplicate_delivery" // every message arrives twice
	Silent            Kind = "silent"             // pings are answered, but what comes for the companion waits for its next login
)

var kinds = map[Kind]bool{
	Drop: true, Slow: true, LoggedOut: true, Outdated: true, Replaced: true, Unavailable: true, Banned: true,
	PhoneOffline: true, PhoneSlow: true, PhoneEmpty: true, Passkey: true, DuplicateDelivery: true, Silent: true,
}

// Known reports whether there is such a fault.
func (k Kind) Known() bool {
	return kinds[k]
}

// EndsConnections tells the faults that end a connection which is there, and keep new ones from being made.
func (k Kind) EndsConnections() bool {
	switch k {
	case Drop, LoggedOut, Outdated, Replaced, Unavailable, Banned:
		return true
	default:
		return false
	}
}

// Fault is one thing that goes wrong.
type Fault struct {
	Kind Kind
	// Device is the companion it is for, 0 for all.
	Device uint16
	// Delay is how long a slow fault waits.
	Delay time.Duration
	// Count is how often it happens, 0 for as long as it is on.
	Count int
}

type place struct {
	kind   Kind
	device uint16
}

// Plan is the faults that are on. The zero Plan has none.
type Plan struct {
	mu      sync.Mutex
	on      map[place]*Fault
	changed chan struct{}
}

// Set turns a fault on, replacing one of the same kind for the same device.
func (p *Plan) Set(fault Fault) error {
	if !fault.Kind.Known() {
		return fmt.Errorf("there is no fault %q", fault.Kind)
	}
	if fault.Delay < 0 || fault.Count < 0 {
		return fmt.Errorf("fault %q: delay and count cannot be negative", fault.Kind)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.on == nil {
		p.on = map[place]*Fault{}
	}
	p.on[place{fault.Kind, fault.Device}] = &fault
	p.announce()
	return nil
}

// Clear turns a fault off; it need not be on. Clearing it for device 0 clears it for every device.
func (p *Plan) Clear(kind Kind, device uint16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at := range p.on {
		if at.kind == kind && (device == 0 || at.device == device) {
			delete(p.on, at)
		}
	}
	p.announce()
}

// Get returns a fault that is on for the device, without counting it.
func (p *Plan) Get(kind Kind, device uint16) (Fault, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if fault := p.find(kind, device); fault != nil {
		return *fault, true
	}
	return Fault{}, false
}

// Hit is Get for a fault that now happens: one with a count is off when that is used up.
func (p *Plan) Hit(kind Kind, device uint16) (Fault, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fault := p.find(kind, device)
	if fault == nil {
		return Fault{}, false
	}
	hit := *fault
	if fault.Count > 0 {
		fault.Count--
		if fault.Count == 0 {
			delete(p.on, place{fault.Kind, fault.Device})
			p.announce()
		}
	}
	return hit, true
}

// Changed is closed at the next change of the plan. Ask for it before looking at the plan.
func (p *Plan) Changed() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed == nil {
		p.changed = make(chan struct{})
	}
	return p.changed
}

func (p *Plan) announce() {
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

func (p *Plan) find(kind Kind, device uint16) *Fault {
	if fault, ok := p.on[place{kind, device}]; ok {
		return fault
	}
	return p.on[place{kind, 0}]
}

// Pause waits as long as a fault says, or until ctx ends.
func Pause(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
