package assembly_test

import (
	"net/http"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

type phoneSettings struct {
	Blocked []string          `json:"blocked"`
	Privacy map[string]string `json:"privacy"`
}

func (r *rig) settings() phoneSettings {
	r.t.Helper()
	var seen phoneSettings
	r.get("/admin/phone", &seen)
	return seen
}

func TestWhomOneDeviceBlocksTheOthersKnowAndNobodyHears(t *testing.T) {
	r := start(t)
	first, second := r.link(), r.link()
	lid := r.jid(bob)
	list, err := first.UpdateBlocklist(t.Context(), types.NewJID(bobNumber, types.DefaultUserServer), events.BlocklistChangeActionBlock)
	if err != nil {
		t.Fatal(err)
	}
	if len(list.JIDs) != 1 || list.JIDs[0] != lid {
		t.Errorf("the list is %v", list.JIDs)
	}
	told := await(second, func(e *events.Blocklist) bool { return e.Changes[0].Action == events.BlocklistChangeActionBlock })
	if told.Changes[0].JID != lid || told.DHash != list.DHash || told.PrevDHash == told.DHash {
		t.Errorf("told %+v", told)
	}
	if blocked := r.settings().Blocked; len(blocked) != 1 || blocked[0] != lid.String() {
		t.Errorf("the phone blocks %v", blocked)
	}
	before := r.chat(bob).Messages
	r.say(bob, "", "Hello?")
	if r.chat(bob).Messages != before {
		t.Error("what a blocked contact writes arrives")
	}
	r.post("/admin/phone/block", words{"contact": bob, "blocked": false}, nil)
	for _, c := range []*companion{first, second} {
		await(c, func(e *events.Blocklist) bool { return e.Changes[0].Action == events.BlocklistChangeActionUnblock })
	}
	if list, err := second.GetBlocklist(t.Context()); err != nil || len(list.JIDs) != 0 {
		t.Errorf("still blocked: %v, %v", list, err)
	}
	said := r.say(bob, "", "Hello again")
	await(first, func(e *events.Message) bool { return e.Info.ID == said.ID })
}

func TestABlockThatNamesNobodyOrTheWrongNumberIsRefused(t *testing.T) {
	r := start(t)
	c := r.link()
	for _, item := range []binary.Attrs{
		{"jid": types.NewJID("999", types.HiddenUserServer), "action": "block"},
		{"jid": r.jid(bob), "action": "hug"},
		{"jid": r.jid(zoe), "pn_jid": types.NewJID(bobNumber, types.DefaultUserServer), "action": "block"},
		{"jid": types.NewJID(bobNumber, types.DefaultUserServer), "action": "block"},
		{"jid": c.Store.LID.ToNonAD(), "action": "block"},
	} {
		_, err := c.DangerousInternals().SendIQ(t.Context(), whatsmeow.DangerousInfoQuery{ //nolint:staticcheck // SA1019: a raw query is what is tested.
			Namespace: "blocklist", Type: "set", To: types.ServerJID, Content: []binary.Node{{Tag: "item", Attrs: item}},
		})
		if err == nil {
			t.Errorf("%v was taken", item)
		}
	}
	if blocked := r.settings().Blocked; len(blocked) != 0 {
		t.Errorf("blocked %v", blocked)
	}
}

func TestWhoMaySeeWhatIsTheSameOnAllDevices(t *testing.T) {
	r := start(t)
	first, second := r.link(), r.link()
	if _, err := first.SetPrivacySetting(t.Context(), types.PrivacySettingTypeOnline, types.PrivacySettingMatchLastSeen); err != nil {
		t.Fatal(err)
	}
	await(second, func(e *events.PrivacySettings) bool { return e.OnlineChanged && !e.LastSeenChanged })
	if seen := r.settings().Privacy; seen["online"] != "match_last_seen" || seen["last"] != "all" {
		t.Errorf("the phone has %v", seen)
	}
	r.post("/admin/phone/privacy", words{"name": "last", "value": "contacts"}, nil)
	await(first, func(e *events.PrivacySettings) bool { return e.LastSeenChanged })
	settings, err := second.TryFetchPrivacySettings(t.Context(), true)
	if err != nil || settings.LastSeen != types.PrivacySettingContacts || settings.Online != types.PrivacySettingMatchLastSeen {
		t.Errorf("the settings are %+v, %v", settings, err)
	}
	if _, err := first.SetPrivacySetting(t.Context(), types.PrivacySettingTypeOnline, types.PrivacySettingNone); err == nil {
		t.Error("online took a value that it does not know")
	}
	r.refuses("/admin/phone/privacy", words{"name": "colour", "value": "all"}, http.StatusBadRequest)
}

func TestWhatThePhoneSetsOnAChatTheCompanionsLearn(t *testing.T) {
	r := start(t)
	c := r.linkSynced()
	chat := r.jid(zoe)
	until := time.Now().Add(time.Hour).Unix()
	r.post("/admin/phone/mark", words{"chat": zoe, "pinned": true, "muted_until": until}, nil)
	await(c, func(e *events.Pin) bool { return e.JID == chat && e.Action.GetPinned() })
	await(c, func(e *events.Mute) bool { return e.JID == chat && e.Action.GetMuteEndTimestamp() == until*1000 })
	r.post("/admin/phone/mark", words{"chat": zoe, "archived": true, "muted_until": 0}, nil)
	await(c, func(e *events.Archive) bool {
		return e.JID == chat && e.Action.GetArchived() && len(e.Action.GetMessageRange().GetMessages()) == 1
	})
	await(c, func(e *events.Pin) bool { return e.JID == chat && !e.Action.GetPinned() })
	await(c, func(e *events.Mute) bool { return e.JID == chat && !e.Action.GetMuted() })
	r.phoneChat(chat, func(v chatView) bool { return *v.Archived && !*v.Pinned && *v.MutedUntil == 0 })
	r.refuses("/admin/phone/mark", words{"chat": "Nowhere", "pinned": true}, http.StatusNotFound)
}
