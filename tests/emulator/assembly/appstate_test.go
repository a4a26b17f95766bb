package assembly_test

import (
	"sync"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/appstate"
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

func TestAPatchThatComesSecondIsMadeAgainOnTopOfTheFirst(t *testing.T) {
	r := start(t)
	companions := []*companion{r.linkSynced(), r.linkSynced()}
	var all sync.WaitGroup
	for i, name := range []string{bob, zoe} {
		chat := r.jid(name)
		all.Go(func() {
			if err := companions[i].SendAppState(t.Context(), appstate.BuildPin(chat, true)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, name := range []string{bob, zoe} {
		r.phoneChat(r.jid(name), func(v chatView) bool { return v.Pinned != nil && *v.Pinned })
	}
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
