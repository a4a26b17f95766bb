package assembly_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/inbox"
)

func hexSum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func sentBy(id string) func(*events.Message) bool {
	return func(m *events.Message) bool { return m.Info.ID == id }
}

func TestAContactOpensTheFileThatACompanionUploaded(t *testing.T) {
	r := start(t)
	c := r.link()
	content := bytes.Repeat([]byte("a page "), 1000)
	up, err := c.Upload(t.Context(), content, whatsmeow.MediaDocument)
	if err != nil {
		t.Fatal(err)
	}
	document := func(size uint64) *waE2E.Message {
		return &waE2E.Message{DocumentWithCaptionMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{DocumentMessage: &waE2E.DocumentMessage{
			DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileSHA256: up.FileSHA256, FileEncSHA256: up.FileEncSHA256, FileLength: &size,
			Mimetype: proto.String("text/plain"), FileName: proto.String("pages.txt"), Caption: proto.String("read this"),
		}}}}
	}
	sent := c.send(r.jid(bob), document(up.FileLength))
	got := r.received(bob, func(e inbox.Entry) bool { return e.ID == sent.ID })
	want := inbox.File{Mime: "text/plain", FileName: "pages.txt", Size: len(content), SHA256: hexSum(content)}
	if got.Type != "document" || got.Text != "read this" || got.File == nil || got.File.SHA256 != want.SHA256 ||
		got.File.Size != want.Size || got.File.FileName != want.FileName || got.File.Error != "" {
		t.Errorf("Bob got %+v %+v", got, got.File)
	}
	wrong := c.send(r.jid(bob), document(up.FileLength+1))
	got = r.received(bob, func(e inbox.Entry) bool { return e.ID == wrong.ID })
	if got.File == nil || got.File.Error == "" {
		t.Errorf("a wrong size went unnoticed: %+v", got.File)
	}
}

func TestPlacesAndCardsReachTheContactWhole(t *testing.T) {
	r := start(t)
	c := r.link()
	place := c.send(r.jid(bob), &waE2E.Message{LocationMessage: &waE2E.LocationMessage{
		DegreesLatitude: proto.Float64(48.25), DegreesLongitude: proto.Float64(-16.5), Name: proto.String("Riverside Park"),
	}})
	got := r.received(bob, func(e inbox.Entry) bool { return e.ID == place.ID })
	if got.Type != "location" || got.Place == nil || *got.Place != (inbox.Place{Latitude: 48.25, Longitude: -16.5, Name: "Riverside Park"}) {
		t.Errorf("Bob got %+v %+v", got, got.Place)
	}
	const card = "BEGIN:VCARD\nFN:Zoe\nEND:VCARD"
	passed := c.send(r.jid(bob), &waE2E.Message{ContactMessage: &waE2E.ContactMessage{DisplayName: proto.String("Zoe"), Vcard: proto.String(card)}})
	got = r.received(bob, func(e inbox.Entry) bool { return e.ID == passed.ID })
	if got.Type != "contact" || got.Text != "Zoe" || len(got.Cards) != 1 || got.Cards[0] != card {
		t.Errorf("Bob got %+v", got)
	}
	r.onPhone(func(e inbox.Entry) bool { return e.ID == passed.ID && e.Type == "contact" })
}

func TestACompanionOpensWhatAContactSends(t *testing.T) {
	r := start(t)
	c := r.link()
	said := r.do("/admin/say", words{"from": bob, "text": "look", "file": words{
		"kind": "image", "content": []byte("a picture"), "mime": "image/jpeg",
	}})
	image := await(c, sentBy(said.ID)).Message.GetImageMessage()
	content, err := c.Download(t.Context(), image)
	if err != nil || string(content) != "a picture" || image.GetCaption() != "look" || hexSum(content) != said.SHA256 {
		t.Errorf("got %q, %q, %v", content, image.GetCaption(), err)
	}
	voice := r.do("/admin/say", words{"from": bob, "file": words{"kind": "voice", "bytes": 5000, "seconds": 7}})
	audio := await(c, sentBy(voice.ID)).Message.GetAudioMessage()
	content, err = c.Download(t.Context(), audio)
	if err != nil || len(content) != 5000 || !audio.GetPTT() || audio.GetSeconds() != 7 || hexSum(content) != voice.SHA256 {
		t.Errorf("got %d bytes, %v, %v", len(content), audio, err)
	}
	r.refuses("/admin/say", words{"from": bob, "file": words{"kind": "text", "bytes": 5}}, http.StatusBadRequest)
	r.refuses("/admin/say", words{"from": bob, "file": words{"kind": "image"}}, http.StatusBadRequest)
}

func TestThePhoneUploadsAgainWhatHasExpired(t *testing.T) {
	r := start(t)
	c := r.link()
	said := r.do("/admin/say", words{"from": bob, "file": words{"kind": "video", "bytes": 900}})
	event := await(c, sentBy(said.ID))
	video := event.Message.GetVideoMessage()
	r.post("/admin/expire", words{"path": said.Path, "status": http.StatusGone}, nil)
	if _, err := c.Download(t.Context(), video); !errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith410) {
		t.Fatalf("an expired file gave %v", err)
	}
	ask := func() *events.MediaRetry {
		t.Helper()
		seen := len(c.retries())
		if err := c.SendMediaRetryReceipt(t.Context(), &event.Info, video.GetMediaKey()); err != nil {
			t.Fatal(err)
		}
		await(c, func(*events.MediaRetry) bool { return len(c.retries()) > seen })
		return c.retries()[seen]
	}
	answer, err := whatsmeow.DecryptMediaRetryNotification(ask(), video.GetMediaKey())
	if err != nil || answer.GetDirectPath() == said.Path {
		t.Fatalf("the phone answered %v, %v", answer, err)
	}
	video.DirectPath = answer.DirectPath
	content, err := c.Download(t.Context(), video)
	if err != nil || hexSum(content) != said.SHA256 {
		t.Errorf("got %d bytes, %v", len(content), err)
	}
	r.post("/admin/expire", words{"path": said.Path, "lost": true}, nil)
	if _, err := whatsmeow.DecryptMediaRetryNotification(ask(), video.GetMediaKey()); !errors.Is(err, whatsmeow.ErrMediaNotAvailableOnPhone) {
		t.Errorf("a lost file gave %v", err)
	}
	c.settled()
	r.refuses("/admin/expire", words{"path": "/v/nothing", "status": http.StatusGone}, http.StatusBadRequest)
	r.refuses("/admin/expire", words{"path": "/v/nothing", "lost": true}, http.StatusBadRequest)
	r.refuses("/admin/expire", words{"lost": true}, http.StatusBadRequest)
}

// retries are the phone's answers so far.
func (c *companion) retries() []*events.MediaRetry {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []*events.MediaRetry
	for _, event := range c.seen {
		if retry, ok := event.(*events.MediaRetry); ok {
			found = append(found, retry)
		}
	}
	return found
}
