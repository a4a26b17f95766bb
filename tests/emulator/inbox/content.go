package inbox

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"image"
	_ "image/jpeg" // reads thumbnails

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
	Steps    uint32
	Mentions []string
	Media    *world.Media
	Cards    []world.Card
	Place    *world.Place
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
		content := attached(world.KindImage, image.GetCaption(), image)
		content.Media.Width, content.Media.Height = image.GetWidth(), image.GetHeight()
		content.Media.Thumbnail = image.GetJPEGThumbnail()
		return content, true
	}
	if video := message.GetVideoMessage(); video != nil {
		content := attached(world.KindVideo, video.GetCaption(), video)
		content.Media.DurationSeconds, content.Media.Thumbnail = video.GetSeconds(), video.GetJPEGThumbnail()
		return content, true
	}
	if audio := message.GetAudioMessage(); audio != nil {
		kind := world.KindAudio
		if audio.GetPTT() {
			kind = world.KindVoice
		}
		content := attached(kind, "", audio)
		content.Media.DurationSeconds, content.Media.Waveform = audio.GetSeconds(), audio.GetWaveform()
		return content, true
	}
	if document := message.GetDocumentMessage(); document != nil {
		content := attached(world.KindDocument, document.GetCaption(), document)
		content.Media.FileName = document.GetFileName()
		return content, true
	}
	if sticker := message.GetStickerMessage(); sticker != nil {
		content := attached(world.KindSticker, "", sticker)
		content.Media.Width, content.Media.Height = sticker.GetWidth(), sticker.GetHeight()
		content.Media.Moves = sticker.GetIsAnimated()
		return content, true
	}
	return spoken(message)
}

// spoken reads what carries no file.
func spoken(message *waE2E.Message) (Content, bool) {
	if card := message.GetContactMessage(); card != nil {
		return withContext(Content{
			Kind: world.KindContact, Text: card.GetDisplayName(), Cards: []world.Card{{Name: card.GetDisplayName(), VCard: card.GetVcard()}},
		}, card.GetContextInfo()), true
	}
	if cards := message.GetContactsArrayMessage(); cards != nil {
		content := Content{Kind: world.KindContact, Text: cards.GetDisplayName()}
		for _, card := range cards.GetContacts() {
			content.Cards = append(content.Cards, world.Card{Name: card.GetDisplayName(), VCard: card.GetVcard()})
		}
		return withContext(content, cards.GetContextInfo()), true
	}
	if place := message.GetLocationMessage(); place != nil {
		return withContext(Content{Kind: world.KindLocation, Text: place.GetName(), Place: &world.Place{
			Latitude: place.GetDegreesLatitude(), Longitude: place.GetDegreesLongitude(), Name: place.GetName(), Address: place.GetAddress(),
		}}, place.GetContextInfo()), true
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
	content.Mentions = context.GetMentionedJID()
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
	e.Mentions = content.Mentions
	for _, card := range content.Cards {
		e.Cards = append(e.Cards, card.VCard)
	}
	if place := content.Place; place != nil {
		e.Place = &Place{Latitude: place.Latitude, Longitude: place.Longitude, Name: place.Name, Address: place.Address}
	}
	if e.Kind == Message {
		e.Type = string(content.Kind)
	}
	return e
}

// WithFile adds a file as it was when it was opened, or why it could not be.
func (e Entry) WithFile(about *world.Media, plain []byte, err error) Entry {
	e.File = &File{
		Mime: about.Mime, FileName: about.FileName, Size: len(plain), Seconds: about.DurationSeconds,
		Width: about.Width, Height: about.Height, Moves: about.Moves, Waveform: about.Waveform,
	}
	if err != nil {
		e.File.Error = err.Error()
		return e
	}
	sum := sha256.Sum256(plain)
	e.File.SHA256 = hex.EncodeToString(sum[:])
	if small, format, err := image.DecodeConfig(bytes.NewReader(about.Thumbnail)); err == nil && format == "jpeg" {
		e.File.ThumbnailWidth, e.File.ThumbnailHeight = small.Width, small.Height
	}
	return e
}
