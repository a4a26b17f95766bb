package signal

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"

	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
)

// Kind is how a payload is encrypted; the values are those of the wire.
type Kind string

// The three kinds: the first message of a session, the following ones, and those under a group's sender key.
const (
	KindPreKey    Kind = "pkmsg"
	KindMessage   Kind = "msg"
	KindSenderKey Kind = "skmsg"
)

// ErrEnvelope marks an <enc> that cannot be one.
var ErrEnvelope = errors.New("not an encrypted payload")

// Envelope is an <enc>: one encrypted payload of a message.
type Envelope struct {
	Kind    Kind
	Content []byte
	// Hide says that a client which cannot decrypt it should show nothing (edits, revokes, reactions).
	Hide bool
	// Retry counts how often it was asked for again, 0 in the first place.
	Retry int
}

// Node writes the envelope as a stanza's child.
func (e Envelope) Node() binary.Node {
	attrs := binary.Attrs{"v": "2", "type": string(e.Kind)}
	if e.Hide {
		attrs["decrypt-fail"] = "hide"
	}
	if e.Retry > 0 {
		attrs["count"] = e.Retry
	}
	return binary.Node{Tag: "enc", Attrs: attrs, Content: e.Content}
}

// ParseEnvelope reads an <enc>.
func ParseEnvelope(node binary.Node) (Envelope, error) {
	kind, _ := node.Attrs["type"].(string)
	content, ok := node.Content.([]byte)
	switch {
	case node.Tag != "enc" || !ok || len(content) == 0:
		return Envelope{}, fmt.Errorf("%w: <%s> without bytes", ErrEnvelope, node.Tag)
	case Kind(kind) != KindPreKey && Kind(kind) != KindMessage && Kind(kind) != KindSenderKey:
		return Envelope{}, fmt.Errorf("%w: type %q", ErrEnvelope, kind)
	}
	hide, _ := node.Attrs["decrypt-fail"].(string)
	return Envelope{Kind: Kind(kind), Content: content, Hide: hide == "hide"}, nil
}

// seal puts a message into an envelope's plaintext: protobuf, then 1 to 15 bytes that each say how many they are.
func seal(message *waE2E.Message) ([]byte, error) {
	plain, err := proto.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("encode the message: %w", err)
	}
	var random [1]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, err
	}
	size := random[0]%15 + 1
	return append(plain, bytes.Repeat([]byte{size}, int(size))...), nil
}

func unseal(plain []byte) (*waE2E.Message, error) {
	if len(plain) == 0 {
		return nil, fmt.Errorf("%w: nothing inside", ErrEnvelope)
	}
	size := int(plain[len(plain)-1])
	if size == 0 || size > len(plain) || !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(size)}, size)) {
		return nil, fmt.Errorf("%w: broken padding", ErrEnvelope)
	}
	message := &waE2E.Message{}
	if err := proto.Unmarshal(plain[:len(plain)-size], message); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	return message, nil
}

func kindOf(message protocol.CiphertextMessage) Kind {
	if message.Type() == protocol.PREKEY_TYPE {
		return KindPreKey
	}
	return KindMessage
}
