package phone

import (
	"context"
	"fmt"

	"go.mau.fi/whatsmeow/proto/waMmsRetry"
	"go.mau.fi/whatsmeow/util/gcmutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/inbox"
	"whatsapp-mcp/emulator/server"
)

// retryRequest is what the phone's log calls a request to upload a file again.
const retryRequest = "MEDIA_RETRY"

// MediaRetry uploads the file of a message again for a companion, when the phone is there and still has it.
func (p *Phone) MediaRetry(_ context.Context, retry server.MediaRetry) {
	p.Seen.Add(inbox.Entry{
		Kind: inbox.PeerRequest, From: retry.From.LID.String(), Chat: retry.Chat.String(), ID: retry.ID, Text: retryRequest, At: p.World.Now(),
	})
	p.later("upload a file again", func(ctx context.Context) error {
		if err := p.pause(ctx); err != nil {
			return err
		}
		return p.uploadAgain(retry)
	})
}

func (p *Phone) uploadAgain(retry server.MediaRetry) error {
	message, ok := p.World.Message(retry.Chat, retry.ID)
	if !ok || message.Media == nil {
		p.Server.AnswerMediaRetry(retry, nil, nil, server.NotOnPhone)
		return nil
	}
	key := hkdfutil.SHA256(message.Media.Key, nil, []byte("WhatsApp Media Retry Notification"), 32)
	plain, err := gcmutil.Decrypt(key, retry.IV, retry.Ciphertext, []byte(retry.ID))
	if err != nil {
		return fmt.Errorf("open the request for %s: %w", retry.ID, err)
	}
	var request waMmsRetry.ServerErrorReceipt
	if err := proto.Unmarshal(plain, &request); err != nil || request.GetStanzaID() != retry.ID {
		return fmt.Errorf("the request for %s names %q: %w", retry.ID, request.GetStanzaID(), err)
	}
	blob, ok := p.Media.Renew(message.Media.DirectPath)
	if !ok {
		p.Server.AnswerMediaRetry(retry, nil, nil, server.NotOnPhone)
		return nil
	}
	answer, err := proto.Marshal(&waMmsRetry.MediaRetryNotification{
		StanzaID: proto.String(retry.ID), DirectPath: proto.String(blob.DirectPath), Result: waMmsRetry.MediaRetryNotification_SUCCESS.Enum(),
	})
	if err != nil {
		return fmt.Errorf("encode the answer for %s: %w", retry.ID, err)
	}
	iv, err := random(12)
	if err != nil {
		return err
	}
	ciphertext, err := gcmutil.Encrypt(key, iv, answer, []byte(retry.ID))
	if err != nil {
		return fmt.Errorf("seal the answer for %s: %w", retry.ID, err)
	}
	p.Server.AnswerMediaRetry(retry, ciphertext, iv, 0)
	return nil
}
