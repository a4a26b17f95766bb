package store_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func statisticsOf(t *testing.T, s *store.Store, chat string) string {
	t.Helper()
	found, err := s.Statistics(context.Background(), chat)
	must(t, err)
	text, err := json.Marshal(found)
	must(t, err)
	return string(text)
}

// local sets the host's time zone for a test.
func local(t *testing.T, zone string) {
	t.Helper()
	location, err := time.LoadLocation(zone)
	must(t, err)
	before := time.Local
	time.Local = location
	t.Cleanup(func() { time.Local = before })
}

func TestStatisticsCountMessagesByKindChatAndHour(t *testing.T) {
	local(t, "UTC")
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SetOwn(ctx, own, ownLID))
	must(t, s.LearnAlias(ctx, adaLID, ada))
	must(t, s.SaveContacts(ctx, []store.StoredContact{{JID: ada, FullName: "Ada Lake"}, {JID: carol, FullName: "Never Wrote"}}))
	must(t, s.SaveChat(ctx, store.StoredChat{JID: group, Name: "Lake"}))
	must(t, s.SaveChat(ctx, store.StoredChat{JID: carol}))
	picture := said(ada, ada, "M3", "", 7200)
	picture.Kind = store.KindImage
	strange := said(group, bob, "M6", "", 3)
	strange.Kind = store.UnsupportedPrefix + "futureProof"
	save(t, s, said(ada, ada, "M1", "x", 0), said(ada, own, "M2", "x", 1), picture,
		said(group, adaLID, "M4", "x", 2), said(group, bob, "M5", "x", 2), strange, said(group, own, "M7", "x", 4))
	must(t, s.SaveRevoke(ctx, store.Revoke{ChatJID: group, MessageID: "M5", SenderJID: bob, RevokedAt: firstDay + 9}))
	want(t, "all", statisticsOf(t, s, ""), `{"messages":7,"from_me":2,"chats":2,"people":3,`+
		`"first_at":"2025-06-15T15:06:40Z","last_at":"2025-06-15T17:06:40Z",`+
		`"by_kind":[{"kind":"text","messages":4},{"kind":"image","messages":1},{"kind":"revoked","messages":1},`+
		`{"kind":"unsupported:futureProof","messages":1}],`+
		`"busiest_chats":[{"chat_jid":"120363000000000001@g.us","chat_name":"Lake","messages":4},`+
		`{"chat_jid":"15550100@s.whatsapp.net","chat_name":"Ada Lake","messages":3}],`+
		`"busiest_hours":[{"hour":15,"messages":6},{"hour":17,"messages":1}],"by_month":[{"month":"2025-06","messages":7}]}`)
	for _, form := range []string{adaLID, "Ada Lake", "+1 555 0100"} {
		want(t, form, statisticsOf(t, s, form), `{"messages":3,"from_me":1,"chats":1,"people":2,`+
			`"first_at":"2025-06-15T15:06:40Z","last_at":"2025-06-15T17:06:40Z",`+
			`"by_kind":[{"kind":"text","messages":2},{"kind":"image","messages":1}],`+
			`"busiest_chats":[{"chat_jid":"15550100@s.whatsapp.net","chat_name":"Ada Lake","messages":3}],`+
			`"busiest_hours":[{"hour":15,"messages":2},{"hour":17,"messages":1}],"by_month":[{"month":"2025-06","messages":3}]}`)
	}
	nothing := `{"messages":0,"from_me":0,"chats":0,"people":0,"by_kind":[],"busiest_chats":[],"busiest_hours":[],"by_month":[]}`
	want(t, "an empty chat", statisticsOf(t, s, carol), nothing)
	want(t, "an empty store", statisticsOf(t, newStore(t), ""), nothing)
	for text, code := range map[string]fault.Code{
		bob: fault.ChatNotFound, "+1 555 0198": fault.ChatNotFound, "%": fault.ChatNotFound, "lake": fault.AmbiguousRecipient, "x@y": fault.InvalidJID,
	} {
		if text == "lake" {
			must(t, s.SaveChat(ctx, store.StoredChat{JID: roof, Name: "Lake"}))
		}
		_, err := s.Statistics(ctx, text)
		wantCode(t, err, code)
	}
}

// Trap 11.
func TestHoursAreThoseThatTheHostsClockShowedAtEachMessage(t *testing.T) {
	local(t, "Europe/Berlin")
	s := newStore(t)
	for id, clock := range map[string]string{
		"summer": "2025-07-01T12:00:00Z", "winter": "2025-01-01T12:00:00Z", "first": "2025-10-26T02:30:00+02:00",
		"second": "2025-10-26T02:10:00+01:00", "after": "2025-10-26T03:00:00+01:00",
	} {
		at, err := time.Parse(time.RFC3339, clock)
		must(t, err)
		m := said(ada, ada, id, "x", 0)
		m.Timestamp = at.Unix()
		save(t, s, m)
	}
	found, err := s.Statistics(context.Background(), "")
	must(t, err)
	text, err := json.Marshal(found.BusiestHours)
	must(t, err)
	want(t, "hours", string(text), `[{"hour":2,"messages":2},{"hour":3,"messages":1},{"hour":13,"messages":1},{"hour":14,"messages":1}]`)
	local(t, "Asia/Kathmandu")
	found, err = s.Statistics(context.Background(), ada)
	must(t, err)
	text, err = json.Marshal(found.BusiestHours)
	must(t, err)
	want(t, "hours elsewhere", string(text), `[{"hour":6,"messages":2},{"hour":17,"messages":2},{"hour":7,"messages":1}]`)
}

func TestMonthsAreThoseOfTheHostAndComeOldestFirstWithoutTheEmptyOnes(t *testing.T) {
	s := newStore(t)
	for id, clock := range map[string]string{
		"eve": "2023-12-31T22:59:59Z", "new year": "2023-12-31T23:00:00Z", "spring": "2024-03-31T21:59:59Z",
		"april": "2024-03-31T22:00:00Z", "later": "2024-04-30T21:59:59Z", "may": "2024-04-30T22:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, clock)
		must(t, err)
		m := said(ada, ada, id, "x", 0)
		m.Timestamp = at.Unix()
		save(t, s, m)
	}
	months := func(chat string) string {
		found, err := s.Statistics(context.Background(), chat)
		must(t, err)
		text, err := json.Marshal(found.ByMonth)
		must(t, err)
		return string(text)
	}
	local(t, "Europe/Berlin")
	berlin := `[{"month":"2023-12","messages":1},{"month":"2024-01","messages":1},{"month":"2024-03","messages":1},` +
		`{"month":"2024-04","messages":2},{"month":"2024-05","messages":1}]`
	want(t, "Berlin", months(""), berlin)
	want(t, "Berlin, one chat", months(ada), berlin)
	local(t, "UTC")
	want(t, "UTC", months(""), `[{"month":"2023-12","messages":2},{"month":"2024-03","messages":2},{"month":"2024-04","messages":2}]`)
}
