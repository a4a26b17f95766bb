package signal

import (
	"encoding/binary"
	"errors"
	"fmt"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/keys/prekey"
	"go.mau.fi/libsignal/util/optional"
	wabinary "go.mau.fi/whatsmeow/binary"
)

// ErrBundle marks pre-keys that a client cannot have meant.
var ErrBundle = errors.New("not a pre-key bundle")

// PreKey is a one-time key. IDs have three bytes.
type PreKey struct {
	ID     uint32
	Public [32]byte
}

// SignedPreKey is the key that a device signs with its identity and keeps.
type SignedPreKey struct {
	PreKey
	Signature [64]byte
}

// Bundle is what one device publishes so that another can open a session with it.
type Bundle struct {
	Registration uint32
	Identity     [32]byte
	Signed       SignedPreKey
	// OneTime is nil when the device has run out of them.
	OneTime *PreKey
}

// Nodes writes the bundle as the children of a <user> in an answer to <key>.
func (b Bundle) Nodes() []wabinary.Node {
	nodes := []wabinary.Node{
		{Tag: "registration", Content: binary.BigEndian.AppendUint32(nil, b.Registration)},
		{Tag: "type", Content: []byte{ecc.DjbType}},
		{Tag: "identity", Content: b.Identity[:]},
	}
	if b.OneTime != nil {
		nodes = append(nodes, wabinary.Node{Tag: "key", Content: b.OneTime.nodes()})
	}
	signed := append(b.Signed.nodes(), wabinary.Node{Tag: "signature", Content: b.Signed.Signature[:]})
	return append(nodes, wabinary.Node{Tag: "skey", Content: signed})
}

func (k PreKey) nodes() []wabinary.Node {
	return []wabinary.Node{
		{Tag: "id", Content: binary.BigEndian.AppendUint32(nil, k.ID)[1:]},
		{Tag: "value", Content: k.Public[:]},
	}
}

// ParseBundle reads registration, identity and skey, and a key if there is one. A retry receipt has all but the
// registration inside <keys>.
func ParseBundle(node wabinary.Node) (Bundle, error) {
	registration, err := field(node, "registration", 4)
	if err != nil {
		return Bundle{}, err
	}
	if inner, ok := node.GetOptionalChildByTag("keys"); ok {
		node = inner
	}
	key, err := field(node, "identity", 32)
	if err != nil {
		return Bundle{}, err
	}
	bundle := Bundle{Registration: binary.BigEndian.Uint32(registration), Identity: [32]byte(key)}
	if bundle.Signed, err = ParseSignedPreKey(node.GetChildByTag("skey")); err != nil {
		return Bundle{}, err
	}
	if one, ok := node.GetOptionalChildByTag("key"); ok {
		parsed, err := ParsePreKey(one)
		if err != nil {
			return Bundle{}, err
		}
		bundle.OneTime = &parsed
	}
	return bundle, nil
}

// ParsePreKey reads a <key>.
func ParsePreKey(node wabinary.Node) (PreKey, error) {
	id, err := field(node, "id", 3)
	if err != nil {
		return PreKey{}, err
	}
	value, err := field(node, "value", 32)
	if err != nil {
		return PreKey{}, err
	}
	return PreKey{ID: uint32(id[0])<<16 | uint32(id[1])<<8 | uint32(id[2]), Public: [32]byte(value)}, nil
}

// ParseSignedPreKey reads an <skey>.
func ParseSignedPreKey(node wabinary.Node) (SignedPreKey, error) {
	key, err := ParsePreKey(node)
	if err != nil {
		return SignedPreKey{}, err
	}
	signature, err := field(node, "signature", 64)
	if err != nil {
		return SignedPreKey{}, err
	}
	return SignedPreKey{PreKey: key, Signature: [64]byte(signature)}, nil
}

// Verify checks that the identity key signed the signed pre-key.
func (b Bundle) Verify() error {
	public := ecc.NewDjbECPublicKey(b.Signed.Public)
	if !ecc.VerifySignature(ecc.NewDjbECPublicKey(b.Identity), public.Serialize(), b.Signed.Signature) {
		return fmt.Errorf("%w: the identity did not sign pre-key %d", ErrBundle, b.Signed.ID)
	}
	return nil
}

func (b Bundle) forDevice(device uint32) *prekey.Bundle {
	id, public := optional.NewEmptyUint32(), ecc.ECPublicKeyable(nil)
	if b.OneTime != nil {
		id, public = optional.NewOptionalUint32(b.OneTime.ID), ecc.NewDjbECPublicKey(b.OneTime.Public)
	}
	return prekey.NewBundle(b.Registration, device, id, b.Signed.ID, public,
		ecc.NewDjbECPublicKey(b.Signed.Public), b.Signed.Signature,
		identity.NewKey(ecc.NewDjbECPublicKey(b.Identity)))
}

func field(node wabinary.Node, tag string, size int) ([]byte, error) {
	child := node.GetChildByTag(tag)
	content, _ := child.Content.([]byte)
	if len(content) != size {
		return nil, fmt.Errorf("%w: <%s> has a <%s> of %d bytes, expected %d", ErrBundle, node.Tag, tag, len(content), size)
	}
	return content, nil
}
