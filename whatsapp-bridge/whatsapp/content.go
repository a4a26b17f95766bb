package whatsapp

import (
	"math"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// Wrappers lie inside each other (ephemeral, view once, device sent); nobody nests them deeper than this in earnest.
const deepestWrapper = 8

// content is what a payload says, whoever sent it.
type content struct {
	kind         string
	text         string
	quotedID     string
	quotedSender string
	forwarded    bool
	media        *store.StoredMedia
}

// readContent reads a payload of any type. It gives false for one that says nothing, such as a bare key distribution.
func readContent(message *waE2E.Message) (content, bool) {
	message = unwrap(message)
	field := payloadField(message)
	if field == "" {
		return content{}, false
	}
	said, known := readMedia(message)
	if !known {
		said, known = readWords(message)
	}
	if !known {
		said = content{kind: store.UnsupportedPrefix + field, text: readOther(message)}
	}
	if info := contextInfo(message); info != nil {
		said.forwarded = info.GetIsForwarded()
		if info.GetStanzaID() != "" {
			said.quotedID, said.quotedSender = info.GetStanzaID(), info.GetParticipant()
		}
	}
	return said, true
}

// unwrap takes a payload out of the messages that only wrap another.
func unwrap(message *waE2E.Message) *waE2E.Message {
	for range deepestWrapper {
		inner := wrapped(message)
		if inner == nil {
			return message
		}
		message = inner
	}
	return message
}

func wrapped(message *waE2E.Message) *waE2E.Message {
	if inner := message.GetDeviceSentMessage().GetMessage(); inner != nil {
		return inner
	}
	var inner *waE2E.Message
	message.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.Kind() != protoreflect.MessageKind || field.IsList() {
			return true
		}
		if wrapper, ok := value.Message().Interface().(*waE2E.FutureProofMessage); ok && wrapper.GetMessage() != nil {
			inner = wrapper.GetMessage()
		}
		return inner == nil
	})
	return inner
}

// payloadField names the field that carries the payload: the lowest of those that are set, keys and context aside.
func payloadField(message *waE2E.Message) string {
	name, lowest := "", protoreflect.FieldNumber(0)
	reflected := message.ProtoReflect()
	reflected.Range(func(field protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		switch field.Name() {
		case "messageContextInfo", "senderKeyDistributionMessage", "fastRatchetKeySenderKeyDistributionMessage",
			"groupRootKeyShare", "rootSecretDistributeMessage":
		default:
			if name == "" || field.Number() < lowest {
				name, lowest = string(field.Name()), field.Number()
			}
		}
		return true
	})
	if name == "" && len(reflected.GetUnknown()) > 0 {
		return "unknown"
	}
	return name
}

// contextInfo finds the payload's context wherever its type keeps it.
func contextInfo(message *waE2E.Message) *waE2E.ContextInfo {
	var found *waE2E.ContextInfo
	message.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.Kind() != protoreflect.MessageKind || field.IsList() {
			return true
		}
		inner := value.Message()
		if slot := inner.Descriptor().Fields().ByName("contextInfo"); slot != nil && inner.Has(slot) {
			found, _ = inner.Get(slot).Message().Interface().(*waE2E.ContextInfo)
		}
		return found == nil
	})
	return found
}

// file is what every media payload of WhatsApp has.
type file interface {
	GetMimetype() string
	GetDirectPath() string
	GetMediaKey() []byte
	GetFileSHA256() []byte
	GetFileEncSHA256() []byte
	GetFileLength() uint64
}

// attach keeps the path verbatim: WhatsApp's media servers want its query too.
func attach(from file, name string, seconds uint32) *store.StoredMedia {
	return &store.StoredMedia{
		Mime: from.GetMimetype(), FileName: name, DirectPath: from.GetDirectPath(), MediaKey: from.GetMediaKey(),
		FileSHA256: from.GetFileSHA256(), FileEncSHA256: from.GetFileEncSHA256(),
		Size: clampSize(from.GetFileLength()), DurationS: int64(seconds),
	}
}

func clampSize(bytes uint64) int64 {
	return int64(min(bytes, math.MaxInt64))
}

func readMedia(message *waE2E.Message) (content, bool) {
	if image := message.GetImageMessage(); image != nil {
		return content{kind: store.KindImage, text: image.GetCaption(), media: attach(image, "", 0)}, true
	}
	if video := message.GetVideoMessage(); video != nil {
		return content{kind: store.KindVideo, text: video.GetCaption(), media: attach(video, "", video.GetSeconds())}, true
	}
	if video := message.GetPtvMessage(); video != nil {
		return content{kind: store.KindVideo, text: video.GetCaption(), media: attach(video, "", video.GetSeconds())}, true
	}
	if audio := message.GetAudioMessage(); audio != nil {
		kind := store.KindAudio
		if audio.GetPTT() {
			kind = store.KindVoice
		}
		return content{kind: kind, media: attach(audio, "", audio.GetSeconds())}, true
	}
	if document := message.GetDocumentMessage(); document != nil {
		name := firstOf(document.GetFileName(), document.GetTitle())
		return content{kind: store.KindDocument, text: document.GetCaption(), media: attach(document, name, 0)}, true
	}
	if sticker := message.GetStickerMessage(); sticker != nil {
		return content{kind: store.KindSticker, media: attach(sticker, "", 0)}, true
	}
	return content{}, false
}

// encode gives the payload as it is kept for quoting, forwarding and downloading.
func encode(message *waE2E.Message) []byte {
	payload, err := proto.Marshal(message)
	if err != nil {
		return nil
	}
	return payload
}
