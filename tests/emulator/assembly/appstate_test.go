package assembly_test

import (
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

func withAppStateEvents(client *whatsmeow.Client) {
	client.EmitAppStateEventsOnFullSync = true
}

// linkSynced links a companion that has taken in all collections of app state.
func (r *rig) linkSynced() *companion {
	r.t.Helper()
	c := r.link(withAppStateEvents)
	for _, name := range appstate.AllPatchNames {
		await(c, func(e *events.AppStateSyncComplete) bool { return e.Name == name })
	}
	return c
}

func TestANewCompanionLearnsTheAddressBookAndTheStateOfTheChats(t *testing.T) {
	r := start(t)
	c := r.linkSynced()
	await(c, func(e *events.Contact) bool { return e.JID.User == bobNumber && e.Action.GetFullName() == bob })
	await(c, func(e *events.PushNameSetting) bool { return e.Action.GetName() == r.world().Account.Name })
	await(c, func(e *events.Pin) bool { return e.Action.GetPinned() })
	await(c, func(e *events.Archive) bool { return e.Action.GetArchived() })
	await(c, func(e *events.Mute) bool { return e.Action.GetMuteEndTimestamp() == -1 })
}

func TestWhatOneCompanionChangesTheOtherOneAndThePhoneSee(t *testing.T) {
	r := start(t)
	first, second := r.linkSynced(), r.linkSynced()
	chat := r.jid(bob)
	for _, patch := range []appstate.PatchInfo{
		appstate.BuildPin(chat, true),
		appstate.BuildMute(chat, true, time.Hour),
		appstate.BuildMarkChatAsRead(chat, true, time.Now(), nil),
	} {
		if err := first.SendAppState(t.Context(), patch); err != nil {
			t.Fatal(err)
		}
	}
	await(second, func(e *events.Pin) bool { return e.JID == chat && e.Action.GetPinned() })
	await(second, func(e *events.Mute) bool { return e.JID == chat && e.Action.GetMuted() })
	await(second, func(e *events.MarkChatAsRead) bool { return e.JID == chat && e.Action.GetRead() })
	r.phoneChat(chat, func(v chatView) bool {
		return v.Pinned != nil && *v.Pinned && v.Read != nil && *v.Read &&
			v.MutedUntil != nil && *v.MutedUntil > time.Now().Unix()
	})
	if err := first.SendAppState(t.Context(), appstate.BuildArchive(chat, true, time.Now(), nil)); err != nil {
		t.Fatal(err)
	}
	r.phoneChat(chat, func(v chatView) bool { return v.Archived != nil && *v.Archived && !*v.Pinned })
}

func TestAPatchThatComesSecondIsRefusedWithTheFirst(t *testing.T) {
	r := start(t)
	first, second := r.linkSynced(), r.linkSynced()
	name := string(appstate.WAPatchRegularLow)
	version, _, err := second.Store.AppState.GetAppStateVersion(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.SendAppState(t.Context(), appstate.BuildPin(r.jid(bob), true)); err != nil {
		t.Fatal(err)
	}
	// Not by SendAppState: whatsmeow takes the notification about the first patch in while it sends the second, and then
	// cannot apply the patches of the refusal any more.
	answer, err := second.DangerousInternals().SendIQ(t.Context(), whatsmeow.DangerousInfoQuery{ //nolint:staticcheck // SA1019: a raw query is what is tested.
		Namespace: "w:sync:app:state", Type: "set", To: types.ServerJID,
		Content: []binary.Node{{Tag: "sync", Content: []binary.Node{{
			Tag:     "collection",
			Attrs:   binary.Attrs{"name": name, "version": version},
			Content: []binary.Node{{Tag: "patch", Content: []byte{}}},
		}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	collection := answer.GetChildByTag("sync", "collection")
	refusal, patches := collection.GetChildByTag("error"), collection.GetChildByTag("patches")
	if collection.Attrs["type"] != "error" || refusal.AttrGetter().Int("code") != 409 || len(patches.GetChildren()) != 1 {
		t.Errorf("the answer is %s", answer)
	}
	// An honest try on top of the first goes through.
	await(second, func(e *events.Pin) bool { return e.JID == r.jid(bob) })
	if err := second.SendAppState(t.Context(), appstate.BuildPin(r.jid(zoe), true)); err != nil {
		t.Fatal(err)
	}
	r.phoneChat(r.jid(zoe), func(v chatView) bool { return v.Pinned != nil && *v.Pinned })
}

func TestReadingAChatOnThePhoneReadsItOnTheCompanions(t *testing.T) {
	r := start(t)
	c := r.linkSynced()
	chat := r.jid(football)
	r.post("/admin/phone/read", words{"chat": football}, nil)
	await(c, func(e *events.MarkChatAsRead) bool { return e.JID == chat && e.Action.GetRead() })
	await(c, func(e *events.Receipt) bool { return e.Chat == chat && e.IsFromMe && len(e.MessageIDs) == 5 })
	if unread := r.chat(football).Unread; unread != 0 {
		t.Errorf("%d unread", unread)
	}
}
