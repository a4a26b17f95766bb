package whatsapp

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types/events"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func TestAReceivedFileIsNamedByNothingThatItsSenderChose(t *testing.T) {
	names := map[string]bool{}
	for _, m := range []store.StoredMessage{
		{ChatJID: ana, ID: "3EB0", Media: &store.StoredMedia{Mime: "image/jpeg", FileName: "../evil.sh"}},
		{ChatJID: ana, ID: "../../etc/passwd", Media: &store.StoredMedia{Mime: "text/html"}},
		{ChatJID: ana, ID: "../../ETC/passwd", Media: &store.StoredMedia{Mime: "text/html"}},
		{ChatJID: ana, ID: "CON", Media: &store.StoredMedia{}},
		{ChatJID: ana, ID: "", Media: &store.StoredMedia{}},
		{ChatJID: ana, ID: strings.Repeat("A", 500), Media: &store.StoredMedia{}},
		{ChatJID: "15550199@s.whatsapp.net", ID: "3EB0", Media: &store.StoredMedia{Mime: "image/jpeg"}},
	} {
		name := fileName(m)
		if filepath.Base(name) != name || !filepath.IsLocal(name) || len(name) > 100 || strings.HasPrefix(name, ".") {
			t.Errorf("%q", name)
		}
		if extension := filepath.Ext(name); extension != ".jpg" && extension != ".bin" {
			t.Errorf("%q", name)
		}
		if names[strings.ToLower(name)] {
			t.Errorf("%q twice", name)
		}
		names[strings.ToLower(name)] = true
	}
}

func TestADownloadWithoutAConnectionSaysSo(t *testing.T) {
	client := link(t)
	row := store.StoredMessage{
		ChatJID: ana, ID: "3EB0", SenderJID: ana, Timestamp: 1_760_000_000, Kind: store.KindImage,
		Media: &store.StoredMedia{Mime: "image/jpeg", DirectPath: "/v/x?y=1", MediaKey: make([]byte, 32), FileSHA256: make([]byte, 32)},
	}
	if err := client.store.SaveMessage(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Download(t.Context(), "", "3EB0"); fault.CodeOf(err) != fault.WhatsappNotConnected {
		t.Errorf("got %v", err)
	}
}

func TestAnAnswerOfThePhoneReachesEveryoneWhoWaitsForIt(t *testing.T) {
	var retries mediaRetries
	one, leaveOne := retries.wait("3EB0")
	two, leaveTwo := retries.wait("3EB0")
	other, leaveOther := retries.wait("3EB1")
	event := &events.MediaRetry{MessageID: "3EB0"}
	retries.answer(event)
	retries.answer(event)
	if <-one != event || <-two != event || len(other) != 0 {
		t.Error("the answer went elsewhere")
	}
	leaveOne()
	leaveTwo()
	leaveOther()
	if len(retries.waits) != 0 {
		t.Errorf("%v still wait", retries.waits)
	}
}

func TestAFileTakesNoMoreThanWasSaid(t *testing.T) {
	file := &bounded{File: nothing{}, most: 10}
	for range 2 {
		if _, err := file.Write(make([]byte, 5)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := file.Write([]byte("x")); !errors.Is(err, errTooMuch) {
		t.Errorf("got %v", err)
	}
}

func TestAMarkInATextIsReaddressedAsAWholeWord(t *testing.T) {
	for text, want := range map[string]string{
		"@Ann": "@99", "hi @Ann, and @Ann!": "hi @99, and @99!", "@Anna and @Ann": "@Anna and @99", "Ann": "Ann", "@Ann2": "@Ann2",
	} {
		if got := readdress(text, "@Ann", "@99"); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// nothing is a file that forgets.
type nothing struct{ whatsmeow.File }

func (nothing) Write(content []byte) (int, error) { return len(content), nil }
