package inbox

import (
	"cmp"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"

	"whatsapp-mcp/emulator/world"
)

// Content is what a decrypted message says, in the world's terms.
type Content struct {
	Kind world.Kind
	Text string
	// Target is the message that this one changes; Author who wrote that one, "" for the sender of the change.
	Target    string
	Author    string
	Quoted    string
	Forwarded bool
	// Steps is how often it was forwarded since it was written.
	Steps uint32
	Media *world.Media
}

// Open reads a message. It reports false for one that says nothing to a person: a sender key, a setting, a request.
func Open(message *waE2E.Message) (Content, bool) {
	message = unwrap(message)
	protocol := message.GetProtocolMessage()
	switch {
	case message.GetReactionMessage() != nil:
		reaction := message.GetReactionMessage()
		return Content{Kind: world.KindReaction, Text: reaction.GetText()}.about(reaction.GetKey()), true
	case protocol != nil && protocol.GetType() == waE2E.ProtocolMessage_REVOKE:
		return Content{Kind: world.KindRevoke}.about(protocol.GetKey()), true
	case protocol != nil && protocol.GetType() == waE2E.ProtocolMessage_MESSAGE_EDIT:
		content, _ := Open(protocol.GetEditedMessage())
		return Content{Kind: world.KindEdit, Text: content.Text}.about(protocol.GetKey()), true
	}
	return standing(message)
}

// about points a change at its message. In a direct chat the author of what the sender did not write goes without saying.
func (c Content) about(key *waCommon.MessageKey) Content {
	c.Target = key.GetID()
	if !key.GetFromMe() {
		c.Author = cmp.Or(key.GetParticipant(), key.GetRemoteJID())
	}
	return c
}

// unwrap takes a message out of the envelopes that say how it is to be shown.
func unwrap(message *waE2E.Message) *waE2E.Message {
	for _, inner := range []*waE2E.FutureProofMessage{
		message.GetEphemeralMessage(), message.GetViewOnceMessage(), message.GetViewOnceMessageV2(),
		message.GetDocumentWithCaptionMessage(), message.GetEditedMessage(),
	} {
		if inner.GetMessage() != nil {
			return unwrap(inner.GetMessage())
		}
	}
	return message
}

// file is what all attachments have in common.
type file interface {
	GetMimetype() string
	GetDirectPath() string
	GetMediaKey() []byte
	GetFileSHA256() []byte
	GetFileEncSHA256() []byte
	GetFileLength() uint64
	GetContextInfo() *waE2E.ContextInfo
}

func standing(message *waE2E.Message) (Content, bool) {
	if image := message.GetImageMessage(); image != nil {
		return attached(world.KindImage, image.GetCaption(), image), true
	}
	if video := message.GetVideoMessage(); video != nil {
		content := attached(world.KindVideo, video.GetCaption(), video)
		content.Media.DurationSeconds = video.GetSeconds()
		return content, true
	}
	if audio := message.GetAudioMessage(); audio != nil {
		kind := world.KindAudio
		if audio.GetPTT() {
			kind = world.KindVoice
		}
		content := attached(kind, "", audio)
		content.Media.DurationSeconds = audio.GetSeconds()
		return content, true
	}
	if document := message.GetDocumentMessage(); document != nil {
		content := attached(world.KindDocument, document.GetCaption(), document)
		content.Media.FileName = document.GetFileName()
		return content, true
	}
	if sticker := message.GetStickerMessage(); sticker != nil {
		return attached(world.KindSticker, "", sticker), true
	}
	if text := message.GetExtendedTextMessage(); text != nil {
		return withContext(Content{Kind: world.KindText, Text: text.GetText()}, text.GetContextInfo()), true
	}
	if message.Conversation != nil {
		return Content{Kind: world.KindText, Text: message.GetConversation()}, true
	}
	return Content{}, false
}

func attached(kind world.Kind, caption string, file file) Content {
	return withContext(Content{Kind: kind, Text: caption, Media: &world.Media{
		Mime: file.GetMimetype(), Size: file.GetFileLength(), DirectPath: file.GetDirectPath(),
		Key: file.GetMediaKey(), SHA256: file.GetFileSHA256(), EncSHA256: file.GetFileEncSHA256(),
	}}, file.GetContextInfo())
}

func withContext(content Content, context *waE2E.ContextInfo) Content {
	content.Quoted, content.Forwarded, content.Steps = context.GetStanzaID(), context.GetIsForwarded(), context.GetForwardingScore()
	return content
}

// EntryKind is the kind of the entry that tells about it.
func (c Content) EntryKind() Kind {
	switch c.Kind {
	case world.KindReaction:
		return Reaction
	case world.KindEdit:
		return Edit
	case world.KindRevoke:
		return Revoke
	default:
		return Message
	}
}

// With adds what a message says to an entry.
func (e Entry) With(content Content) Entry {
	e.Kind, e.Text, e.Target, e.Author = content.EntryKind(), content.Text, content.Target, content.Author
	e.Quoted, e.Forwarded, e.ForwardingScore = content.Quoted, content.Forwarded, content.Steps
	if e.Kind == Message {
		e.Type = string(content.Kind)
	}
	return e
}
