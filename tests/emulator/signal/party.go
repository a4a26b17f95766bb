package signal

import (
	"context"
	"fmt"
	"sync"

	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/libsignal/session"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
)

// Published fetches the bundle of the other side, using up one of its one-time keys.
type Published func() (Bundle, error)

// Party is one person's device. Its methods may be called from any goroutine.
type Party struct {
	// mu covers every use of a session: libsignal loads, changes and stores it in three steps.
	mu     sync.Mutex
	device *store.Device
}

// Device is the store behind the party, for app state and the account's identity.
func (p *Party) Device() *store.Device {
	return p.device
}

// LID is the party's address.
func (p *Party) LID() types.JID {
	return p.device.LID
}

// Bundle makes a one-time key and publishes it with the party's own keys. No key is given out twice.
func (p *Party) Bundle(ctx context.Context) (Bundle, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one, err := p.device.PreKeys.GenOnePreKey(ctx)
	if err != nil {
		return Bundle{}, fmt.Errorf("make a pre-key for %s: %w", p.LID(), err)
	}
	signed := p.device.SignedPreKey
	return Bundle{
		Registration: p.device.RegistrationID,
		Identity:     *p.device.IdentityKey.Pub,
		Signed:       SignedPreKey{PreKey: PreKey{ID: signed.KeyID, Public: *signed.Pub}, Signature: *signed.Signature},
		OneTime:      &PreKey{ID: one.KeyID, Public: *one.Pub},
	}, nil
}

// Encrypt writes to a device by its LID, opening a session from its bundle if there is none yet.
func (p *Party) Encrypt(ctx context.Context, to types.JID, published Published, message *waE2E.Message) (Envelope, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, err := p.device.ContainsSession(ctx, to.SignalAddress())
	if err != nil {
		return Envelope{}, err
	}
	if !known {
		bundle, err := published()
		if err != nil {
			return Envelope{}, err
		}
		return p.open(ctx, to, bundle, message)
	}
	return p.encrypt(ctx, to, message)
}

// EncryptAnew writes to a device in a new session, which is what a retry receipt asks for.
func (p *Party) EncryptAnew(ctx context.Context, to types.JID, bundle Bundle, message *waE2E.Message) (Envelope, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open(ctx, to, bundle, message)
}

func (p *Party) open(ctx context.Context, to types.JID, bundle Bundle, message *waE2E.Message) (Envelope, error) {
	if err := p.builder(to).ProcessBundle(ctx, bundle.forDevice(uint32(to.Device))); err != nil {
		return Envelope{}, fmt.Errorf("open a session from %s to %s: %w", p.LID(), to, err)
	}
	return p.encrypt(ctx, to, message)
}

func (p *Party) encrypt(ctx context.Context, to types.JID, message *waE2E.Message) (Envelope, error) {
	plain, err := seal(message)
	if err != nil {
		return Envelope{}, err
	}
	cipher := session.NewCipher(p.builder(to), to.SignalAddress())
	sealed, err := cipher.Encrypt(ctx, plain)
	if err != nil {
		return Envelope{}, fmt.Errorf("encrypt from %s to %s: %w", p.LID(), to, err)
	}
	return Envelope{Kind: kindOf(sealed), Content: sealed.Serialize()}, nil
}

// Decrypt reads what a device, named by its LID, wrote to this party alone.
func (p *Party) Decrypt(ctx context.Context, from types.JID, envelope Envelope) (*waE2E.Message, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	plain, err := p.decrypt(ctx, from, envelope)
	if err != nil {
		return nil, fmt.Errorf("%s reads %s from %s: %w", p.LID(), envelope.Kind, from, err)
	}
	return unseal(plain)
}

func (p *Party) decrypt(ctx context.Context, from types.JID, envelope Envelope) ([]byte, error) {
	serializer := store.SignalProtobufSerializer
	cipher := session.NewCipher(p.builder(from), from.SignalAddress())
	switch envelope.Kind {
	case KindPreKey:
		message, err := protocol.NewPreKeySignalMessageFromBytes(envelope.Content, serializer.PreKeySignalMessage, serializer.SignalMessage)
		if err != nil {
			return nil, err
		}
		return cipher.DecryptMessage(ctx, message)
	case KindMessage:
		message, err := protocol.NewSignalMessageFromBytes(envelope.Content, serializer.SignalMessage)
		if err != nil {
			return nil, err
		}
		return cipher.Decrypt(ctx, message)
	default:
		return nil, fmt.Errorf("%w: %q is not for one reader", ErrEnvelope, envelope.Kind)
	}
}

func (p *Party) builder(with types.JID) *session.Builder {
	return session.NewBuilderFromSignal(p.device, with.SignalAddress(), store.SignalProtobufSerializer)
}
