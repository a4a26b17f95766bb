package whatsapp

import (
	"testing"
	"time"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func pinned(t *testing.T, client *Client) bool {
	t.Helper()
	chat, err := client.store.Chat(t.Context(), ana)
	if err != nil {
		t.Fatal(err)
	}
	return chat.Pinned
}

// A patch comes back as an event after the call that sent it has answered, and maybe after the next call too.
func TestTheEchoOfAnOwnMarkDoesNotUndoTheNextOne(t *testing.T) {
	client := link(t)
	at := time.UnixMilli(1_790_000_000_123)
	patch := appstate.BuildPin(jid(t, ana), true)
	patch.Timestamp = at
	client.marks.expect(patch)
	off := false
	if err := client.store.SaveChat(t.Context(), store.StoredChat{JID: ana, Pinned: &off}); err != nil {
		t.Fatal(err)
	}
	echo := &events.Pin{JID: jid(t, ana), Timestamp: at, Action: &waSyncAction.PinAction{Pinned: proto.Bool(true)}}
	hear(t, client, echo)
	if pinned(t, client) {
		t.Error("the echo was stored over the later change")
	}
	// Each echo comes once: the same from the phone counts, and so does one of a patch that failed.
	hear(t, client, echo)
	if !pinned(t, client) {
		t.Error("the phone's pin was taken for an echo")
	}
	client.marks.expect(patch)
	client.marks.forget(patch)
	hear(t, client, &events.Pin{JID: jid(t, ana), Timestamp: at, Action: &waSyncAction.PinAction{}})
	if pinned(t, client) {
		t.Error("a mark whose sending failed was taken for an echo")
	}
}

func TestBothMutationsOfArchivingAreExpected(t *testing.T) {
	client := link(t)
	patch := appstate.BuildArchive(jid(t, ana), true, time.Time{}, nil)
	patch.Timestamp = time.UnixMilli(1_790_000_000_123)
	client.marks.expect(patch)
	for _, kind := range []string{appstate.IndexArchive, appstate.IndexPin} {
		if !client.marks.take(kind, jid(t, ana), patch.Timestamp) {
			t.Errorf("%s was not expected", kind)
		}
	}
	if len(client.marks.expected) != 0 {
		t.Errorf("left over: %v", client.marks.expected)
	}
}

func TestWithoutAConnectionNothingIsMarkedBlockedOrSet(t *testing.T) {
	client := link(t)
	hear(t, client, incoming(t, ana, ana, "3EB001", text("hello")))
	person := store.Address{JID: ana}
	for name, try := range map[string]func() error{
		"archive": func() error { _, err := client.Archive(t.Context(), ana, true); return err },
		"pin":     func() error { _, err := client.Pin(t.Context(), ana, true); return err },
		"mute":    func() error { _, err := client.Mute(t.Context(), ana, 0); return err },
		"unmute":  func() error { _, err := client.Unmute(t.Context(), ana); return err },
		"block":   func() error { _, err := client.Block(t.Context(), person, true); return err },
		"list":    func() error { _, err := client.Blocked(t.Context()); return err },
		"privacy": func() error { _, err := client.SetPrivacy(t.Context(), Online, "all"); return err },
	} {
		if err := try(); fault.CodeOf(err) != fault.WhatsappNotConnected {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhomAnotherDeviceBlocksIsBlockedHere(t *testing.T) {
	client := link(t)
	for _, step := range []struct {
		action  events.BlocklistChangeAction
		blocked bool
	}{{events.BlocklistChangeActionBlock, true}, {events.BlocklistChangeActionUnblock, false}} {
		hear(t, client, &events.Blocklist{Changes: []events.BlocklistChange{{JID: jid(t, anaLID), Action: step.action}}})
		profile, err := client.store.Profile(t.Context(), anaLID)
		if err != nil || profile.Blocked != step.blocked {
			t.Errorf("%s: %+v, %v", step.action, profile, err)
		}
	}
}
