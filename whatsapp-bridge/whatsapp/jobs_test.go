package whatsapp

import (
	"log/slog"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func begin(t *testing.T, client *Client, order JobOrder) store.HistoryJob {
	t.Helper()
	job, err := client.jobs.start(t.Context(), ana, order)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// reach waits until the latest job of Ana's chat is in the state.
func reach(t *testing.T, client *Client, state store.JobState) store.HistoryJob {
	t.Helper()
	for ends := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		job, err := client.store.LatestJob(t.Context(), ana)
		if err != nil {
			t.Fatal(err)
		}
		if job.State == state {
			return job
		}
		if time.Now().After(ends) {
			t.Fatalf("the job is not %s: %+v", state, job)
		}
	}
}

func counts(requests []asked, address string) (found []int64) {
	for _, request := range requests {
		if request.address == address {
			found = append(found, request.count)
		}
	}
	return found
}

func TestAJobAsksFiftyAtATimeUntilThePhoneHasNoMore(t *testing.T) {
	client, phone := withPhone(t, 130)
	phone.knows = anaLID
	begin(t, client, JobOrder{Max: 1000})
	job := reach(t, client, store.JobCompleted)
	if job.Messages != 129 || !job.Exhausted || int64(job.OldestAt) != newest-129 {
		t.Errorf("got %+v", job)
	}
	if got := counts(phone.requests(), anaLID); len(got) != 4 || got[0] != 50 || got[3] != 50 {
		t.Errorf("asked for %v", got)
	}
	// An empty answer under one address is no proof.
	if got := counts(phone.requests(), ana); len(got) != 1 {
		t.Errorf("asked for %v under the other address", got)
	}
	history, err := client.store.ChatHistory(t.Context(), ana)
	if err != nil || history.Messages != 130 || !history.Exhausted || history.Job == nil || history.Job.Job != job.Job {
		t.Errorf("got %+v, %v", history, err)
	}
}

func TestAJobStopsAtAsManyMessagesAsWereOrdered(t *testing.T) {
	client, phone := withPhone(t, 500)
	phone.knows = anaLID
	begin(t, client, JobOrder{Max: 120})
	job := reach(t, client, store.JobCompleted)
	got := counts(phone.requests(), anaLID)
	if job.Messages != 120 || job.Exhausted || len(got) != 3 || got[2] != 20 {
		t.Errorf("got %+v after %v", job, got)
	}
}

func TestAnAnswerInManySmallChunksIsOneAnswer(t *testing.T) {
	client, phone := withPhone(t, 130)
	phone.knows, phone.chunks = anaLID, 7
	client.jobs.pace.part = time.Minute
	begin(t, client, JobOrder{Max: 1000})
	job := reach(t, client, store.JobCompleted)
	if job.Messages != 129 || !job.Exhausted || job.Requests != 3 {
		t.Errorf("got %+v", job)
	}
}

func TestWithoutAnyMessageToAskFromThereIsNoJob(t *testing.T) {
	client, _ := withPhone(t, 10)
	const stranger = "15550109@s.whatsapp.net"
	_, err := client.jobs.start(t.Context(), stranger, JobOrder{Max: 10})
	if refused := fault.From(err); refused.Code != fault.NoCheckpoint || refused.Status != 409 {
		t.Errorf("got %v", err)
	}
	if _, err := client.store.ChatHistory(t.Context(), stranger); fault.CodeOf(err) != fault.NoCheckpoint {
		t.Errorf("got %v", err)
	}
}

func TestTheOlderOfTheCallersOldestMessageAndOurOwnIsAskedFrom(t *testing.T) {
	client, phone := withPhone(t, 500)
	phone.knows = anaLID
	begin(t, client, JobOrder{Max: 50, Anchor: &store.AnchorMessage{ID: "M100", Timestamp: newest - 100}})
	reach(t, client, store.JobCompleted)
	if from := phone.requests()[0].from; from.Timestamp != newest-100 {
		t.Errorf("asked from %+v", from)
	}
}

func TestASecondCallerWhoWantsMoreJoinsTheJobAndGetsMore(t *testing.T) {
	client, phone := withPhone(t, 200)
	phone.knows, phone.silent = anaLID, true
	first := begin(t, client, JobOrder{Max: 10})
	if second := begin(t, client, JobOrder{Max: 100}); second.Job != first.Job || second.MaxMessages != 100 {
		t.Errorf("got %+v", second)
	}
	phone.release()
	if job := reach(t, client, store.JobCompleted); job.Messages != 100 {
		t.Errorf("got %+v", job)
	}
}

func TestAPhoneThatDoesNotAnswerPausesTheJobAndItsLateAnswerWakesIt(t *testing.T) {
	client, phone := withPhone(t, 60)
	phone.knows, phone.silent = anaLID, true
	client.jobs.pace.answer = 20 * time.Millisecond
	begin(t, client, JobOrder{Max: 1000})
	if job := reach(t, client, store.JobPaused); job.ErrorCode != fault.HistorySyncTimeout {
		t.Errorf("got %+v", job)
	}
	phone.release()
	if job := reach(t, client, store.JobCompleted); job.Messages != 59 || !job.Exhausted || job.ErrorCode != "" {
		t.Errorf("got %+v", job)
	}
}

func TestAPausedJobGoesOnWhenItIsCalledAgainWithWhatItHasCounted(t *testing.T) {
	client, phone := withPhone(t, 200)
	phone.knows, phone.silent = anaLID, true
	client.jobs.pace.answer = 20 * time.Millisecond
	first := begin(t, client, JobOrder{Max: 1000})
	reach(t, client, store.JobPaused)
	phone.set(func() { phone.silent = false })
	begin(t, client, JobOrder{Max: 1000, Resume: true})
	if job := reach(t, client, store.JobCompleted); job.Job != first.Job || job.Messages != 199 {
		t.Errorf("got %+v", job)
	}
}

func TestACancelledJobAsksNoMoreWhatComesStillCountsAndResumingGoesOn(t *testing.T) {
	client, phone := withPhone(t, 200)
	phone.knows, phone.silent = anaLID, true
	begin(t, client, JobOrder{Max: 1000})
	for len(phone.requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	cancelled, err := client.jobs.cancel(t.Context(), ana)
	if err != nil || cancelled.State != store.JobCancelled {
		t.Fatalf("got %+v, %v", cancelled, err)
	}
	if _, err := client.jobs.cancel(t.Context(), ana); fault.CodeOf(err) != fault.NoActiveSync {
		t.Errorf("got %v", err)
	}
	phone.release()
	if job := reach(t, client, store.JobCancelled); job.Messages != 50 || len(phone.requests()) != 1 {
		t.Errorf("got %+v after %d requests", job, len(phone.requests()))
	}
	begin(t, client, JobOrder{Max: 1000, Resume: true})
	if job := reach(t, client, store.JobCompleted); job.Messages != 149 || !job.Exhausted {
		t.Errorf("got %+v", job)
	}
	asked := len(phone.requests())
	if again := begin(t, client, JobOrder{Max: 1000, Resume: true}); again.State != store.JobCompleted || len(phone.requests()) != asked {
		t.Errorf("a chat that ended was asked for again: %+v", again)
	}
}

func TestALostConnectionPausesJobsAndTheNextLoginLetsThemGoOn(t *testing.T) {
	client, phone := withPhone(t, 200)
	phone.knows, phone.silent = anaLID, true
	begin(t, client, JobOrder{Max: 1000})
	phone.set(func() { phone.away = true })
	client.jobs.disconnected()
	if job := reach(t, client, store.JobPaused); job.ErrorCode != fault.WhatsappNotConnected {
		t.Errorf("got %+v", job)
	}
	phone.set(func() { phone.away, phone.silent = false, false })
	client.jobs.connected()
	if job := reach(t, client, store.JobCompleted); job.Messages != 199 {
		t.Errorf("got %+v", job)
	}
}

func TestWhatACrashLeftRunningGoesOnAfterTheNextLogin(t *testing.T) {
	client, phone := withPhone(t, 200)
	phone.knows, phone.silent = anaLID, true
	first := begin(t, client, JobOrder{Max: 1000})
	// A crash writes nothing more, and the next process finds the job as it was.
	client.jobs.end()
	after, err := newChatJobs(t.Context(), client.store, phone, slog.New(slog.DiscardHandler), client.jobs.pace)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(after.stop)
	client.jobs = after
	if job := reach(t, client, store.JobPaused); job.Error != "the bridge stopped" {
		t.Errorf("got %+v", job)
	}
	phone.set(func() { phone.silent = false })
	after.connected()
	if job := reach(t, client, store.JobCompleted); job.Job != first.Job || job.Messages != 199 {
		t.Errorf("got %+v", job)
	}
}

func TestAnAnswerThatComesWithTheEndOfItsTimeIsNotLost(t *testing.T) {
	client, phone := withPhone(t, 200)
	phone.knows, phone.silent = anaLID, true
	begin(t, client, JobOrder{Max: 50})
	job := reach(t, client, store.JobRunning)
	client.jobs.pace.part = time.Minute
	client.jobs.arrived(job.Request, arrival{messages: 1, inserted: 1})
	client.jobs.mu.Lock()
	client.jobs.unanswered(job.Job, client.jobs.waiting[job.Job])
	client.jobs.mu.Unlock()
	reach(t, client, store.JobRunning)
}

func TestOnlySoManyJobsAskAtOnce(t *testing.T) {
	client, phone := withPhone(t, 60)
	phone.knows, phone.silent = anaLID, true
	states := map[store.JobState]int{}
	for _, chat := range []string{ana, "15550102@s.whatsapp.net", "15550103@s.whatsapp.net"} {
		job, err := client.jobs.start(t.Context(), chat, JobOrder{Max: 10, Anchor: &store.AnchorMessage{ID: "M1", Timestamp: newest - 1}})
		if err != nil {
			t.Fatal(err)
		}
		states[job.State]++
	}
	if states[store.JobRunning] != 2 || states[store.JobQueued] != 1 {
		t.Errorf("got %v", states)
	}
	if _, err := client.jobs.cancel(t.Context(), ana); err != nil {
		t.Fatal(err)
	}
	if job, err := client.store.LatestJob(t.Context(), "15550103@s.whatsapp.net"); err != nil || job.State != store.JobRunning {
		t.Errorf("got %+v, %v", job, err)
	}
}

func TestThePushIsTheAccountsJobAndCompleteWhenItsOldestKindIs(t *testing.T) {
	client, phone := withPhone(t, 100)
	client.account.patience = patience{ended: time.Minute, recent: time.Minute, stalled: time.Minute}
	push := func(kind waHistorySync.HistorySync_HistorySyncType, start, stop int64, progress uint32) {
		t.Helper()
		chunk := phone.chunk(start, stop, kind, false)
		chunk.Progress = proto.Uint32(progress)
		if err := client.keepHistory(t.Context(), &waE2E.HistorySyncNotification{}, chunk); err != nil {
			t.Fatal(err)
		}
	}
	status := func() store.HistoryJob {
		t.Helper()
		told, err := client.HistoryStatus(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return told.Initial
	}
	push(waHistorySync.HistorySync_RECENT, 1, 20, 100)
	if job := status(); job.State != store.JobRunning || job.Messages != 20 {
		t.Errorf("got %+v", job)
	}
	push(waHistorySync.HistorySync_FULL, 20, 60, 60)
	push(waHistorySync.HistorySync_FULL, 60, 100, 100)
	job := status()
	if job.State != store.JobCompleted || job.Messages != 100 || job.Progress == nil || *job.Progress != 100 || int64(job.OldestAt) != newest-99 {
		t.Errorf("got %+v", job)
	}
	// The same chunk twice counts once and opens nothing again.
	push(waHistorySync.HistorySync_FULL, 20, 60, 60)
	if again := status(); again.Messages != 100 {
		t.Errorf("got %+v", again)
	}
	// Complete, it is told without a connection.
	if told, err := client.RetrieveHistory(t.Context()); err != nil || told.Job != job.Job {
		t.Errorf("got %+v, %v", told, err)
	}
}

func TestAPushThatStopsIsPausedAndGoesOnAndOneThatOnlyFallsSilentIsComplete(t *testing.T) {
	client, phone := withPhone(t, 100)
	client.account.patience = patience{ended: time.Millisecond, recent: time.Millisecond, stalled: time.Millisecond}
	account := func(state store.JobState) store.HistoryJob {
		t.Helper()
		for ends := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			job, err := client.account.job(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if job.State == state {
				return job
			}
			if time.Now().After(ends) {
				t.Fatalf("the job is not %s: %+v", state, job)
			}
		}
	}
	chunk := phone.chunk(1, 20, waHistorySync.HistorySync_RECENT, false)
	chunk.Progress = proto.Uint32(40)
	if err := client.keepHistory(t.Context(), &waE2E.HistorySyncNotification{}, chunk); err != nil {
		t.Fatal(err)
	}
	if job := account(store.JobPaused); job.ErrorCode != fault.HistorySyncTimeout {
		t.Errorf("got %+v", job)
	}
	chunk.Progress = proto.Uint32(100)
	if err := client.keepHistory(t.Context(), &waE2E.HistorySyncNotification{}, chunk); err != nil {
		t.Fatal(err)
	}
	account(store.JobCompleted)
	if err := client.account.reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if job := account(store.JobQueued); job.Messages != 0 {
		t.Errorf("a new link starts with %+v", job)
	}
}

func TestHistoryIsNotAskedForWithoutAConnection(t *testing.T) {
	client, _ := withPhone(t, 10)
	if _, err := client.FetchHistory(t.Context(), ana, JobOrder{Max: 10}); fault.CodeOf(err) != fault.WhatsappNotConnected {
		t.Errorf("got %v", err)
	}
	if _, err := client.CancelHistory(t.Context(), ana); fault.CodeOf(err) != fault.NoActiveSync {
		t.Errorf("got %v", err)
	}
}
