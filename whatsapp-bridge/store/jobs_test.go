package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/store"
)

func TestAJobOutlivesTheProcessWithAllItKnows(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s, err := store.Open(ctx, dir)
	must(t, err)
	job, err := s.CreateJob(ctx, store.HistoryJob{Kind: store.JobChat, ChatJID: ada, State: store.JobQueued})
	must(t, err)
	progress := int64(40)
	job.State, job.Progress, job.Requests, job.MaxMessages, job.Request = store.JobRunning, &progress, 3, 200, "ASK3"
	job.Anchor = &store.AnchorMessage{ID: "m1", Timestamp: firstDay, SenderJID: ada}
	must(t, s.SaveJob(ctx, job))
	_, err = s.SaveHistory(ctx, store.Rows{Messages: []store.StoredMessage{
		said(ada, ada, "m0", "older", -10), said(bob, bob, "m1", "another chat", -20),
	}}, job.Job)
	must(t, err)
	must(t, s.Close())

	s = open(t, dir)
	kept, err := s.JobOfRequest(ctx, "ASK3")
	must(t, err)
	if kept.Job != job.Job || kept.Messages != 1 || int64(kept.OldestAt) != firstDay-10 || *kept.Progress != 40 ||
		kept.Requests != 3 || kept.MaxMessages != 200 || kept.Anchor == nil || kept.Anchor.ID != "m1" {
		t.Errorf("got %+v", kept)
	}
	running, err := s.JobsIn(ctx, store.JobRunning)
	must(t, err)
	if len(running) != 1 || running[0].ChatJID != ada {
		t.Errorf("got %+v", running)
	}
}

func TestWhatIsTakenTwiceCountsOnce(t *testing.T) {
	ctx, s := context.Background(), newStore(t)
	job, err := s.CreateJob(ctx, store.HistoryJob{Kind: store.JobAccount, State: store.JobRunning})
	must(t, err)
	rows := store.Rows{Messages: []store.StoredMessage{said(ada, ada, "m0", "one", 0), said(bob, bob, "m1", "two", 1)}}
	for _, new := range []int64{2, 0} {
		report, err := s.SaveHistory(ctx, rows, job.Job)
		must(t, err)
		if report.New != new {
			t.Errorf("%d are new, not %d", report.New, new)
		}
	}
	if kept, err := s.AccountJob(ctx); err != nil || kept.Messages != 2 {
		t.Errorf("got %+v, %v", kept, err)
	}
}

func TestAJobMovesWithItsChatToTheAddressThatIsLearnt(t *testing.T) {
	ctx, s := context.Background(), newStore(t)
	save(t, s, said(adaLID, adaLID, "m1", "hello", 0))
	job, err := s.CreateJob(ctx, store.HistoryJob{Kind: store.JobChat, ChatJID: adaLID, State: store.JobPaused})
	must(t, err)
	must(t, s.LearnAlias(ctx, adaLID, ada))
	for _, address := range []string{ada, adaLID} {
		if found, err := s.LatestJob(ctx, address); err != nil || found.Job != job.Job || found.ChatJID != ada {
			t.Errorf("under %s: %+v, %v", address, found, err)
		}
	}
	anchor, err := s.Anchor(ctx, ada)
	must(t, err)
	if !anchor.OpenJob {
		t.Error("the anchor does not tell of the open job")
	}
	job.State = store.JobCompleted
	must(t, s.SaveJob(ctx, job))
	if anchor, err = s.Anchor(ctx, ada); err != nil || anchor.OpenJob {
		t.Errorf("got %+v, %v", anchor, err)
	}
}

func TestAnOpenJobComesBeforeALaterOneThatIsOver(t *testing.T) {
	ctx, s := context.Background(), newStore(t)
	open, err := s.CreateJob(ctx, store.HistoryJob{Kind: store.JobChat, ChatJID: ada, State: store.JobPaused})
	must(t, err)
	_, err = s.CreateJob(ctx, store.HistoryJob{Kind: store.JobChat, ChatJID: ada, State: store.JobCompleted})
	must(t, err)
	if found, err := s.LatestJob(ctx, ada); err != nil || found.Job != open.Job {
		t.Errorf("got %+v, %v", found, err)
	}
	all, err := s.Jobs(ctx, 1)
	must(t, err)
	if len(all) != 1 || all[0].Job != open.Job {
		t.Errorf("got %+v", all)
	}
}

func TestThePushSaysNothingOfAChatThatAJobHasBrought(t *testing.T) {
	ctx, s := context.Background(), newStore(t)
	save(t, s, said(ada, ada, "m1", "hello", 0))
	state := func() string {
		t.Helper()
		page, err := s.Checkpoints(ctx, 10, "")
		must(t, err)
		return page.Checkpoints[0].State
	}
	for _, told := range []struct{ state, shown string }{
		{store.PushRuns, "pushing"},
		{store.PushEnded, "pushed"},
		{store.PushRuns, "pushed"},
		{"paused", "paused"},
		{store.PushRuns, "paused"},
		{store.PushEnded, "paused"},
		{"completed", "completed"},
	} {
		must(t, s.SaveCheckpoint(ctx, store.StoredCheckpoint{ChatJID: ada, State: told.state}))
		want(t, "after "+told.state, state(), told.shown)
	}
}

func TestAStoreThatThePushFilledBeforeThereWereJobsHasACompleteOne(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	first, err := os.ReadFile("upgrades/0001_first.sql")
	must(t, err)
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	must(t, err)
	_, err = db.Exec(string(first) + `PRAGMA user_version = 1;
		INSERT INTO jids (key, jid) VALUES (1, '` + ada + `');
		INSERT INTO chats (jid, kind) VALUES ('` + ada + `', 'direct');
		INSERT INTO message_rows (key, chat, id, sender, from_me, source, kind) VALUES (1750000000 << 16, 1, 'm1', 1, 0, 2, 'text');`)
	must(t, err)
	must(t, db.Close())
	s := open(t, dir)
	job, err := s.AccountJob(ctx)
	must(t, err)
	if job.State != store.JobCompleted || job.Messages != 1 || int64(job.OldestAt) != firstDay || job.Job == "" {
		t.Errorf("got %+v", job)
	}
}
