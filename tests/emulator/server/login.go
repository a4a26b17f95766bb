package server

import (
	"strings"
	"time"

	"go.mau.fi/whatsmeow/binary"

	"whatsapp-mcp/emulator/fault"
)

// banSeconds and banCode are what a temporary ban says: an hour, for writing to too many people.
const (
	banSeconds = 3600
	banCode    = 101
)

// login knows a companion by its number and its Noise key, and greets it or says why not.
func (s *Server) login(c *conn) (*Companion, *binary.Node) {
	payload := c.client.Payload
	device := uint16(payload.GetDevice())
	companion, ok := s.Companion(device)
	if !ok || companion.static != c.client.Static {
		s.log.Info("refused a login of an unlinked device", "device", device)
		refusal := failure("401")
		return nil, &refusal
	}
	if refusal := s.refusal(device); refusal != nil {
		return nil, refusal
	}
	c.companion = companion
	c.log = s.log.With("device", device)
	if previous := companion.attach(c); previous != nil {
		previous.out.finish(streamError("", "replaced"))
	}
	c.out.put(binary.Node{Tag: "success", Attrs: binary.Attrs{
		"t": s.now().Unix(), "lid": companion.LID, "location": "emu",
	}})
	waiting := companion.waiting()
	c.out.put(ib(binary.Node{Tag: "offline_preview", Attrs: binary.Attrs{
		"count": waiting["message"] + waiting["notification"] + waiting["receipt"], "appdata": 0,
		"message": waiting["message"], "notification": waiting["notification"], "receipt": waiting["receipt"],
	}}))
	if _, replaced := s.faults.Hit(fault.Replaced, device); replaced {
		c.out.finish(streamError("", "replaced"))
	}
	c.log.Info("companion logged in", "passive", payload.GetPassive())
	return companion, nil
}

// refusal is the <failure> that a fault asks for.
func (s *Server) refusal(device uint16) *binary.Node {
	for _, kind := range []fault.Kind{fault.LoggedOut, fault.Outdated, fault.Unavailable} {
		if _, ok := s.faults.Hit(kind, device); ok {
			refusal := failure(string(kind))
			return &refusal
		}
	}
	if _, ok := s.faults.Hit(fault.Banned, device); ok {
		refusal := failure("402")
		refusal.Attrs["code"], refusal.Attrs["expire"] = banCode, banSeconds
		return &refusal
	}
	return nil
}

// Strike makes a fault happen to the connections that are there now, each of which counts; the plan sees to later ones.
func (s *Server) Strike(f fault.Fault) {
	if f.Kind == fault.Drop && f.Delay > 0 {
		s.mu.Lock()
		s.awayUntil = time.Now().Add(f.Delay)
		s.mu.Unlock()
	}
	for _, companion := range s.Devices() {
		if f.Device == 0 || f.Device == companion.Device {
			s.strike(companion, f.Kind)
		}
	}
}

func (s *Server) strike(companion *Companion, kind fault.Kind) {
	c := companion.connection()
	if c == nil || !kind.EndsConnections() {
		return
	}
	// A cut is not in the plan, and a ban is told at the login that follows.
	if kind == fault.Drop || kind == fault.Banned {
		c.cut()
		return
	}
	if _, on := s.faults.Hit(kind, companion.Device); !on {
		return
	}
	switch kind { //nolint:exhaustive // EndsConnections leaves these.
	case fault.LoggedOut:
		if err := s.Unlink(companion.Device); err != nil {
			c.log.Warn("unlink", "error", err)
		}
	case fault.Replaced:
		c.out.finish(streamError("", "replaced"))
	case fault.Outdated:
		c.out.finish(failure(string(kind)))
	case fault.Unavailable:
		c.out.finish(streamError(string(kind), ""))
	}
}

// Unlink ends a companion: it is logged out now, and refused if it comes back.
func (s *Server) Unlink(device uint16) error {
	s.mu.Lock()
	companion, ok := s.companions[device]
	delete(s.companions, device)
	s.mu.Unlock()
	if !ok {
		return errUnknownDevice
	}
	if c := companion.connection(); c != nil {
		c.out.finish(streamError("401", "device_removed"))
	}
	s.tellDevices()
	return nil
}

func platformName(os string) string {
	if strings.TrimSpace(os) == "" {
		return "unknown"
	}
	return os
}
