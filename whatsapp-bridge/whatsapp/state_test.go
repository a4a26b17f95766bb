package whatsapp

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types/events"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

func TestEachEndOfTheLinkHasItsOwnStateAReasonAndAWayOut(t *testing.T) {
	for _, end := range []struct {
		event any
		state State
		code  fault.Code
	}{
		{&events.LoggedOut{}, LoggedOut, fault.AuthExpired},
		{&events.LoggedOut{OnConnect: true, Reason: events.ConnectFailureMainDeviceGone}, LoggedOut, fault.AuthExpired},
		{&events.StreamReplaced{}, Replaced, fault.SessionReplaced},
		{&events.ClientOutdated{}, ClientOutdated, fault.ClientOutdated},
		{&events.TemporaryBan{Code: 101, Expire: time.Hour}, TemporarilyBanned, fault.TemporarilyBanned},
		{&events.PairPasskeyRequest{}, PasskeyRequired, fault.PasskeyRequired},
	} {
		condition, over := ending(end.event)
		if !over || condition.State != end.state || condition.Reason == "" || condition.Resolution == "" {
			t.Errorf("%T became %+v", end.event, condition)
		}
		if !end.state.terminal() {
			t.Errorf("%s would be retried", end.state)
		}
		if code := notReady(end.state); code != end.code {
			t.Errorf("%s gives %s, want %s", end.state, code, end.code)
		}
	}
}

func TestALostConnectionIsNoEnd(t *testing.T) {
	for _, event := range []any{&events.Disconnected{}, &events.StreamError{Code: "503"}, &events.KeepAliveTimeout{}} {
		if _, over := ending(event); over {
			t.Errorf("%T ended the link", event)
		}
	}
	for _, state := range []State{NotPaired, Connecting, Connected} {
		if state.terminal() {
			t.Errorf("%s is not an end", state)
		}
	}
}

func TestReconnectsComeMoreSlowlyAfterEachFailureButNeverLaterThanAboutAMinute(t *testing.T) {
	for failures := range 40 {
		for range 50 {
			delay := backoff(failures)
			if delay < firstDelay*3/4 || delay > longestDelay*5/4 {
				t.Fatalf("after %d failures the delay is %v", failures, delay)
			}
		}
	}
	if backoff(10) < backoff(0) {
		t.Fatal("the delay does not grow")
	}
}

func TestTheLogShowsNoNumberInFullAndNoStanza(t *testing.T) {
	var written strings.Builder
	log := slog.New(slog.NewTextHandler(&written, &slog.HandlerOptions{ReplaceAttr: Redact}))
	log.Warn("failed for 15550101@s.whatsapp.net", "chat", "120363000000000001@g.us",
		"error", errors.New("bad: <message><plaintext>secret</plaintext></message>"))
	line := written.String()
	for _, leak := range []string{"15550101", "120363000000000001", "secret", "plaintext"} {
		if strings.Contains(line, leak) {
			t.Errorf("%q shows %q", line, leak)
		}
	}
	if !strings.Contains(line, "0101@") {
		t.Errorf("%q lost the last four digits", line)
	}
}

func TestOnlyALoopbackIPCanBeAnEmulator(t *testing.T) {
	for _, good := range []string{"ws://127.0.0.1:18999", "ws://[::1]:18999"} {
		if _, err := CheckEmulator(good); err != nil {
			t.Errorf("%s was refused", good)
		}
	}
	for _, bad := range []string{
		"ws://localhost:1", "ws://10.0.0.1:1", "wss://127.0.0.1:1", "http://127.0.0.1:1", "127.0.0.1:1",
		"ws://127.0.0.1", "ws://127.0.0.1.example.com:1", "ws://web.whatsapp.com:443", "ws://u@127.0.0.1:1", "",
	} {
		if _, err := CheckEmulator(bad); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestAQRCodeIsDrawnInHalfBlocksWithAQuietZone(t *testing.T) {
	drawing, err := DrawQR("https://wa.me/settings/linked_devices#2@ref,a,b,c,9")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSuffix(drawing, "\n"), "\n")
	width := len([]rune(rows[0]))
	if strings.Trim(rows[0], "█") != "" {
		t.Errorf("no quiet zone above: %q", rows[0])
	}
	for _, row := range rows {
		if len([]rune(row)) != width || !strings.HasPrefix(row, "██") || strings.Trim(row, "█▀▄ ") != "" {
			t.Errorf("a crooked row: %q", row)
		}
	}
	picture, err := PaintQR("text")
	if err != nil || !strings.HasPrefix(string(picture), "\x89PNG") {
		t.Errorf("no PNG: %v", err)
	}
}
