package server

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waCompanionReg"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/fault"
)

const (
	// refCount is how many QR codes one connection is good for.
	refCount = 6
	// lastDevice is the highest device number. WhatsApp keeps 99 for devices that it hosts itself, and Baileys knows it.
	lastDevice = 98
)

// Errors of linking.
var (
	ErrNotWaiting = errors.New("no client is waiting to be linked with this code: it is old, or from another server")
	ErrNoNumbers  = errors.New("this emulator has given out all its device numbers; start a new one")
	ErrPasskey    = errors.New("linking needs a passkey; the client was asked for one")
	ErrTooMany    = errors.New("too many devices are linked: log one out on the phone, then scan again")
)

// linking is a client without an account, that shows QR codes.
type linking struct {
	conn        *conn
	static      [32]byte
	refs        []string
	platform    string
	fullHistory bool
	// wrapped is its ephemeral key under the code that it shows, bundle what it answers to the one who typed it.
	wrapped []byte
	codeRef string
	bundle  chan CodeBundle
	// companion is what the client becomes once the phone has scanned a code.
	companion *Companion
}

// Sign makes the device identity container of a companion, as the phone does it.
type Sign func(device uint16) ([]byte, error)

// offerLink gives a fresh client the refs of its QR codes.
func (s *Server) offerLink(c *conn) error {
	var props waCompanionReg.DeviceProps
	if err := proto.Unmarshal(c.client.Payload.GetDevicePairingData().GetDeviceProps(), &props); err != nil {
		return fmt.Errorf("read the device properties: %w", err)
	}
	link := &linking{
		conn: c, static: c.client.Static, bundle: make(chan CodeBundle, 1),
		platform: platformName(props.GetOs()), fullHistory: props.GetRequireFullSync(),
	}
	var nodes []binary.Node
	for range refCount {
		ref, err := newRef()
		if err != nil {
			return err
		}
		link.refs = append(link.refs, ref)
		nodes = append(nodes, binary.Node{Tag: "ref", Content: []byte(ref)})
	}
	s.mu.Lock()
	s.links[link.static] = link
	s.mu.Unlock()
	c.linking = link
	c.out.put(s.serverIQ("pair-device", nodes))
	return nil
}

func newRef() (string, error) {
	random := make([]byte, 48)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("make a ref: %w", err)
	}
	return "2@" + base64.StdEncoding.EncodeToString(random), nil
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.links[c.client.Static] == c.linking {
		delete(s.links, c.client.Static)
	}
	if s.asked == c.linking {
		s.asked = nil
	}
}

// Link is what the server does when the phone has scanned a code: it names the client a device and sends it what the
// phone signed. It returns when the companion has come back, logged in and is ready.
func (s *Server) Link(ctx context.Context, ref string, static [32]byte, sign Sign) (*Companion, error) {
	link, companion, err := s.promise(ref, static)
	if err != nil {
		return nil, err
	}
	if _, asked := s.faults.Hit(fault.Passkey, 0); asked {
		return nil, s.askPasskey(link)
	}
	container, err := sign(companion.Device)
	if err != nil {
		return nil, err
	}
	link.conn.out.put(s.serverIQ("pair-success", []binary.Node{
		{Tag: "device-identity", Content: container},
		{Tag: "device", Attrs: binary.Attrs{"jid": companion.JID, "lid": companion.LID}},
		{Tag: "platform", Attrs: binary.Attrs{"name": "android"}},
	}))
	select {
	case <-companion.linked:
		return companion, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("the companion did not come back after it was linked as device %d: %w", companion.Device, ctx.Err())
	}
}

// promise finds the client behind a code and gives it the next device number. A phone that has as many devices as it may
// says so on its own screen: the client hears nothing.
func (s *Server) promise(ref string, static [32]byte) (*linking, *Companion, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	link, ok := s.links[static]
	if !ok || !slices.Contains(link.refs, ref) {
		return nil, nil, ErrNotWaiting
	}
	if s.most > 0 && len(s.companions) >= s.most {
		return nil, nil, ErrTooMany
	}
	if link.companion == nil {
		if s.lastDevice == lastDevice {
			return nil, nil, ErrNoNumbers
		}
		s.lastDevice++
		link.companion = newCompanion(s, s.lastDevice, link)
	}
	return link, link.companion, nil
}

// passkeyOptions is the WebAuthn request that a browser would be shown.
type passkeyOptions struct {
	Challenge        string   `json:"challenge"`
	Timeout          int      `json:"timeout"`
	RelyingParty     string   `json:"rpId"`
	AllowCredentials []string `json:"allowCredentials"`
	UserVerification string   `json:"userVerification"`
}

func (s *Server) askPasskey(link *linking) error {
	challenge := make([]byte, 32)
	if _, err := rand.Read(challenge); err != nil {
		return fmt.Errorf("make a challenge: %w", err)
	}
	options, err := json.Marshal(passkeyOptions{
		Challenge: base64.RawURLEncoding.EncodeToString(challenge), Timeout: 60_000,
		RelyingParty: "whatsapp.com", AllowCredentials: []string{}, UserVerification: "required",
	})
	if err != nil {
		return fmt.Errorf("encode the passkey request: %w", err)
	}
	link.conn.out.put(s.notification("passkey_prologue_request", types.ServerJID,
		binary.Node{Tag: "passkey_request_options", Content: options}))
	return ErrPasskey
}

// paired is the client's answer to pair-success: it takes the device. It is told to come back as that.
func (s *Server) paired(c *conn) {
	s.mu.Lock()
	link := c.linking
	if link == nil || link.companion == nil {
		s.mu.Unlock()
		c.log.Warn("a client signed for a device that it was not given")
		return
	}
	s.companions[link.companion.Device] = link.companion
	s.mu.Unlock()
	c.log.Info("companion linked", "device", link.companion.Device, "platform", link.platform)
	c.out.finish(streamError("515", ""))
}

// removeCompanion is a companion that logs itself out.
func (s *Server) removeCompanion(_ context.Context, q *query) ([]binary.Node, *refused) {
	child, ok := q.node.GetOptionalChildByTag("remove-companion-device")
	if !ok {
		return nil, notImplemented
	}
	device := jidAttr(child, "jid").Device
	if _, known := s.Companion(device); !known {
		return nil, itemNotFound
	}
	q.after = func() {
		if err := s.Unlink(device); err != nil {
			s.log.Warn("unlink", "device", device, "error", err)
		}
	}
	return nil, nil
}

// serverIQ is a query of the server to a client that is being linked. The client sets its clock by "t".
func (s *Server) serverIQ(tag string, children []binary.Node) binary.Node {
	return binary.Node{
		Tag:     "iq",
		Attrs:   binary.Attrs{"from": types.ServerJID, "type": "set", "id": tag, "xmlns": "md", "t": s.now().Unix()},
		Content: []binary.Node{{Tag: tag, Content: children}},
	}
}
