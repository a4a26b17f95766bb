package whatsapp

import (
	"context"
	"crypto/rand"
	"strings"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// pollSecretSize is in bytes. The votes on a poll are encrypted with its secret, so each poll has one of its own.
const pollSecretSize = 32

// ForwardMessage sends a copy of a stored message, as it is shown now, to the chat to. The answer names the copy.
//
// Errors: those of MessageByID and of a send, INVALID_ARGUMENT for what cannot be forwarded.
func (c *Client) ForwardMessage(ctx context.Context, on MessageRef, to string) (SentMessage, error) {
	original, err := c.store.MessageByID(ctx, on.Chat, on.ID)
	if err != nil {
		return SentMessage{}, err
	}
	return c.send(ctx, outgoing{
		chat: to, key: on.Key, act: actForward, said: []string{original.ChatJID, original.ID},
		write: func(context.Context, store.Address, target) (*waE2E.Message, error) { return forward(original) },
	})
}

// forward makes the copy: the content without what it answered and whom it mentioned, one step further from where it
// began.
func forward(original store.StoredMessage) (*waE2E.Message, error) {
	content := current(original)
	switch {
	case original.RevokedAt != 0:
		return nil, unfit("was deleted for everyone")
	case original.Kind == store.KindSystem, strings.HasPrefix(original.Kind, store.UnsupportedPrefix):
		return nil, unfit("is of a kind that cannot be forwarded: " + original.Kind)
	case content == nil:
		return nil, unfit("is stored without its content")
	case viewOnce(content):
		return nil, unfit("may be seen once and not forwarded")
	}
	copied := portable(original, content)
	slot, carrier, ok := contextSlot(copied)
	if !ok {
		return nil, unfit("is of a kind that cannot be forwarded: " + original.Kind)
	}
	carrier.Set(slot, protoreflect.ValueOfMessage((&waE2E.ContextInfo{
		IsForwarded: proto.Bool(true), ForwardingScore: proto.Uint32(contextInfo(content).GetForwardingScore() + 1),
	}).ProtoReflect()))
	return wrap(copied), nil
}

func viewOnce(content *waE2E.Message) bool {
	return content.GetImageMessage().GetViewOnce() || content.GetVideoMessage().GetViewOnce() || content.GetAudioMessage().GetViewOnce()
}

// portable brings a content to a type that anybody may send: what is read as text is sent as text, also where a business
// sent it with buttons, and a place that moves becomes the place where it was.
func portable(original store.StoredMessage, content *waE2E.Message) *waE2E.Message {
	switch live, poll := content.GetLiveLocationMessage(), pollOf(content); {
	case original.Kind == store.KindText && content.ExtendedTextMessage == nil:
		return &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String(original.Text)}}
	case live != nil:
		return &waE2E.Message{LocationMessage: &waE2E.LocationMessage{
			DegreesLatitude: live.DegreesLatitude, DegreesLongitude: live.DegreesLongitude, JPEGThumbnail: live.JPEGThumbnail,
		}}
	case poll != nil:
		return &waE2E.Message{PollCreationMessage: proto.CloneOf(poll), MessageContextInfo: &waE2E.MessageContextInfo{MessageSecret: secret()}}
	}
	return proto.CloneOf(content)
}

func secret() []byte {
	made := make([]byte, pollSecretSize)
	_, _ = rand.Read(made) // never fails, as its documentation promises
	return made
}

// contextSlot finds where the payload keeps its context.
func contextSlot(message *waE2E.Message) (slot protoreflect.FieldDescriptor, carrier protoreflect.Message, found bool) {
	message.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.Kind() != protoreflect.MessageKind || field.IsList() {
			return true
		}
		slot = value.Message().Descriptor().Fields().ByName("contextInfo")
		carrier, found = value.Message(), slot != nil
		return !found
	})
	return slot, carrier, found
}

// wrap puts a document with a caption into the envelope without which phones do not show the caption.
func wrap(content *waE2E.Message) *waE2E.Message {
	if content.GetDocumentMessage().GetCaption() == "" {
		return content
	}
	return &waE2E.Message{DocumentWithCaptionMessage: &waE2E.FutureProofMessage{Message: content}}
}
