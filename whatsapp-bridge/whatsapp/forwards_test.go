package whatsapp

import (
	"strings"
	"testing"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// contents is one payload of each kind that can be forwarded, with the kind and text that it is stored with.
var contents = map[string]*waE2E.Message{
	"text":    {Conversation: proto.String("the lantern")},
	"link":    {ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String("see example.org"), Title: proto.String("Example")}},
	"image":   {ImageMessage: &waE2E.ImageMessage{Caption: proto.String("the fish"), MediaKey: []byte{1}, DirectPath: proto.String("/v/a?b")}},
	"video":   {VideoMessage: &waE2E.VideoMessage{Caption: proto.String("the river"), MediaKey: []byte{1}}},
	"note":    {PtvMessage: &waE2E.VideoMessage{MediaKey: []byte{1}}},
	"voice":   {AudioMessage: &waE2E.AudioMessage{PTT: proto.Bool(true), Waveform: []byte{1, 2}}},
	"sticker": {StickerMessage: &waE2E.StickerMessage{MediaKey: []byte{1}}},
	"contact": {ContactMessage: &waE2E.ContactMessage{DisplayName: proto.String("Ann"), Vcard: proto.String("BEGIN:VCARD")}},
	"people":  {ContactsArrayMessage: &waE2E.ContactsArrayMessage{DisplayName: proto.String("2 contacts")}},
	"place":   {LocationMessage: &waE2E.LocationMessage{DegreesLatitude: proto.Float64(1), Name: proto.String("Mill")}},
	"document": {DocumentWithCaptionMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{
		DocumentMessage: &waE2E.DocumentMessage{FileName: proto.String("plan.pdf"), Caption: proto.String("the plan")},
	}}},
	"poll": {PollCreationMessageV3: &waE2E.PollCreationMessage{Name: proto.String("Sunday?"), Options: []*waE2E.PollCreationMessage_Option{
		{OptionName: proto.String("yes")},
	}}},
	"moving place": {LiveLocationMessage: &waE2E.LiveLocationMessage{DegreesLatitude: proto.Float64(2), SequenceNumber: proto.Int64(9)}},
	"buttons":      {ButtonsMessage: &waE2E.ButtonsMessage{ContentText: proto.String("Choose a loaf")}},
}

func stored(message *waE2E.Message) store.StoredMessage {
	said, _ := readContent(message)
	return store.StoredMessage{ID: "3EB001", ChatJID: ana, Kind: said.kind, Text: said.text, Payload: encode(message)}
}

func TestEveryKindIsForwardedAsItIsReadAndSaysThatItWas(t *testing.T) {
	for name, content := range contents {
		original := stored(content)
		copied, err := forward(original)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		said, ok := readContent(copied)
		if !ok || said.kind != original.Kind || said.text != original.Text || !said.forwarded {
			t.Errorf("%s became %+v", name, said)
		}
		if score := contextInfo(unwrap(copied)).GetForwardingScore(); score != 1 {
			t.Errorf("%s has the score %d", name, score)
		}
	}
	poll, _ := forward(stored(contents["poll"]))
	if len(poll.GetMessageContextInfo().GetMessageSecret()) != pollSecretSize {
		t.Error("nobody could vote on the poll")
	}
	if link, _ := forward(stored(contents["link"])); link.GetExtendedTextMessage().GetTitle() != "Example" {
		t.Error("the link lost its preview")
	}
	if document, _ := forward(stored(contents["document"])); document.GetDocumentWithCaptionMessage() == nil {
		t.Error("the document lost its caption")
	}
}

func TestAForwardLeavesBehindWhatItAnsweredAndCountsItsSteps(t *testing.T) {
	original := stored(&waE2E.Message{
		MessageContextInfo: &waE2E.MessageContextInfo{MessageSecret: []byte{7}},
		ImageMessage: &waE2E.ImageMessage{MediaKey: []byte{1}, ContextInfo: &waE2E.ContextInfo{
			StanzaID: proto.String("3EB000"), Participant: proto.String(ana), MentionedJID: []string{own},
			QuotedMessage: text("private"), ForwardingScore: proto.Uint32(4), IsForwarded: proto.Bool(true),
		}},
	})
	copied, err := forward(original)
	if err != nil {
		t.Fatal(err)
	}
	wanted := &waE2E.Message{ImageMessage: &waE2E.ImageMessage{MediaKey: []byte{1}, ContextInfo: &waE2E.ContextInfo{
		ForwardingScore: proto.Uint32(5), IsForwarded: proto.Bool(true),
	}}}
	if !proto.Equal(copied, wanted) {
		t.Errorf("got %v", copied)
	}
}

func TestAForwardCarriesTheWordsOfTheLastEdit(t *testing.T) {
	for name, content := range map[string]*waE2E.Message{"text": contents["text"], "link": contents["link"], "image": contents["image"]} {
		original := stored(content)
		original.Text, original.EditedAt = "the lanterns", 1_790_000_060
		copied, err := forward(original)
		if err != nil {
			t.Fatal(err)
		}
		if said, _ := readContent(copied); said.text != "the lanterns" || copied.GetExtendedTextMessage().GetTitle() != "" {
			t.Errorf("%s became %v", name, copied)
		}
	}
}

func TestATextWithoutItsPayloadIsForwardedAsText(t *testing.T) {
	copied, err := forward(store.StoredMessage{Kind: store.KindText, Text: "from an import"})
	if said, _ := readContent(copied); err != nil || said.text != "from an import" || !said.forwarded {
		t.Errorf("got %v, %v", copied, err)
	}
}

func TestWhatCannotBeForwardedSaysWhy(t *testing.T) {
	once := stored(&waE2E.Message{ImageMessage: &waE2E.ImageMessage{ViewOnce: proto.Bool(true)}})
	for why, original := range map[string]store.StoredMessage{
		"deleted":         {Kind: store.KindRevoked, RevokedAt: 1_790_000_000},
		"unsupported:foo": {Kind: store.UnsupportedPrefix + "foo", Payload: encode(text("foo"))},
		"kind":            {Kind: store.KindSystem, Text: "Disappearing messages were turned off"},
		"without its":     {Kind: store.KindImage},
		"seen once":       once,
	} {
		if _, err := forward(original); fault.CodeOf(err) != fault.InvalidArgument || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

func TestAnEditOfACaptionIsTheFileWithOtherWords(t *testing.T) {
	edited, ok := withText(current(stored(contents["image"])), "the carp")
	if !ok || edited.GetImageMessage().GetCaption() != "the carp" || edited.GetImageMessage().GetDirectPath() != "/v/a?b" {
		t.Errorf("got %v", edited)
	}
	for _, name := range []string{"voice", "sticker", "place", "contact", "poll", "note"} {
		if _, ok := withText(current(stored(contents[name])), "words"); ok {
			t.Errorf("%s took words", name)
		}
	}
	if _, ok := withText(current(store.StoredMessage{Kind: store.KindImage}), "words"); ok {
		t.Error("a file that is not known took words")
	}
}
