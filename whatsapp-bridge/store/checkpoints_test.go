package store_test

import (
	"context"
	"fmt"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/store"
)

func checkpoint(t *testing.T, s *store.Store, chat string) store.Checkpoint {
	t.Helper()
	c, err := s.Checkpoint(context.Background(), chat)
	must(t, err)
	return c
}

// gaps writes the gaps of a chat, in seconds after the first day; - is open.
func gaps(c store.Checkpoint) string {
	out := ""
	for _, gap := range c.Gaps {
		out += gap.Reason + "(" + offset(gap.After) + ".." + offset(gap.Before) + ")" + gap.Mend + " "
	}
	return out
}

func offset(at store.Time) string {
	if at == 0 {
		return "-"
	}
	return fmt.Sprint(int64(at) - firstDay)
}

func TestEveryChatWithMessagesOrACheckpointIsListedPageByPage(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	wanted := map[string]string{}
	for n := range 7 {
		chat := fmt.Sprintf("155501%02d@s.whatsapp.net", n)
		save(t, s, said(chat, chat, "M", "hello", int64(n)))
		wanted[chat] = store.NotFetched
	}
	must(t, s.SaveCheckpoint(ctx, store.StoredCheckpoint{ChatJID: group, State: "completed", Exhausted: true}))
	must(t, s.SaveCheckpoint(ctx, store.StoredCheckpoint{ChatJID: "15550103@s.whatsapp.net", State: "pushed"}))
	wanted[group], wanted["15550103@s.whatsapp.net"] = "completed", "pushed"
	// A chat of which nothing is held, and for which nobody asked, has nothing to tell.
	_, err := s.SaveHistory(ctx, store.Rows{Chats: []store.StoredChat{{JID: roof, Kind: store.ChatGroup}}}, "")
	must(t, err)

	got, cursor := map[string]string{}, ""
	for {
		page, err := s.Checkpoints(ctx, 3, cursor)
		must(t, err)
		if page.Total != int64(len(wanted)) || len(page.Checkpoints) > 3 {
			t.Fatalf("a page of %d, total %d", len(page.Checkpoints), page.Total)
		}
		for _, c := range page.Checkpoints {
			if _, twice := got[c.ChatJID]; twice {
				t.Errorf("%s is listed twice", c.ChatJID)
			}
			got[c.ChatJID] = c.State
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	want(t, "listed", fmt.Sprint(got), fmt.Sprint(wanted))
}

func TestACheckpointTellsFromWhenToWhenMessagesAreHeldAndWhetherMoreCanBeAskedFor(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	save(t, s, said(ada, ada, "M1", "hello", 100), said(ada, own, "M2", "hi", 900))
	c := checkpoint(t, s, ada)
	want(t, "held", fmt.Sprintln(c.Messages, offset(c.OldestAt), offset(c.NewestAt), c.State, c.CanAskMore, gaps(c)), "2 100 900 not_fetched true \n")

	must(t, s.SaveCheckpoint(ctx, store.StoredCheckpoint{ChatJID: ada, OldestID: "M1", OldestTimestamp: firstDay + 100, State: "completed"}))
	c = checkpoint(t, s, ada)
	want(t, "fetched", fmt.Sprintln(offset(c.FetchedTo), c.State, c.CanAskMore, gaps(c)), "100 completed true \n")

	must(t, s.SaveCheckpoint(ctx, store.StoredCheckpoint{ChatJID: ada, State: "completed", Exhausted: true}))
	if c = checkpoint(t, s, ada); c.CanAskMore || len(c.Gaps) != 0 {
		t.Errorf("exhausted, but %v %s", c.CanAskMore, gaps(c))
	}

	const channel = "120363000000000077@newsletter"
	save(t, s, said(channel, channel, "P", "a post", 1))
	if checkpoint(t, s, channel).CanAskMore {
		t.Error("the phone has no history of newsletters to ask for")
	}
	_, err := s.SaveHistory(ctx, store.Rows{Chats: []store.StoredChat{{JID: group, Kind: store.ChatGroup}}}, "")
	must(t, err)
	must(t, s.SaveCheckpoint(ctx, store.StoredCheckpoint{ChatJID: group, State: "completed"}))
	if checkpoint(t, s, group).CanAskMore {
		t.Error("without a message there is nothing to ask from")
	}
}

func TestAJobThatWasStoppedLeavesAGapBeforeWhatItBrought(t *testing.T) {
	s := newStore(t)
	for _, state := range []string{"paused", "failed", "cancelled"} {
		save(t, s, said(ada, ada, "M1", "hello", 100))
		must(t, s.SaveCheckpoint(context.Background(), store.StoredCheckpoint{
			ChatJID: ada, OldestTimestamp: firstDay + 100, State: state, Error: "the phone did not answer",
		}))
		want(t, state, gaps(checkpoint(t, s, ada)), "fetch_stopped(-..100)resume_sync ")
	}
	for _, state := range []string{"running", "queued", "completed"} {
		must(t, s.SaveCheckpoint(context.Background(), store.StoredCheckpoint{ChatJID: ada, State: state}))
		want(t, state, gaps(checkpoint(t, s, ada)), "")
	}
}

func TestWhatWasFetchedAndIsNotHeldIsAGap(t *testing.T) {
	s := newStore(t)
	save(t, s, said(ada, ada, "M1", "hello", 900))
	must(t, s.SaveCheckpoint(context.Background(), store.StoredCheckpoint{ChatJID: ada, OldestTimestamp: firstDay + 100, State: "completed"}))
	want(t, "some", gaps(checkpoint(t, s, ada)), "not_held(100..900)sync_history_to_database ")
	_, err := s.SaveHistory(context.Background(), store.Rows{Chats: []store.StoredChat{{JID: bob}}}, "")
	must(t, err)
	must(t, s.SaveCheckpoint(context.Background(), store.StoredCheckpoint{ChatJID: bob, OldestTimestamp: firstDay + 100, State: "completed"}))
	want(t, "none", gaps(checkpoint(t, s, bob)), "not_held(100..-)sync_history_to_database ")
}

func TestWhileTheDeviceWasNotLinkedMessagesMayBeMissingUntilAPushReachesOverTheAbsence(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	save(t, s, said(ada, ada, "M1", "before", 0), said(bob, bob, "M1", "before", 10))
	// The device learns at its next login that it was removed: since its newest message nothing is certain.
	must(t, s.LinkEnded(ctx, false))
	must(t, s.LinkEnded(ctx, true))
	want(t, "while it lasts", gaps(checkpoint(t, s, ada)), "not_linked(10..-) ")
	must(t, s.LinkBegan(ctx))
	must(t, s.LinkBegan(ctx))
	save(t, s, said(ada, ada, "M9", "after", 500), said(group, ada, "G1", "a new group", 600))
	want(t, "after it", gaps(checkpoint(t, s, ada)), "not_linked(10..500) ")
	want(t, "a chat that began after it", gaps(checkpoint(t, s, group)), "")

	// A push that does not reach back to what was held before proves nothing; one that does leaves no hole.
	push := func(messages ...store.StoredMessage) {
		_, err := s.SaveHistory(ctx, store.Rows{Messages: messages}, "")
		must(t, err)
	}
	push(said(ada, ada, "M5", "meanwhile", 300), said(ada, ada, "M9", "after", 500))
	want(t, "a short push", gaps(checkpoint(t, s, ada)), "not_linked(10..300) ")
	push(said(ada, ada, "M1", "before", 0))
	want(t, "a push over it", gaps(checkpoint(t, s, ada)), "")
	if gaps(checkpoint(t, s, bob)) == "" {
		t.Error("a push of one chat says nothing of another")
	}
	// What the other bridge brings may have been known before.
	_, err := s.ApplyBatch(ctx, store.Batch{Source: "baileys", Origin: "o", ToSeq: 1, Rows: store.Rows{
		Messages: []store.StoredMessage{said(bob, bob, "M1", "before", 10)},
	}})
	must(t, err)
	if gaps(checkpoint(t, s, bob)) == "" {
		t.Error("a batch is no push")
	}
}
