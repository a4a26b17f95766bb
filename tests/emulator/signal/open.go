package signal

import (
	"context"
	"fmt"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// Open decrypts the payloads of one message in order: a sender key that is handed over in one of them is there for the
// next. It returns the messages that are more than such a key.
func (p *Party) Open(ctx context.Context, chat, from types.JID, envelopes []Envelope) ([]*waE2E.Message, error) {
	var messages []*waE2E.Message
	for _, envelope := range envelopes {
		message, err := p.openOne(ctx, chat, from, envelope)
		if err != nil {
			return nil, err
		}
		if key := message.GetSenderKeyDistributionMessage(); key != nil {
			if err := p.LearnSenderKey(ctx, chat, from, key); err != nil {
				return nil, err
			}
			message.SenderKeyDistributionMessage = nil
			if message.String() == "" {
				continue
			}
		}
		messages = append(messages, message)
	}
	if len(envelopes) == 0 {
		return nil, fmt.Errorf("%w: a message without payload", ErrEnvelope)
	}
	return messages, nil
}

func (p *Party) openOne(ctx context.Context, chat, from types.JID, envelope Envelope) (*waE2E.Message, error) {
	if envelope.Kind == KindSenderKey {
		return p.DecryptGroup(ctx, chat, from, envelope)
	}
	return p.Decrypt(ctx, from, envelope)
}
