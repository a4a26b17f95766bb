package phone

import (
	"context"
	"fmt"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/inbox"
	"whatsapp-mcp/emulator/server"
	"whatsapp-mcp/emulator/world"
)

// Letter takes in what a companion sends: requests to the phone, and copies of what it writes to others. The copies are
// how the world learns what the account says.
func (p *Phone) Letter(ctx context.Context, letter server.Letter) {
	messages, err := p.party.Open(ctx, letter.Chat, letter.From.LID, letter.Envelopes)
	if err != nil {
		p.Log.Warn("the phone cannot read a message", "message", letter.ID, "error", err)
		p.Seen.Add(p.entry(letter, inbox.Failed, err.Error()))
		return
	}
	for _, message := range messages {
		// Baileys wraps even its requests to the phone as a message that it sent; whatsmeow does not.
		if inner := message.GetDeviceSentMessage().GetMessage(); inner != nil {
			message = inner
		}
		if letter.Peer {
			p.request(letter, message.GetProtocolMessage())
			continue
		}
		message, err := inbox.Reveal(message, letter.From.LID, func(id string) ([]byte, types.JID) { return p.World.Secret(letter.Chat, id) })
		if err != nil {
			p.Log.Warn("the phone cannot read a reaction", "message", letter.ID, "error", err)
			p.Seen.Add(p.entry(letter, inbox.Failed, err.Error()))
			continue
		}
		if content, ok := inbox.Open(message); ok {
			p.file(letter, content)
		}
	}
}

func (p *Phone) entry(letter server.Letter, kind inbox.Kind, text string) inbox.Entry {
	return inbox.Entry{
		Kind: kind, From: letter.From.LID.String(), Chat: letter.Chat.String(), ID: letter.ID, Text: text, At: letter.At,
	}
}

func (p *Phone) file(letter server.Letter, content inbox.Content) {
	entry := p.entry(letter, inbox.Copy, "").With(content)
	entry.Type, entry.Kind = string(entry.Kind), inbox.Copy
	if !content.Kind.Changes() && content.Kind != world.KindText {
		entry.Type = string(content.Kind)
	}
	p.Seen.Add(entry)
	_, err := p.World.Append(world.Message{
		Chat: letter.Chat, ID: letter.ID, FromMe: true, Timestamp: letter.At.Unix(), Kind: content.Kind,
		Text: content.Text, Target: content.Target, QuotedID: content.Quoted, Media: content.Media,
		Cards: content.Cards, Place: content.Place, Mentions: content.Mentions,
	})
	if err != nil {
		p.Log.Warn("a companion's message does not fit the world", "message", letter.ID, "error", err)
	}
}

// request does what a companion asks the phone for.
func (p *Phone) request(letter server.Letter, message *waE2E.ProtocolMessage) {
	switch message.GetType() {
	case waE2E.ProtocolMessage_PEER_DATA_OPERATION_REQUEST_MESSAGE:
		request := message.GetPeerDataOperationRequestMessage()
		p.Seen.Add(p.entry(letter, inbox.PeerRequest, request.GetPeerDataOperationRequestType().String()))
		p.dataRequest(letter, request)
	case waE2E.ProtocolMessage_APP_STATE_SYNC_KEY_REQUEST:
		p.Seen.Add(p.entry(letter, inbox.PeerRequest, message.GetType().String()))
		p.later("share the app state key again", func(ctx context.Context) error {
			if err := p.pause(ctx); err != nil {
				return err
			}
			return p.shareKey(ctx, letter.From)
		})
	default:
		p.Log.Warn("a request that this phone does not know", "type", message.GetType().String(), "message", letter.ID)
		p.Seen.Add(p.entry(letter, inbox.PeerRequest, message.GetType().String()))
	}
}

func (p *Phone) dataRequest(letter server.Letter, request *waE2E.PeerDataOperationRequestMessage) {
	switch request.GetPeerDataOperationRequestType() {
	case waE2E.PeerDataOperationRequestType_HISTORY_SYNC_ON_DEMAND:
		p.later("answer a history request", func(ctx context.Context) error {
			return p.answerHistory(ctx, letter.From, letter.ID, request.GetHistorySyncOnDemandRequest())
		})
	case waE2E.PeerDataOperationRequestType_PLACEHOLDER_MESSAGE_RESEND:
		p.later("send a placeholder's message", func(ctx context.Context) error {
			return p.answerPlaceholders(ctx, letter.From, letter.ID, request)
		})
	default:
		p.Log.Warn("a data request that this phone does not know", "type", request.GetPeerDataOperationRequestType().String(), "message", letter.ID)
	}
}

// answerPlaceholders gives a companion messages that it could not decrypt, out of the phone's own storage.
func (p *Phone) answerPlaceholders(ctx context.Context, to *server.Companion, id string, request *waE2E.PeerDataOperationRequestMessage) error {
	if err := p.pause(ctx); err != nil {
		return err
	}
	var results []*waE2E.PeerDataOperationRequestResponseMessage_PeerDataOperationResult
	for _, asked := range request.GetPlaceholderMessageResendRequest() {
		info, err := p.stored(asked.GetMessageKey())
		if err != nil {
			return err
		}
		results = append(results, &waE2E.PeerDataOperationRequestResponseMessage_PeerDataOperationResult{
			PlaceholderMessageResendResponse: &waE2E.PeerDataOperationRequestResponseMessage_PeerDataOperationResult_PlaceholderMessageResendResponse{
				WebMessageInfoBytes: info,
			},
		})
	}
	return p.peer(ctx, to, &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE.Enum(),
		PeerDataOperationRequestResponseMessage: &waE2E.PeerDataOperationRequestResponseMessage{
			PeerDataOperationRequestType: request.GetPeerDataOperationRequestType().Enum(),
			StanzaID:                     proto.String(id),
			PeerDataOperationResult:      results,
		},
	})
}

func (p *Phone) stored(key *waCommon.MessageKey) ([]byte, error) {
	chat, err := parseJID(key.GetRemoteJID())
	if err != nil {
		return nil, err
	}
	message, ok := p.World.Message(chat, key.GetID())
	if !ok {
		return nil, fmt.Errorf("%s in %s: %w", key.GetID(), chat, world.ErrUnknownMessage)
	}
	info, err := proto.Marshal(&waWeb.WebMessageInfo{
		Key: key, Message: p.World.Content(message), MessageTimestamp: proto.Uint64(uint64(message.Timestamp)),
	})
	if err != nil {
		return nil, fmt.Errorf("encode message %s: %w", key.GetID(), err)
	}
	return info, nil
}

// Receipt is what a companion tells about the phone's messages, or about what it has read.
func (p *Phone) Receipt(ctx context.Context, receipt server.Receipt) {
	p.Seen.Add(inbox.Entry{
		Kind: inbox.Receipt, From: receipt.From.LID.String(), Chat: receipt.Chat.String(),
		ID: receipt.IDs[0], IDs: receipt.IDs, ReceiptType: receipt.Type, At: receipt.At,
	})
	switch {
	case receipt.Retry != nil:
		if err := p.post.Again(ctx, p.party, receipt.From, receipt.IDs[0], *receipt.Retry); err != nil {
			p.Log.Error("send a message of the phone again", "message", receipt.IDs[0], "error", err)
		}
	case receipt.Type == server.ReceiptRead || receipt.Type == server.ReceiptReadSelf:
		p.readElsewhere(receipt)
	}
}

// readElsewhere takes over that a companion read a chat, when its newest message is among those that were read.
func (p *Phone) readElsewhere(receipt server.Receipt) {
	newest := p.World.History(receipt.Chat, world.Anchor{}, 1)
	for _, id := range receipt.IDs {
		if len(newest) == 1 && newest[0].ID == id {
			if _, err := p.World.MarkRead(receipt.Chat); err != nil {
				p.Log.Error("mark a chat read", "chat", receipt.Chat, "error", err)
			}
		}
	}
}

func parseJID(text string) (types.JID, error) {
	jid, err := types.ParseJID(text)
	if err != nil {
		return types.EmptyJID, fmt.Errorf("%q is no JID: %w", text, err)
	}
	return jid, nil
}
