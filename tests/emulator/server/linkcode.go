package server

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

const (
	linkCodeTag = "link_code_companion_reg"
	// wrappedKey is the length of a public key under a code: salt, initialisation vector, key.
	wrappedKey = 32 + 16 + 32
)

// ErrNoCode says that no client waits for a code to be typed.
var ErrNoCode = errors.New("no client has asked for a code to be typed")

// knownBrowser is what WhatsApp takes for the name of a client that wants a code: others get none (Baileys#2488).
var knownBrowser = regexp.MustCompile(`^(Chrome|Edge|Firefox|IE|Opera|Safari) \([A-Za-z ]+\)$`)

// CodeRequest is what a client sent for the phone: its ephemeral key under the code, its Noise key, and what names it.
type CodeRequest struct {
	Wrapped []byte
	Static  [32]byte
	Ref     string
}

// CodeBundle is a client's answer to the phone: its keys, sealed, and its identity key.
type CodeBundle struct {
	Sealed   []byte
	Identity []byte
}

// linkCode takes both things that a client says to be linked by a code.
func (s *Server) linkCode(c *conn, node *binary.Node) {
	said := firstChild(node)
	if c.linking == nil {
		c.out.put(refusal(node, badRequest))
		return
	}
	switch attr(said, "stage") {
	case "companion_hello":
		s.codeHello(c, node, said)
	case "companion_finish":
		bundle := CodeBundle{
			Sealed: content(said.GetChildByTag("link_code_pairing_wrapped_key_bundle")), Identity: content(said.GetChildByTag("companion_identity_public")),
		}
		select {
		case c.linking.bundle <- bundle:
			c.out.put(result(node, nil))
		default:
			c.out.put(refusal(node, badRequest))
		}
	default:
		c.out.put(refusal(node, badRequest))
	}
}

// codeHello keeps what the phone needs once the code is typed. Of all clients it is the last to ask that is linked.
func (s *Server) codeHello(c *conn, node *binary.Node, said binary.Node) {
	wrapped := content(said.GetChildByTag("link_code_pairing_wrapped_companion_ephemeral_pub"))
	display := content(said.GetChildByTag("companion_platform_display"))
	if len(wrapped) != wrappedKey || !knownBrowser.Match(display) {
		c.log.Warn("refused to give a code", "display", string(display))
		c.out.put(refusal(node, badRequest))
		return
	}
	if jidAttr(said, "jid").User != s.world.Account().PN.User {
		c.out.put(refusal(node, itemNotFound))
		return
	}
	ref, err := newRef()
	if err != nil {
		c.out.put(refusal(node, internalError))
		return
	}
	s.mu.Lock()
	c.linking.wrapped, c.linking.codeRef = wrapped, ref
	c.linking.refs = append(c.linking.refs, ref)
	s.asked = c.linking
	s.mu.Unlock()
	c.out.put(result(node, []binary.Node{{
		Tag: linkCodeTag, Attrs: binary.Attrs{"stage": "companion_hello"},
		Content: []binary.Node{{Tag: "link_code_pairing_ref", Content: []byte(ref)}},
	}}))
}

// CodeAsked gives what the last client that asked for a code sent for the phone.
func (s *Server) CodeAsked() (CodeRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil {
		return CodeRequest{}, ErrNoCode
	}
	return CodeRequest{Wrapped: s.asked.wrapped, Static: s.asked.static, Ref: s.asked.codeRef}, nil
}

// OfferKeys hands the phone's keys to the client, its ephemeral one under the code, and waits for the client's.
func (s *Server) OfferKeys(ctx context.Context, request CodeRequest, wrapped, identity []byte) (CodeBundle, error) {
	s.mu.Lock()
	link, ok := s.links[request.Static]
	s.mu.Unlock()
	if !ok {
		return CodeBundle{}, ErrNoCode
	}
	link.conn.out.put(s.notification(linkCodeTag, types.ServerJID, binary.Node{
		Tag: linkCodeTag, Attrs: binary.Attrs{"stage": "primary_hello"},
		Content: []binary.Node{
			{Tag: "link_code_pairing_ref", Content: []byte(request.Ref)},
			{Tag: "link_code_pairing_wrapped_primary_ephemeral_pub", Content: wrapped},
			{Tag: "primary_identity_pub", Content: identity},
		},
	}))
	select {
	case bundle := <-link.bundle:
		return bundle, nil
	case <-ctx.Done():
		return CodeBundle{}, fmt.Errorf("the client did not answer to the code: %w", ctx.Err())
	}
}
