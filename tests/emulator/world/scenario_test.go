package world

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whatsapp-mcp/emulator/scenarios"
)

func TestTimesAreReadRelativeToNow(t *testing.T) {
	for in, want := range map[string]string{
		"-90m": "2026-11-23T10:30:00Z", "-2h": "2026-11-23T10:00:00Z", "-45s": "2026-11-23T11:59:15Z", "-0m": "2026-11-23T12:00:00Z",
		"-3d": "2026-11-20T12:00:00Z", "-3d 14:05": "2026-11-20T14:05:00Z", "-1d 23:59:58": "2026-11-22T23:59:58Z",
	} {
		if got, err := ParseOffset(in, noon.Add(time.Millisecond)); err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: %s %v", in, got, err)
		}
	}
	for _, in := range []string{"", "3d", "+3d", "-d", "-3", "-3w", "-0d 14:05", "-3h 14:05", "-3d 24:00", "-3d 14:60", "-3d  14:05", "-99999999d", "-999999999s x", "yesterday"} {
		if got, err := ParseOffset(in, noon); err == nil {
			t.Errorf("%q became %s", in, got)
		}
	}
}

func FuzzATimeIsNeverInTheFuture(f *testing.F) {
	for _, seed := range []string{"-3d 14:05", "-1d 23:59:59", "-90m", "-0d", "-5475d", "-999999999s", "x"} {
		f.Add(seed, int64(0))
	}
	f.Fuzz(func(t *testing.T, s string, shift int64) {
		now := noon.Add(time.Duration(shift % int64(24*time.Hour)))
		got, err := ParseOffset(s, now)
		if err == nil && (got.After(now) || got.Nanosecond() != 0 || now.Sub(got) > maxOffset+48*time.Hour) {
			t.Fatalf("%q at %s is %s", s, now, got)
		}
	})
}

func FuzzAScenarioIsBuiltOrRefusedButNeverHalf(f *testing.F) {
	f.Add(scenarios.Demo)
	f.Add([]byte(small))
	f.Add([]byte(`{"account":{"name":"A","pn":"15550100","lid":"21000"},"chats":[{"chat":"me"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := Load(data, atNoon)
		if err != nil {
			if w != nil || err.Error() == "" {
				t.Fatal("an error, and a world")
			}
			return
		}
		for _, c := range w.Chats() {
			if c.Pushed > c.Messages || c.Unread > c.Messages || len(w.History(c.JID, Anchor{}, -1)) != c.Messages {
				t.Fatalf("%+v", c)
			}
		}
	})
}

// small is a scenario that tests spoil in one place.
const small = `{
  "account": {"name": "Alex", "pn": "15550100", "lid": "210000000000100"},
  "contacts": [{"name": "Bob", "pn": "15550101", "lid": "210000000000101"}, {"name": "Eve", "pn": "15550102", "lid": "210000000000102"}],
  "communities": [{"name": "Street", "jid": "120363000000000100"}],
  "groups": [{"name": "News", "jid": "120363000000000101", "community": "Street", "announcement": true, "admins": ["Bob"], "members": ["Eve"]},
             {"name": "Away", "jid": "120363000000000102", "community": "Street", "joined": false, "admins": ["Eve"]}],
  "chats": [{"chat": "News", "unread": 1, "pushed": 5, "muted": "8h",
             "chatter": {"themes": ["notices"], "messages": 9, "from": "-20d", "to": "-2d"},
             "messages": [{"at": "-1h", "from": "Bob", "text": "hello", "as": "h"}, {"at": "-50m", "from": "Bob", "text": "again", "quotes": "h"}]},
            {"chat": "Eve", "messages": [{"at": "-1d 10:00", "from": "Eve", "text": "hi"}]}]
}`

func TestAMistakeInAScenarioIsNamed(t *testing.T) {
	if _, err := Load([]byte(small), atNoon); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{`"name": "Alex"`, `"name": ""`, "account needs a name"},
		{`"pn": "15550101"`, `"pn": "+1 555"`, `contact "Bob": pn "+1 555"`},
		{`"pn": "15550102"`, `"pn": "15550101"`, "belongs to somebody else"},
		{`"name": "Eve", "pn"`, `"name": "Bob", "pn"`, "two people of that name"},
		{`"unread": 1`, `"unraed": 1`, "unraed"},
		{`"unread": 1`, `"unread": 99`, "99 unread of 11"},
		{`"pushed": 5`, `"pushed": -5`, "pushed is -5"},
		{`"muted": "8h"`, `"muted": "soon"`, `muted "soon"`},
		{`"-1h"`, `"1h"`, `chat "News": message 1: time "1h"`},
		{`"from": "Bob", "text": "hello"`, `"from": "Eve", "text": "hello"`, "no admin of the announcement group"},
		{`"from": "Eve", "text": "hi"`, `"from": "Bob", "text": "hi"`, "not in this direct chat"},
		{`"text": "hello"`, `"text": ""`, "neither text nor image"},
		{`"quotes": "h"`, `"quotes": "x"`, `labelled "x"`},
		{`"themes": ["notices"]`, `"themes": ["gossip"]`, `no theme "gossip"; there are bakery, `},
		{`"to": "-2d"`, `"to": "-2h"`, "a day ago"},
		{`"community": "Street", "joined"`, `"community": "Lane", "joined"`, `no community "Lane"`},
		{`"admins": ["Eve"]`, `"admins": []`, "needs an admin"},
		{`"admins": ["Eve"]`, `"admins": ["me"]`, "not joined"},
		{`"members": ["Eve"]`, `"members": ["Bob"]`, "in it twice"},
		{`"chat": "Eve"`, `"chat": "Away"`, "no such chat"},
		{`"chat": "Eve"`, `"chat": "Mallory"`, "no such chat"},
	} {
		spoiled := strings.Replace(small, c.from, c.to, 1)
		if spoiled == small {
			t.Fatalf("%s is not in the scenario", c.from)
		}
		if _, err := Load([]byte(spoiled), atNoon); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.to, err)
		}
	}
	if _, err := Load([]byte(small+"x"), atNoon); err == nil {
		t.Error("something after the end was missed")
	}
}

func TestTheSameScenarioIsTheSameWorldWithTheSameIDs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "world.json")
	if err := os.WriteFile(path, scenarios.Demo, 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := LoadFile(path, atNoon)
	if err != nil {
		t.Fatal(err)
	}
	w := demo(t)
	for _, c := range w.Chats() {
		a, b := w.History(c.JID, Anchor{}, -1), again.History(c.JID, Anchor{}, -1)
		for i := range a {
			if a[i].ID != b[i].ID || a[i].Text != b[i].Text || a[i].Timestamp != b[i].Timestamp || a[i].Sender != b[i].Sender {
				t.Fatalf("%s: %+v is not %+v", c.Name, a[i], b[i])
			}
		}
	}
	if _, err := LoadFile(path+".missing", atNoon); err == nil {
		t.Fatal("a missing file was read")
	}
}

func TestTheDemoHasWhatTheWholeSystemIsShownWith(t *testing.T) {
	w := demo(t)
	communityGroups, lanterns, heldLanterns, edits, revokes, quotes, reactions := 0, 0, 0, 0, 0, 0, 0
	for _, c := range w.Communities() {
		for _, g := range w.CommunityGroups(c.JID) {
			communityGroups++
			row, _ := w.Chat(g.JID)
			if g.Joined && (row.Unread == 0 || row.Messages-row.Pushed < 100 || row.Pushed < row.Unread) {
				t.Errorf("%s: %d unread, %d pushed of %d", g.Name, row.Unread, row.Pushed, row.Messages)
			}
		}
	}
	for _, c := range w.Chats() {
		for i, m := range w.History(c.JID, Anchor{}, -1) {
			if strings.Contains(strings.ToLower(m.Text), "lantern festival") {
				lanterns++
				if i >= c.Pushed {
					heldLanterns++
				}
			}
			edits += min(1, int(m.EditedAt))
			revokes += min(1, int(m.RevokedAt))
			quotes += min(1, len(m.QuotedID))
			reactions += len(m.Reactions)
		}
	}
	if communityGroups != 9 || lanterns < 20 || heldLanterns < 5 || edits == 0 || revokes == 0 || quotes < 20 || reactions < 50 {
		t.Fatal(communityGroups, lanterns, heldLanterns, edits, revokes, quotes, reactions)
	}
}
