package whatsapp

import (
	"fmt"
	"math"
	"strings"

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

func readWords(message *waE2E.Message) (content, bool) {
	switch {
	case message.Conversation != nil:
		return content{kind: store.KindText, text: message.GetConversation()}, true
	case message.ExtendedTextMessage != nil:
		return content{kind: store.KindText, text: message.GetExtendedTextMessage().GetText()}, true
	case message.ContactMessage != nil:
		return content{kind: store.KindContact, text: contactText(message.GetContactMessage())}, true
	case message.ContactsArrayMessage != nil:
		return content{kind: store.KindContact, text: contactsText(message.GetContactsArrayMessage())}, true
	case message.LocationMessage != nil:
		place := message.GetLocationMessage()
		return content{kind: store.KindLocation, text: lines(place.GetName(), place.GetAddress(), place.GetComment(),
			coordinates(place.GetDegreesLatitude(), place.GetDegreesLongitude()))}, true
	case message.LiveLocationMessage != nil:
		place := message.GetLiveLocationMessage()
		return content{kind: store.KindLocation, text: lines(place.GetCaption(),
			coordinates(place.GetDegreesLatitude(), place.GetDegreesLongitude()))}, true
	case message.ProtocolMessage.GetType() == waE2E.ProtocolMessage_EPHEMERAL_SETTING && message.ProtocolMessage != nil:
		return content{kind: store.KindSystem, text: ephemeralText(message.GetProtocolMessage().GetEphemeralExpiration())}, true
	}
	if poll := pollOf(message); poll != nil {
		return content{kind: store.KindPoll, text: pollText(poll)}, true
	}
	return readBusiness(message)
}

// readBusiness reads what businesses send and what is pressed in answer: to a reader it is text.
func readBusiness(message *waE2E.Message) (content, bool) {
	text, known := "", true
	switch {
	case message.TemplateMessage != nil:
		text = templateText(message.GetTemplateMessage())
	case message.HighlyStructuredMessage != nil:
		text = templateText(message.GetHighlyStructuredMessage().GetHydratedHsm())
	case message.ButtonsMessage != nil:
		buttons := message.GetButtonsMessage()
		text = lines(buttons.GetText(), buttons.GetContentText(), buttons.GetFooterText())
	case message.ListMessage != nil:
		list := message.GetListMessage()
		text = lines(list.GetTitle(), list.GetDescription(), list.GetFooterText())
	case message.InteractiveMessage != nil:
		text = interactiveText(message.GetInteractiveMessage())
	case message.ButtonsResponseMessage != nil:
		text = message.GetButtonsResponseMessage().GetSelectedDisplayText()
	case message.ListResponseMessage != nil:
		text = lines(message.GetListResponseMessage().GetTitle(), message.GetListResponseMessage().GetDescription())
	case message.TemplateButtonReplyMessage != nil:
		text = message.GetTemplateButtonReplyMessage().GetSelectedDisplayText()
	case message.InteractiveResponseMessage != nil:
		text = message.GetInteractiveResponseMessage().GetBody().GetText()
	default:
		known = false
	}
	return content{kind: store.KindText, text: text}, known && text != ""
}

// readOther gives the words of payloads that have no kind of their own.
func readOther(message *waE2E.Message) string {
	switch {
	case message.GroupInviteMessage != nil:
		return lines(message.GetGroupInviteMessage().GetGroupName(), message.GetGroupInviteMessage().GetCaption())
	case message.ProductMessage != nil:
		product := message.GetProductMessage().GetProduct()
		return lines(product.GetTitle(), product.GetDescription(), message.GetProductMessage().GetBody())
	case message.OrderMessage != nil:
		return lines(message.GetOrderMessage().GetOrderTitle(), message.GetOrderMessage().GetMessage())
	case message.EventMessage != nil:
		return lines(message.GetEventMessage().GetName(), message.GetEventMessage().GetDescription())
	case message.CommentMessage != nil:
		said, _ := readContent(message.GetCommentMessage().GetMessage())
		return said.text
	}
	return ""
}

func pollOf(message *waE2E.Message) *waE2E.PollCreationMessage {
	for _, poll := range []*waE2E.PollCreationMessage{
		message.GetPollCreationMessage(), message.GetPollCreationMessageV2(), message.GetPollCreationMessageV3(),
		message.GetPollCreationMessageV5(), message.GetPollCreationMessageV6(),
	} {
		if poll != nil {
			return poll
		}
	}
	return nil
}

func pollText(poll *waE2E.PollCreationMessage) string {
	said := []string{poll.GetName()}
	for _, option := range poll.GetOptions() {
		said = append(said, "- "+option.GetOptionName())
	}
	return lines(said...)
}

func contactText(contact *waE2E.ContactMessage) string {
	return lines(contact.GetDisplayName(), contact.GetVcard())
}

func contactsText(contacts *waE2E.ContactsArrayMessage) string {
	var said []string
	for _, contact := range contacts.GetContacts() {
		said = append(said, contactText(contact))
	}
	return lines(said...)
}

func templateText(template *waE2E.TemplateMessage) string {
	hydrated := template.GetHydratedTemplate()
	if hydrated == nil {
		hydrated = template.GetHydratedFourRowTemplate()
	}
	if hydrated == nil {
		return interactiveText(template.GetInteractiveMessageTemplate())
	}
	return lines(hydrated.GetHydratedTitleText(), hydrated.GetHydratedContentText(), hydrated.GetHydratedFooterText())
}

func interactiveText(message *waE2E.InteractiveMessage) string {
	return lines(message.GetHeader().GetTitle(), message.GetHeader().GetSubtitle(),
		message.GetBody().GetText(), message.GetFooter().GetText())
}

func ephemeralText(seconds uint32) string {
	if seconds == 0 {
		return "Disappearing messages were turned off"
	}
	return fmt.Sprintf("Disappearing messages were set to %d hours", seconds/3600)
}

func coordinates(latitude, longitude float64) string {
	return fmt.Sprintf("%.6f, %.6f", latitude, longitude)
}

func lines(parts ...string) string {
	said := parts[:0:0]
	for _, part := range parts {
		if part != "" {
			said = append(said, part)
		}
	}
	return strings.Join(said, "\n")
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// encode gives the payload as it is kept for quoting, forwarding and downloading.
func encode(message *waE2E.Message) []byte {
	payload, err := proto.Marshal(message)
	if err != nil {
		return nil
	}
	return payload
}
