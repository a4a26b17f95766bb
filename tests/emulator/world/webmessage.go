package world

import (
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// webMessage is a message as history carries it. An edited one comes as its last edit, under the edit's own ID, naming the original
// (whatsmeow client.go ParseWebMessage undoes this; wacli#245 saw it on the wire). A revoked one is a stub without content.
func (w *World) webMessage(c *chat, m Message) *waWeb.WebMessageInfo {
	info := &waWeb.WebMessageInfo{
		Key:              messageKey(m.Chat, m.ID, m.Sender, m.FromMe),
		MessageTimestamp: unsigned64(m.Timestamp),
	}
	if m.FromMe {
		info.Status = waWeb.WebMessageInfo_READ.Enum()
	} else {
		info.Participant = info.Key.Participant
		if sender, ok := w.byUser[m.Sender]; ok {
			info.PushName = proto.String(sender.PushName)
		}
	}
	for _, r := range m.Reactions {
		info.Reactions = append(info.Reactions, &waWeb.Reaction{
			Key:               messageKey(m.Chat, m.ID, r.Sender, r.Sender == w.account.LID),
			Text:              proto.String(r.Emoji),
			SenderTimestampMS: proto.Int64(r.Timestamp * 1000),
		})
	}
	switch {
	case m.RevokedAt != 0:
		info.MessageStubType = waWeb.WebMessageInfo_REVOKE.Enum()
		info.RevokeMessageTimestamp = unsigned64(m.RevokedAt)
	case m.EditedAt != 0:
		info.Message = &waE2E.Message{EditedMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
			Key:           info.Key,
			Type:          waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(),
			EditedMessage: w.content(c, m),
			TimestampMS:   proto.Int64(m.EditedAt * 1000),
		}}}}
		info.Key = messageKey(m.Chat, m.EditID, m.Sender, m.FromMe)
	default:
		info.Message = w.content(c, m)
	}
	if g := w.group(m.Chat); g != nil && g.Announcement {
		info.MessageSecret = secretOf(m)
	}
	return info
}

// messageKey names a message; in groups, somebody else's needs its author.
func messageKey(chat types.JID, id string, sender types.JID, fromMe bool) *waCommon.MessageKey {
	key := &waCommon.MessageKey{RemoteJID: proto.String(chat.String()), FromMe: proto.Bool(fromMe), ID: proto.String(id)}
	if chat.Server == types.GroupServer && !fromMe {
		key.Participant = proto.String(sender.String())
	}
	return key
}

// Content is what a message of this world says, as its sender would put it on the wire. Reactions, edits and revokes have none.
func (w *World) Content(m Message) *waE2E.Message {
	w.mu.RLock()
	defer w.mu.RUnlock()
	c := w.chats[m.Chat]
	if c == nil {
		c = &chat{}
	}
	content := w.content(c, m)
	if g := w.group(m.Chat); g != nil && g.Announcement {
		content.MessageContextInfo = &waE2E.MessageContextInfo{MessageSecret: secretOf(m)}
	}
	return content
}

func (w *World) content(c *chat, m Message) *waE2E.Message {
	context := w.quote(c, m)
	if len(m.Mentions) > 0 {
		if context == nil {
			context = &waE2E.ContextInfo{}
		}
		context.MentionedJID = m.Mentions
	}
	switch {
	case len(m.Cards) > 0:
		return cardContent(m, context)
	case m.Place != nil:
		return &waE2E.Message{LocationMessage: &waE2E.LocationMessage{
			DegreesLatitude: proto.Float64(m.Place.Latitude), DegreesLongitude: proto.Float64(m.Place.Longitude),
			Name: proto.String(m.Place.Name), Address: proto.String(m.Place.Address), ContextInfo: context,
		}}
	case m.Media == nil:
		if context == nil {
			return &waE2E.Message{Conversation: proto.String(m.Text)}
		}
		return &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String(m.Text), ContextInfo: context}}
	}
	return mediaContent(m, context)
}

// quote is the context of an answer: which message, whose, and what it said.
func (w *World) quote(c *chat, m Message) *waE2E.ContextInfo {
	if m.QuotedID == "" {
		return nil
	}
	context := &waE2E.ContextInfo{StanzaID: proto.String(m.QuotedID)}
	if i, ok := c.find(m.QuotedID); ok {
		quoted := c.at(i)
		context.Participant = proto.String(quoted.Sender.String())
		context.QuotedMessage = &waE2E.Message{Conversation: proto.String(quoted.Text)}
	}
	return context
}

func cardContent(m Message, context *waE2E.ContextInfo) *waE2E.Message {
	cards := make([]*waE2E.ContactMessage, len(m.Cards))
	for i, card := range m.Cards {
		cards[i] = &waE2E.ContactMessage{DisplayName: proto.String(card.Name), Vcard: proto.String(card.VCard)}
	}
	if len(cards) > 1 {
		return &waE2E.Message{ContactsArrayMessage: &waE2E.ContactsArrayMessage{
			DisplayName: proto.String(m.Text), Contacts: cards, ContextInfo: context,
		}}
	}
	cards[0].ContextInfo = context
	return &waE2E.Message{ContactMessage: cards[0]}
}

func mediaContent(m Message, context *waE2E.ContextInfo) *waE2E.Message {
	f := m.Media
	var caption *string
	if m.Text != "" {
		caption = proto.String(m.Text)
	}
	mime, path, size, seconds := proto.String(f.Mime), proto.String(f.DirectPath), proto.Uint64(f.Size), proto.Uint32(f.DurationSeconds)
	switch m.Kind {
	case KindVideo:
		return &waE2E.Message{VideoMessage: &waE2E.VideoMessage{
			Caption: caption, Mimetype: mime, DirectPath: path, FileLength: size, Seconds: seconds, JPEGThumbnail: f.Thumbnail,
			MediaKey: f.Key, FileSHA256: f.SHA256, FileEncSHA256: f.EncSHA256, ContextInfo: context,
		}}
	case KindAudio, KindVoice:
		return &waE2E.Message{AudioMessage: &waE2E.AudioMessage{
			PTT: proto.Bool(m.Kind == KindVoice), Mimetype: mime, DirectPath: path, FileLength: size, Seconds: seconds, Waveform: f.Waveform,
			MediaKey: f.Key, FileSHA256: f.SHA256, FileEncSHA256: f.EncSHA256, ContextInfo: context,
		}}
	case KindDocument:
		return &waE2E.Message{DocumentMessage: &waE2E.DocumentMessage{
			Caption: caption, FileName: proto.String(f.FileName), Title: proto.String(f.FileName), Mimetype: mime, DirectPath: path, FileLength: size,
			MediaKey: f.Key, FileSHA256: f.SHA256, FileEncSHA256: f.EncSHA256, ContextInfo: context,
		}}
	case KindSticker:
		return &waE2E.Message{StickerMessage: &waE2E.StickerMessage{
			Mimetype: mime, DirectPath: path, FileLength: size, Width: proto.Uint32(f.Width), Height: proto.Uint32(f.Height), IsAnimated: proto.Bool(f.Moves),
			MediaKey: f.Key, FileSHA256: f.SHA256, FileEncSHA256: f.EncSHA256, ContextInfo: context,
		}}
	default:
		return &waE2E.Message{ImageMessage: &waE2E.ImageMessage{
			Caption: caption, Mimetype: mime, DirectPath: path, FileLength: size, Width: proto.Uint32(f.Width), Height: proto.Uint32(f.Height), JPEGThumbnail: f.Thumbnail,
			MediaKey: f.Key, FileSHA256: f.SHA256, FileEncSHA256: f.EncSHA256, ContextInfo: context,
		}}
	}
}
