package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// event is something that happens to a store; batches keep their order among themselves.
type event struct {
	name  string
	batch bool
	do    func(s *store.Store) error
}

// story makes what a random account goes through: people who are known by LID and number before the two are known to
// be one, messages with edits, revokes, reactions and reads, and the same messages once more as history.
func story(seed uint64) []event {
	r := rand.New(rand.NewPCG(seed, 7))
	ctx := context.Background()
	either := func(pn, lid string) string {
		if r.IntN(2) == 0 {
			return pn
		}
		return lid
	}
	person := func(who int) string {
		switch who {
		case 0:
			return either(ada, adaLID)
		case 1:
			return either(bob, bobLID)
		}
		return either(own, ownLID)
	}
	chat := func(which int) string {
		if which == 2 {
			return group
		}
		return person(which)
	}
	var events []event
	add := func(name string, do func(s *store.Store) error) {
		events = append(events, event{name: name, do: do})
	}
	var first, second store.Rows
	for i := range 10 {
		which := r.IntN(3)
		who := which
		if which == 2 {
			who = r.IntN(2)
		}
		if r.IntN(4) == 0 {
			who = 2
		}
		id := fmt.Sprintf("M%02d", i)
		at := int64(r.IntN(6))
		text := fmt.Sprintf("the lantern %d", i)
		edited := r.IntN(4) == 0
		revoked := !edited && r.IntN(5) == 0
		row := func() store.StoredMessage {
			m := said(chat(which), person(who), id, text, at)
			m.FromMe = who == 2
			return m
		}
		live := r.IntN(4) > 0
		if live || edited || revoked {
			m := row()
			add("message "+id+" "+m.ChatJID, func(s *store.Store) error { return s.SaveMessage(ctx, m) })
		}
		if edited {
			for n := range 1 + r.IntN(2) {
				e := store.Edit{
					ChatJID: chat(which), MessageID: id, SenderJID: person(who), FromMe: who == 2,
					Text: fmt.Sprintf("the lake %d %d", i, n), EditedAtMS: (firstDay+100)*1000 + int64(n),
				}
				add("edit "+id, func(s *store.Store) error { return s.SaveEdit(ctx, e) })
			}
			if which != 2 && who != which {
				forged := store.Edit{
					ChatJID: chat(which), MessageID: id, SenderJID: person(which), Text: "forged", EditedAtMS: (firstDay + 200) * 1000,
				}
				add("forged edit "+id, func(s *store.Store) error { return s.SaveEdit(ctx, forged) })
			}
		}
		if revoked {
			v := store.Revoke{ChatJID: chat(which), MessageID: id, SenderJID: person(who), FromMe: who == 2, RevokedAt: firstDay + 50}
			add("revoke "+id, func(s *store.Store) error { return s.SaveRevoke(ctx, v) })
		}
		for range r.IntN(3) {
			reaction := store.StoredReaction{
				ChatJID: chat(which), MessageID: id, SenderJID: person(r.IntN(3)), Emoji: []string{"👍", "❤️", ""}[r.IntN(3)],
				TimestampMS: (firstDay + int64(r.IntN(4))) * 1000,
			}
			add("reaction "+id, func(s *store.Store) error { return s.SaveReaction(ctx, reaction) })
		}
		switch r.IntN(6) {
		case 0:
			c := chat(which)
			add("read "+id, func(s *store.Store) error {
				_, err := s.MarkMessagesRead(ctx, c, []string{id}, firstDay+60)
				return err
			})
		case 1:
			c := chat(which)
			add("all read "+c, func(s *store.Store) error {
				_, err := s.MarkRead(ctx, c, firstDay+at, firstDay+61)
				return err
			})
		case 2:
			c := chat(which)
			add("star "+id, func(s *store.Store) error { return s.SetStarred(ctx, c, id, true) })
		case 3:
			receipt := store.Receipt{
				ChatJID: chat(which), MessageIDs: []string{id}, ReaderJID: person(r.IntN(2)), Type: store.ReceiptRead,
				Timestamp: firstDay + int64(r.IntN(100)),
			}
			add("receipt "+id, func(s *store.Store) error { return s.SaveReceipt(ctx, receipt) })
		}
		if !live || r.IntN(2) == 0 {
			m := row()
			m.Payload = []byte(id)
			if r.IntN(2) == 0 {
				first.Messages = append(first.Messages, m)
			}
			second.Messages = append(second.Messages, m)
		}
	}
	unread := int64(r.IntN(3))
	first.Chats = append(first.Chats, store.StoredChat{JID: chat(0), UnreadCount: &unread}, store.StoredChat{JID: group, Name: "Lake"})
	second.Reactions = append(second.Reactions, store.StoredReaction{
		ChatJID: chat(0), MessageID: "M01", SenderJID: person(1), Emoji: "🎉", Timestamp: firstDay + 9,
	})
	first.Contacts = append(first.Contacts, store.StoredContact{JID: person(0), FullName: "Ada Lake"})
	first.Checkpoints = append(first.Checkpoints, store.StoredCheckpoint{
		ChatJID: chat(0), OldestID: "M00", OldestTimestamp: firstDay, MessagesSynced: 3, State: "completed",
	})
	for i, rows := range []store.Rows{first, second} {
		batch := store.Batch{Source: "baileys", Origin: "o", FromSeq: int64(i), ToSeq: int64(i + 1), Rows: rows}
		events = append(events, event{name: fmt.Sprintf("batch %d", i), batch: true, do: func(s *store.Store) error {
			_, err := s.ApplyBatch(ctx, batch)
			return err
		}})
	}
	add("alias of ada", func(s *store.Store) error { return s.LearnAlias(ctx, adaLID, ada) })
	add("alias of bob", func(s *store.Store) error { return s.LearnAlias(ctx, bobLID, bob) })
	return events
}

// shuffled gives the events in another order, some of them twice. Batches keep theirs.
func shuffled(events []event, r *rand.Rand) []event {
	out := append([]event(nil), events...)
	for _, e := range events {
		if r.IntN(3) == 0 {
			out = append(out, e)
		}
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	var batches []event
	for _, e := range events {
		if e.batch {
			batches = append(batches, e)
		}
	}
	next := 0
	for i := range out {
		if out[i].batch {
			out[i] = batches[min(next, len(batches)-1)]
			next++
		}
	}
	return out
}

func play(t *testing.T, events []event) string {
	t.Helper()
	dir := t.TempDir()
	s, err := store.Open(context.Background(), dir)
	must(t, err)
	must(t, s.SetOwn(context.Background(), own, ownLID))
	for _, e := range events {
		if err := e.do(s); err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
	}
	must(t, s.Close())
	return dump(t, dir)
}

// STORE_SEEDS asks for more stories than the usual few.
func TestAnyOrderAndRepetitionOfTheSameEventsEndsInTheSameStore(t *testing.T) {
	seeds := uint64(16)
	if text := os.Getenv("STORE_SEEDS"); text != "" {
		_, err := fmt.Sscan(text, &seeds)
		must(t, err)
	}
	for seed := range seeds {
		events := story(seed)
		expected := play(t, events)
		for variant := range uint64(2) {
			order := shuffled(events, rand.New(rand.NewPCG(seed, variant)))
			got := play(t, order)
			if got == expected {
				continue
			}
			names := make([]string, len(order))
			for i, e := range order {
				names[i] = e.name
			}
			t.Fatalf("seed %d, order:\n%s\n%s", seed, strings.Join(names, "\n"), difference(expected, got))
		}
	}
}

func difference(expected, got string) string {
	var out strings.Builder
	have := make(map[string]int)
	for line := range strings.Lines(got) {
		have[line]++
	}
	for line := range strings.Lines(expected) {
		if have[line]--; have[line] < 0 {
			out.WriteString("missing " + line)
		}
	}
	for line, n := range have {
		if n > 0 {
			out.WriteString("extra   " + line)
		}
	}
	return out.String()
}

// halves gives two sources that know the same random account in part: each has some of the messages, and of each some of
// what there is to know, under the address that it happens to use.
func halves(seed uint64) [2]store.Rows {
	r := rand.New(rand.NewPCG(seed, 11))
	var out [2]store.Rows
	for i := range 12 {
		chats, senders := []string{ada, adaLID}, []string{ada, adaLID}
		if i%3 == 0 {
			chats, senders = []string{group, group}, []string{bob, bobLID}
		}
		for half := range out {
			if r.IntN(4) == 0 {
				continue
			}
			m := said(chats[r.IntN(2)], senders[r.IntN(2)], fmt.Sprintf("M%02d", i), fmt.Sprintf("the lantern %d", i), int64(i%5))
			if r.IntN(2) == 0 {
				m.Payload = []byte(m.ID)
			}
			if r.IntN(2) == 0 {
				m.QuotedID, m.QuotedSenderJID = "M00", senders[r.IntN(2)]
			}
			if r.IntN(2) == 0 {
				m.Media = &store.StoredMedia{Mime: "image/jpeg", FileName: "lake.jpg", Size: 7}
			}
			m.Starred = r.IntN(4) == 0
			out[half].Messages = append(out[half].Messages, m)
			if r.IntN(3) == 0 {
				out[half].Reactions = append(out[half].Reactions, store.StoredReaction{
					ChatJID: m.ChatJID, MessageID: m.ID, SenderJID: senders[r.IntN(2)], Emoji: "👍", Timestamp: firstDay + int64(half),
				})
			}
		}
	}
	out[r.IntN(2)].Contacts = []store.StoredContact{{JID: ada, FullName: "Ada Lake"}}
	out[r.IntN(2)].Aliases = []store.StoredAlias{{Alias: adaLID, Canonical: ada}, {Alias: bobLID, Canonical: bob}}
	return out
}

func TestMergingAIntoBAndBIntoAAgree(t *testing.T) {
	for seed := range uint64(16) {
		rows := halves(seed)
		var events [2]event
		for i, source := range []string{"baileys", "import:0123456789abcdef"} {
			batch := store.Batch{Source: source, Origin: "o", ToSeq: 1, Rows: rows[i]}
			events[i] = event{name: source, do: func(s *store.Store) error {
				_, err := s.ApplyBatch(context.Background(), batch)
				return err
			}}
		}
		intoB, intoA := play(t, []event{events[1], events[0]}), play(t, []event{events[0], events[1]})
		if intoA != intoB {
			t.Fatalf("seed %d\n%s", seed, difference(intoA, intoB))
		}
	}
}
