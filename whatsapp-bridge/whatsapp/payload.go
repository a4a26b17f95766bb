package whatsapp

import (
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// current gives the content of a stored message as it is shown now, that is, after its last edit, and without what
// belongs to the one time it was sent. Where no payload was kept it is the text, and nil for everything else.
func current(m store.StoredMessage) *waE2E.Message {
	payload := &waE2E.Message{}
	if err := proto.Unmarshal(m.Payload, payload); err != nil || len(m.Payload) == 0 {
		if m.Kind != store.KindText {
			return nil
		}
		return &waE2E.Message{Conversation: proto.String(m.Text)}
	}
	payload = unwrap(payload)
	payload.MessageContextInfo = nil
	if m.EditedAt != 0 {
		if edited, ok := withText(payload, m.Text); ok {
			return edited
		}
	}
	return payload
}

// withText gives a copy with another text or caption; false for a content that has neither. The preview of a link goes,
// because it belongs to the words that were there.
func withText(content *waE2E.Message, text string) (*waE2E.Message, bool) {
	if content == nil {
		return nil, false
	}
	changed := proto.CloneOf(content)
	switch {
	case changed.Conversation != nil:
		changed.Conversation = proto.String(text)
	case changed.ExtendedTextMessage != nil:
		changed.ExtendedTextMessage = &waE2E.ExtendedTextMessage{
			Text: proto.String(text), ContextInfo: changed.GetExtendedTextMessage().GetContextInfo(),
		}
	case changed.ImageMessage != nil:
		changed.ImageMessage.Caption = proto.String(text)
	case changed.VideoMessage != nil:
		changed.VideoMessage.Caption = proto.String(text)
	case changed.DocumentMessage != nil:
		changed.DocumentMessage.Caption = proto.String(text)
	default:
		return nil, false
	}
	return changed, true
}
