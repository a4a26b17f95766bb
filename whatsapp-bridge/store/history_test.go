package store_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func batchOf(from, to int64, messages ...store.StoredMessage) store.Batch {
	return store.Batch{Source: "baileys", Origin: "first", FromSeq: from, ToSeq: to, Rows: store.Rows{Messages: messages}}
}

func apply(t *testing.T, s *store.Store, batch store.Batch) store.BatchReport {
	t.Helper()
	report, err := s.ApplyBatch(context.Background(), batch)
	must(t, err)
	return report
}

func TestABatchInsertsWhatIsNewAndFillsWhatWasMissing(t *testing.T) {
	s := newStore(t)
	live := said(ada, ada, "M1", "hello", 0)
	save(t, s, live, said(ada, ada, "M2", "kept", 1))
	known := live
	known.Payload, known.QuotedID, known.ChatJID = []byte("payload"), "M0", "15550100:4@s.whatsapp.net"
	other := said(ada, ada, "M2", "changed", 1)
	report := apply(t, s, batchOf(0, 3, known, other, said(ada, ada, "M3", "new", 2)))
	if report.Inserted != 1 || report.Filled != 1 || report.Duplicates != 1 || report.Watermark != 3 || len(report.ChatsTouched) != 1 {
		t.Errorf("%+v", report)
	}
	full, err := s.Message(context.Background(), ada, "M1")
	must(t, err)
	want(t, "payload", string(full.Payload), "payload")
	want(t, "what is known wins", only(t, s, "M2").Text, "kept")
}

func TestABatchThatWasTakenChangesNothing(t *testing.T) {
	s := newStore(t)
	batch := batchOf(0, 5, said(ada, ada, "M1", "hello", 0))
	apply(t, s, batch)
	report := apply(t, s, batch)
	if report.Inserted != 0 || report.Duplicates != 1 || report.Watermark != 5 {
		t.Errorf("%+v", report)
	}
}

func TestABatchBehindAGapIsRefusedWithTheWatermark(t *testing.T) {
	s := newStore(t)
	apply(t, s, batchOf(0, 5, said(ada, ada, "M1", "hello", 0)))
	_, err := s.ApplyBatch(context.Background(), batchOf(7, 9, said(ada, ada, "M2", "hello", 0)))
	made := wantCode(t, err, fault.SyncInProgress)
	if made.Details.Watermark == nil || *made.Details.Watermark != 5 {
		t.Errorf("%+v", made.Details)
	}
	report := apply(t, s, batchOf(3, 9, said(ada, ada, "M2", "hello", 0)))
	if report.Inserted != 1 || report.Watermark != 9 {
		t.Errorf("%+v", report)
	}
}

func TestAnotherTemporaryFileBeginsAtZero(t *testing.T) {
	s := newStore(t)
	apply(t, s, batchOf(0, 50, said(ada, ada, "M1", "hello", 0)))
	batch := batchOf(0, 2, said(ada, ada, "M1", "hello", 0), said(ada, ada, "M2", "hello", 1))
	batch.Origin = "second"
	if report := apply(t, s, batch); report.Inserted != 1 || report.Duplicates != 1 || report.Watermark != 2 {
		t.Errorf("%+v", report)
	}
	mark, err := s.Watermark(context.Background(), "baileys")
	must(t, err)
	if mark != (store.Watermark{Source: "baileys", Seq: 2, Origin: "second"}) {
		t.Errorf("%+v", mark)
	}
}

func TestRowsThatContradictAreCountedAndLeft(t *testing.T) {
	s := newStore(t)
	save(t, s, said(group, ada, "M1", "hello", 0), said(group, ada, "M2", "hello", 0), said(group, own, "M3", "mine", 0))
	otherSender := said(group, bob, "M1", "forged", 0)
	otherTime := said(group, ada, "M2", "forged", 61)
	turned := said(group, ada, "M3", "forged", 0)
	report := apply(t, s, batchOf(0, 3, otherSender, otherTime, turned))
	if report.Conflicts != 3 || report.Filled != 0 {
		t.Errorf("%+v", report)
	}
	want(t, "sender", only(t, s, "M1").SenderJID, ada)
	if !only(t, s, "M3").FromMe {
		t.Error("from_me turned")
	}
}

func TestRowsThatCannotBeTrueAreRefusedAndNotFatal(t *testing.T) {
	s := newStore(t)
	rows := []store.StoredMessage{
		said("nobody", ada, "A", "x", 0), said(ada, "nobody@x", "B", "x", 0), said(ada, ada, "", "x", 0),
		said(ada, ada, "D", strings.Repeat("x", 64<<10+1), 0), said(ada, ada, "E", "good", 0),
	}
	future, old := said(ada, ada, "F", "x", 0), said(ada, ada, "G", "x", 0)
	future.Timestamp, old.Timestamp = time.Now().Unix()+3600, 1_200_000_000
	batch := batchOf(0, 9, append(rows, future, old)...)
	batch.Aliases = []store.StoredAlias{{Alias: ada, Canonical: bob}}
	batch.Contacts = []store.StoredContact{{JID: "x"}}
	batch.Chats = []store.StoredChat{{JID: "y"}, {JID: ada, Kind: "planet"}}
	batch.Reactions = []store.StoredReaction{{ChatJID: ada, MessageID: "E", SenderJID: "z", Emoji: "👍", Timestamp: firstDay}}
	batch.Checkpoints = []store.StoredCheckpoint{{ChatJID: "w", State: "completed"}}
	report := apply(t, s, batch)
	if report.Inserted != 1 || report.Refused != 12 || report.Watermark != 9 {
		t.Errorf("%+v", report)
	}
}

func TestHistoryNeverTouchesEditsRevokesOrReadState(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	save(t, s, said(ada, ada, "M1", "first", 0), said(ada, ada, "M2", "here", 1))
	must(t, s.SaveEdit(ctx, store.Edit{ChatJID: ada, MessageID: "M1", SenderJID: ada, Text: "second", EditedAtMS: (firstDay + 5) * 1000}))
	forged := said(ada, ada, "M1", "forged", 0)
	forged.EditedAt = firstDay + 50
	gone := said(ada, ada, "M2", "", 1)
	gone.RevokedAt, gone.Kind = firstDay+50, store.KindRevoked
	read := true
	gone.Read = &read
	apply(t, s, batchOf(0, 2, forged, gone))
	want(t, "edited", only(t, s, "M1").Text, "second")
	want(t, "revoked", only(t, s, "M2").Text, "here")
	if only(t, s, "M2").Read {
		t.Error("history marked a live message as read")
	}
}

func TestTheSameMessageInSeveralChunksIsOneRow(t *testing.T) {
	s := newStore(t)
	plain := said(ada, ada, "M1", "", 0)
	plain.Kind = store.KindImage
	withMedia := plain
	withMedia.Text, withMedia.Media = "lantern", &store.StoredMedia{Mime: "image/jpeg", FileName: "photo.jpg"}
	report := apply(t, s, batchOf(0, 3, plain, withMedia, plain))
	if report.Inserted != 1 || report.Filled != 1 || report.Duplicates != 1 {
		t.Errorf("%+v", report)
	}
	want(t, "caption", idsOf(list(t, s, store.MessageQuery{Query: "lantern"})), "M1")
	want(t, "file name", idsOf(list(t, s, store.MessageQuery{Query: "photo.jpg"})), "M1")
}

func TestTheAnchorIsTheOldestMessageUnderAnyAddress(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.LearnAlias(ctx, adaLID, ada))
	save(t, s, said(ada, ada, "M2", "x", 5), said(ada, ada, "M0", "x", 5), said(adaLID, own, "M1", "x", 7))
	must(t, s.SaveCheckpoint(ctx, store.StoredCheckpoint{ChatJID: adaLID, State: "completed", Exhausted: true}))
	anchor, err := s.Anchor(ctx, adaLID)
	must(t, err)
	if anchor.ChatJID != ada || anchor.Messages != 3 || !anchor.Exhausted || anchor.Oldest == nil ||
		*anchor.Oldest != (store.AnchorMessage{ID: "M0", Timestamp: firstDay + 5, SenderJID: ada}) {
		t.Errorf("%+v %+v", anchor, anchor.Oldest)
	}
	want(t, "aliases", strings.Join(anchor.Aliases, " "), ada+" "+adaLID)
	_, err = s.Anchor(ctx, bob)
	wantCode(t, err, fault.ChatNotFound)
}

func TestABatchThatIsNoneIsRefusedWhole(t *testing.T) {
	s := newStore(t)
	for name, change := range map[string]func(b *store.Batch){
		"source":   func(b *store.Batch) { b.Source = "other" },
		"origin":   func(b *store.Batch) { b.Origin = "" },
		"from_seq": func(b *store.Batch) { b.FromSeq = -1 },
		"to_seq":   func(b *store.Batch) { b.FromSeq, b.ToSeq = 5, 4 },
		"messages": func(b *store.Batch) { b.Messages = make([]store.StoredMessage, 2001) },
	} {
		batch := batchOf(0, 1)
		change(&batch)
		_, err := s.ApplyBatch(context.Background(), batch)
		if made := wantCode(t, err, fault.InvalidArgument); made.Details.Argument != name {
			t.Errorf("%s: %+v", name, made.Details)
		}
	}
}

// A merge and live events share one writer: the events come first, and what both write is there once.
func TestLiveEventsOvertakeAMergeAndNothingIsLost(t *testing.T) {
	s := newStore(t)
	w := newWorld(3)
	const batches, rows = 6, 1500
	var prepared []store.Batch
	for i := range int64(batches) {
		prepared = append(prepared, w.batch(i*rows, rows))
	}
	var group sync.WaitGroup
	done := make(chan struct{})
	group.Go(func() {
		defer close(done)
		for _, batch := range prepared {
			if _, err := s.ApplyBatch(context.Background(), batch); err != nil {
				t.Error(err)
			}
		}
	})
	live, during := 0, 0
	for running := true; running; live++ {
		select {
		case <-done:
			running = false
		default:
			during++
		}
		if err := s.SaveMessage(context.Background(), said(bob, bob, "L"+time.Unix(int64(live), 0).UTC().Format("150405"), "live", int64(live))); err != nil {
			t.Error(err)
		}
	}
	group.Wait()
	if during < 2*batches {
		t.Errorf("only %d live messages got in between", during)
	}
	if got := s.Counts().Messages; got != int64(batches*rows+live) {
		t.Errorf("%d messages, want %d", got, batches*rows+live)
	}
}

func FuzzBatches(f *testing.F) {
	good, err := json.Marshal(batchOf(0, 2, said(ada, ada, "M1", "hello", 0), said(group, adaLID, "M2", "👍", 1)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"source":"baileys","origin":"x","to_seq":1,"messages":[{"chat_jid":"1@lid","timestamp":9223372036854775807}]}`))
	f.Add([]byte(`{"source":"baileys","origin":"x","to_seq":1,"chats":[{"jid":"1@lid","unread_count":-5,"last_read_at":-9}],"reactions":[{"chat_jid":"1@lid","emoji":"","timestamp":-1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var batch store.Batch
		if json.Unmarshal(text, &batch) != nil {
			return
		}
		s := newStore(t)
		first, err := s.ApplyBatch(context.Background(), batch)
		if err != nil {
			if fault.CodeOf(err) == fault.Internal {
				t.Errorf("%s: %v", text, err)
			}
			return
		}
		second, err := s.ApplyBatch(context.Background(), batch)
		if err != nil || second.Inserted+second.Filled+second.Conflicts+second.Refused != 0 {
			t.Errorf("%s: twice: %+v, %v", text, second, err)
		}
		if int64(first.Inserted) < s.Counts().Messages {
			t.Errorf("%s: %+v but %d messages", text, first, s.Counts().Messages)
		}
		list(t, s, store.MessageQuery{})
		if _, err := s.ListChats(context.Background(), store.ChatQuery{IncludeLastMessage: true}); err != nil {
			t.Error(err)
		}
	})
}
