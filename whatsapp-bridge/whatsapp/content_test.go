package whatsapp

import (
	"strings"
	"testing"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"whatsapp-mcp/whatsapp-bridge/store"
)

func TestEveryPayloadThatWhatsAppKnowsHasAKind(t *testing.T) {
	fields := (&waE2E.Message{}).ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		message := &waE2E.Message{}
		if field.Kind() == protoreflect.MessageKind {
			message.ProtoReflect().Mutable(field)
		} else {
			message.ProtoReflect().Set(field, protoreflect.ValueOfString("word"))
		}
		said, ok := readContent(message)
		switch field.Name() {
		case "messageContextInfo", "senderKeyDistributionMessage", "fastRatchetKeySenderKeyDistributionMessage",
			"groupRootKeyShare", "rootSecretDistributeMessage":
			if ok {
				t.Errorf("%s is no message, but became %q", field.Name(), said.kind)
			}
		default:
			if !ok || said.kind == "" {
				t.Errorf("%s was dropped", field.Name())
			}
		}
	}
}

func TestAPayloadWithoutAKindOfItsOwnIsNamedByItsField(t *testing.T) {
	said, ok := readContent(&waE2E.Message{EventMessage: &waE2E.EventMessage{Name: proto.String("Lantern festival")}})
	if !ok || said.kind != "unsupported:eventMessage" || said.text != "Lantern festival" {
		t.Fatalf("got %+v", said)
	}
}

func TestAFieldFromTheFutureIsNotDropped(t *testing.T) {
	message := &waE2E.Message{}
	// Field 9000, wire type 0, value 1.
	if err := proto.Unmarshal([]byte{0xc0, 0xb2, 0x04, 0x01}, message); err != nil {
		t.Fatal(err)
	}
	if said, ok := readContent(message); !ok || said.kind != "unsupported:unknown" {
		t.Fatalf("got %+v, %v", said, ok)
	}
}

func TestWrappersAreTakenOff(t *testing.T) {
	inner := &waE2E.Message{ImageMessage: &waE2E.ImageMessage{
		Caption: proto.String("the harbour"), DirectPath: proto.String("/v/t62/a?b=1"), FileLength: proto.Uint64(7),
	}}
	wrapped := &waE2E.Message{EphemeralMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{
		ViewOnceMessageV2: &waE2E.FutureProofMessage{Message: inner},
	}}}
	said, ok := readContent(&waE2E.Message{DeviceSentMessage: &waE2E.DeviceSentMessage{Message: wrapped}})
	if !ok || said.kind != store.KindImage || said.text != "the harbour" || said.media.DirectPath != "/v/t62/a?b=1" {
		t.Fatalf("got %+v", said)
	}
}

func TestQuotesAndForwardsAreReadFromAnyPayload(t *testing.T) {
	info := &waE2E.ContextInfo{
		StanzaID: proto.String("3EB0AA"), Participant: proto.String("15550101@s.whatsapp.net"), IsForwarded: proto.Bool(true),
	}
	for _, message := range []*waE2E.Message{
		{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String("yes"), ContextInfo: info}},
		{AudioMessage: &waE2E.AudioMessage{PTT: proto.Bool(true), ContextInfo: info}},
		{PollCreationMessageV3: &waE2E.PollCreationMessage{Name: proto.String("When?"), ContextInfo: info}},
	} {
		said, _ := readContent(message)
		if said.quotedID != "3EB0AA" || said.quotedSender != "15550101@s.whatsapp.net" || !said.forwarded {
			t.Errorf("%s lost its context: %+v", said.kind, said)
		}
	}
}

func TestButtonsTemplatesAndListsAreReadAsText(t *testing.T) {
	for want, message := range map[string]*waE2E.Message{
		"Your order\nhas left": {TemplateMessage: &waE2E.TemplateMessage{HydratedTemplate: &waE2E.TemplateMessage_HydratedFourRowTemplate{
			HydratedContentText: proto.String("has left"),
			Title:               &waE2E.TemplateMessage_HydratedFourRowTemplate_HydratedTitleText{HydratedTitleText: "Your order"},
		}}},
		"Choose": {ListMessage: &waE2E.ListMessage{Title: proto.String("Choose")}},
		"Yes": {ButtonsResponseMessage: &waE2E.ButtonsResponseMessage{
			Response: &waE2E.ButtonsResponseMessage_SelectedDisplayText{SelectedDisplayText: "Yes"},
		}},
	} {
		if said, _ := readContent(message); said.kind != store.KindText || said.text != want {
			t.Errorf("got %+v, want %q", said, want)
		}
	}
}

func FuzzNoPayloadBreaksTheReader(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0x0a, 0x02, 'h', 'i'})
	fields := (&waE2E.Message{}).ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		message := &waE2E.Message{Conversation: proto.String("word")}
		if field := fields.Get(i); field.Kind() == protoreflect.MessageKind {
			message.ProtoReflect().Mutable(field)
		}
		f.Add(encode(message))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		message := &waE2E.Message{}
		if proto.Unmarshal(payload, message) != nil {
			return
		}
		said, ok := readContent(message)
		if ok && said.kind == "" {
			t.Fatal("a payload without a kind")
		}
		if strings.HasPrefix(said.kind, store.UnsupportedPrefix) && len(said.kind) == len(store.UnsupportedPrefix) {
			t.Fatal("an unsupported payload without a name")
		}
	})
}
