package world

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.mau.fi/whatsmeow/types"
)

func generated(t *testing.T, chats, messages int, seed uint64) *World {
	t.Helper()
	w, err := Generate(chats, messages, seed, atNoon)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAGeneratedWorldHasTheShapeThatMeasurementsNeed(t *testing.T) {
	const messages = 60_000
	w := generated(t, 500, messages, 7)
	direct, groups, biggest, total := 0, 0, 0, 0
	attachments, characters, texts, longest, rare := 0, 0, 0, 0, 0
	seen, shared := map[string]types.JID{}, 0
	scripts := map[string]int{}
	for _, c := range w.Chats() {
		if c.JID.Server == types.GroupServer {
			groups++
		} else {
			direct++
		}
		biggest, total = max(biggest, c.Messages), total+c.Messages
		past := w.History(c.JID, Anchor{}, -1)
		for i, m := range past {
			if i > 0 && m.Timestamp > past[i-1].Timestamp {
				t.Fatalf("%s: time runs backwards at %d", c.JID, i)
			}
			if m.Timestamp > noon.Unix() || m.Timestamp < noon.Add(-span).Unix()-7200 {
				t.Fatalf("%s: second %d", c.JID, m.Timestamp)
			}
			if other, twice := seen[m.ID]; twice {
				shared++
				if other == c.JID {
					t.Fatalf("%s: %s is there twice", c.JID, m.ID)
				}
			}
			seen[m.ID] = c.JID
			if m.Media != nil {
				attachments++
			} else {
				n := utf8.RuneCountInString(m.Text)
				characters, texts, longest = characters+n, texts+1, max(longest, n)
			}
			if strings.Contains(m.Text, RareWord) {
				rare++
			}
			for script, sample := range map[string]string{"cjk": "明天", "arabic": "مرحبا", "cyrillic": "завтра", "diacritic": "Łódź", "emoji": "👍🏽", "common": "the "} {
				if strings.Contains(m.Text, sample) {
					scripts[script]++
				}
			}
		}
	}
	if direct != 300 || groups != 200 || total != messages {
		t.Error(direct, groups, total)
	}
	if share := float64(biggest) / messages; math.Abs(share-0.049) > 0.003 {
		t.Errorf("the biggest chat holds %.3f", share)
	}
	if share := float64(attachments) / messages; math.Abs(share-0.15) > 0.01 {
		t.Errorf("%.3f are media", share)
	}
	if mean := float64(characters) / float64(texts); mean < 45 || mean > 65 || longest > 950 || longest < 400 {
		t.Errorf("mean length %.1f, longest %d", mean, longest)
	}
	if share := float64(shared) / messages; share < 0.0005 || share > 0.0015 {
		t.Errorf("%d ids are in two chats", shared)
	}
	if rare != 3 {
		t.Errorf("%d rare words", rare)
	}
	if len(scripts) != 6 || scripts["common"] < messages/10 {
		t.Error(scripts)
	}
	if len(w.Communities()) == 0 || !slices.ContainsFunc(w.Groups(), func(g Group) bool { return !g.Joined }) {
		t.Error("communities are missing")
	}
}

func TestTheSameSeedIsTheSameWorldAndAnotherIsNot(t *testing.T) {
	a, b, other := generated(t, 7, 500, 3), generated(t, 7, 500, 3), generated(t, 7, 500, 4)
	different := 0
	for _, c := range a.Chats() {
		left, right, third := a.History(c.JID, Anchor{}, -1), b.History(c.JID, Anchor{}, -1), other.History(c.JID, Anchor{}, -1)
		for i, m := range left {
			if m.ID != right[i].ID || m.Text != right[i].Text || m.Sender != right[i].Sender || m.Timestamp != right[i].Timestamp {
				t.Fatalf("%+v is not %+v", m, right[i])
			}
			if m.Text != third[i].Text {
				different++
			}
		}
	}
	if different < 400 {
		t.Fatal(different)
	}
}

func TestAMillionMessagesCostNoMoreMemoryThanTheirVocabulary(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	w := generated(t, 500, 1_000_000, 7)
	push := w.PlanPush(PushOptions{PerChunk: 5000})
	if used := heap() - before; used > 16<<20 {
		t.Errorf("%d MB", used>>20)
	}
	if push.Len() < 200 || messagesIn(push.Chunk(push.Len()-2)) != 5000 {
		t.Errorf("%d chunks", push.Len())
	}
	runtime.KeepAlive(w)
}

func TestAGeneratedMessageIsFoundChangedAndFollowedByNewOnes(t *testing.T) {
	w := generated(t, 5, 2000, 9)
	chat := w.Chats()[0].JID
	old := w.History(chat, Anchor{}, -1)[300]
	if got, ok := w.Message(chat, old.ID); !ok || got.Text != old.Text {
		t.Fatalf("%+v", got)
	}
	must(t, w, Message{Chat: chat, FromMe: true, Kind: KindReaction, Target: old.ID, Text: "🎉"})
	if got, _ := w.Message(chat, old.ID); len(got.Reactions) != 1 {
		t.Fatalf("%+v", got)
	}
	fresh := must(t, w, Message{Chat: chat, FromMe: true, Text: "now"})
	if got := w.History(chat, Anchor{}, 1)[0]; got.ID != fresh.ID {
		t.Fatalf("%+v", got)
	}
	if _, err := w.Append(Message{Chat: chat, FromMe: true, Text: "long ago", Timestamp: 1}); err == nil {
		t.Fatal("a message was filed into the generated past")
	}
	if got := w.History(chat, Anchor{ID: old.ID}, 1)[0]; got.Timestamp > old.Timestamp {
		t.Fatalf("%+v", got)
	}
}

func TestWorldsOfAnySizeAreGeneratedAndSillyOnesRefused(t *testing.T) {
	for _, size := range [][2]int{{1, 0}, {1, 1}, {4, 3}, {5, 100}, {23, 1000}, {1000, 10}} {
		w := generated(t, size[0], size[1], 1)
		total := 0
		for _, c := range w.Chats() {
			total += len(w.History(c.JID, Anchor{}, -1))
		}
		if len(w.Chats()) != size[0] || total != size[1] {
			t.Errorf("%v: %d chats, %d messages", size, len(w.Chats()), total)
		}
		push := w.PlanPush(PushOptions{})
		for i := range push.Len() {
			push.Chunk(i)
		}
	}
	for _, size := range [][2]int{{0, 5}, {-1, 5}, {5, -1}, {MaxChats + 1, 0}, {1, MaxMessages + 1}} {
		if _, err := Generate(size[0], size[1], 1, atNoon); err == nil {
			t.Errorf("%v was generated", size)
		}
	}
}
