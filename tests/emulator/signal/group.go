package signal

import (
	"context"
	"fmt"

	"go.mau.fi/libsignal/groups"
	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// EncryptGroup writes to a group under the party's sender key. The second result hands that key to a member, inside a
// message of its own; like whatsmeow, a party sends it along each time.
func (p *Party) EncryptGroup(ctx context.Context, group types.JID, message *waE2E.Message) (Envelope, *waE2E.Message, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	plain, err := seal(message)
	if err != nil {
		return Envelope{}, nil, err
	}
	name := senderKey(group, p.LID())
	builder := groups.NewGroupSessionBuilder(p.device, store.SignalProtobufSerializer)
	key, err := builder.Create(ctx, name)
	if err != nil {
		return Envelope{}, nil, fmt.Errorf("make %s a sender key for %s: %w", p.LID(), group, err)
	}
	sealed, err := groups.NewGroupCipher(builder, name, p.device).Encrypt(ctx, plain)
	if err != nil {
		return Envelope{}, nil, fmt.Errorf("encrypt from %s to %s: %w", p.LID(), group, err)
	}
	signed, ok := sealed.(*protocol.SenderKeyMessage)
	if !ok {
		return Envelope{}, nil, fmt.Errorf("encrypt from %s to %s: unexpected %T", p.LID(), group, sealed)
	}
	handover := &waE2E.Message{SenderKeyDistributionMessage: &waE2E.SenderKeyDistributionMessage{
		GroupID:                             proto.String(group.String()),
		AxolotlSenderKeyDistributionMessage: key.Serialize(),
	}}
	return Envelope{Kind: KindSenderKey, Content: signed.SignedSerialize()}, handover, nil
}

// LearnSenderKey takes the sender key that a member's device handed over.
func (p *Party) LearnSenderKey(ctx context.Context, group, from types.JID, handover *waE2E.SenderKeyDistributionMessage) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	serializer := store.SignalProtobufSerializer
	key, err := protocol.NewSenderKeyDistributionMessageFromBytes(handover.GetAxolotlSenderKeyDistributionMessage(), serializer.SenderKeyDistributionMessage)
	if err != nil {
		return fmt.Errorf("read the sender key of %s for %s: %w", from, group, err)
	}
	if err := groups.NewGroupSessionBuilder(p.device, serializer).Process(ctx, senderKey(group, from), key); err != nil {
		return fmt.Errorf("keep the sender key of %s for %s: %w", from, group, err)
	}
	return nil
}

// DecryptGroup reads what a member's device wrote to the group.
func (p *Party) DecryptGroup(ctx context.Context, group, from types.JID, envelope Envelope) (*waE2E.Message, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	serializer := store.SignalProtobufSerializer
	message, err := protocol.NewSenderKeyMessageFromBytes(envelope.Content, serializer.SenderKeyMessage)
	if err != nil {
		return nil, fmt.Errorf("read a message of %s to %s: %w", from, group, err)
	}
	builder := groups.NewGroupSessionBuilder(p.device, serializer)
	plain, err := groups.NewGroupCipher(builder, senderKey(group, from), p.device).Decrypt(ctx, message)
	if err != nil {
		return nil, fmt.Errorf("%s reads a message of %s to %s: %w", p.LID(), from, group, err)
	}
	return unseal(plain)
}

func senderKey(group, from types.JID) *protocol.SenderKeyName {
	return protocol.NewSenderKeyName(group.String(), from.SignalAddress())
}
