package whatsapp

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.mau.fi/whatsmeow/proto/waHistorySync"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// patience is how long nothing may come before the push counts as ended, or as stalled. ended: every chat has had its last
// chunk; recent: the recent messages are complete and older ones may follow; stalled: neither (WhatsApp Web too gives up
// after two minutes).
type patience struct{ ended, recent, stalled time.Duration }

var usualPatience = patience{ended: 3 * time.Second, recent: 10 * time.Second, stalled: 2 * time.Minute}

// accountJob is the account's history job: what the phone pushes once after linking. Nothing can be asked for here; the job
// tells what came. It is complete when the phone has marked the end of every chat, or all of its oldest kind (FULL) is
// there; only RECENT and FULL have a progress that means anything.
type accountJob struct {
	store    *store.Store
	log      *slog.Logger
	patience patience

	mu      sync.Mutex
	timer   *time.Timer
	armed   bool // the timer runs
	stopped bool
}

func newAccountJob(held *store.Store, log *slog.Logger, patience patience) *accountJob {
	return &accountJob{store: held, log: log, patience: patience, timer: stoppedTimer()}
}

// job gives the account's job; there is one as soon as somebody asks.
func (a *accountJob) job(ctx context.Context) (store.HistoryJob, error) {
	job, err := a.store.AccountJob(ctx)
	if err != nil || job.Job != "" {
		return job, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.known(ctx)
}

func (a *accountJob) known(ctx context.Context) (store.HistoryJob, error) {
	job, err := a.store.AccountJob(ctx)
	if err != nil || job.Job != "" {
		return job, err
	}
	if _, err := a.store.CreateJob(ctx, store.HistoryJob{Kind: store.JobAccount, State: store.JobQueued}); err != nil {
		return job, err
	}
	return a.store.AccountJob(ctx)
}

// arrived takes note of a chunk whose rows are stored and counted. Its progress is percent of its kind.
func (a *accountJob) arrived(ctx context.Context, kind waHistorySync.HistorySync_HistorySyncType, came arrival) error {
	progress := came.progress
	recent, full := kind == waHistorySync.HistorySync_RECENT, kind == waHistorySync.HistorySync_FULL
	// PUSH_NAME and the like come in between, and tell nothing of messages.
	if kind != waHistorySync.HistorySync_INITIAL_BOOTSTRAP && !recent && !full {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	job, err := a.known(ctx)
	if err != nil {
		return err
	}
	pushing, err := a.store.Pushing(ctx)
	if err != nil {
		return err
	}
	ended := pushing == 0
	// A chunk that comes late, or twice, does not open again what is complete.
	if job.State == store.JobCompleted && (ended || came.inserted == 0) {
		return nil
	}
	if job.StartedAt == 0 {
		job.StartedAt = store.Time(time.Now().Unix())
	}
	job.ErrorCode, job.Error = "", ""
	if recent || full {
		job.Progress = &progress
	}
	if progress == 100 && (full || recent && ended) {
		return a.end(ctx, job, store.JobCompleted, "", "")
	}
	job.State = store.JobRunning
	if err := a.store.SaveJob(ctx, job); err != nil {
		return err
	}
	switch {
	case progress < 100:
		a.wait(a.patience.stalled, false)
	case ended:
		a.wait(a.patience.ended, true)
	case recent:
		a.wait(a.patience.recent, true)
	default:
		a.wait(a.patience.stalled, false)
	}
	return nil
}

// resume starts to wait for the phone, as after a login or when somebody asks for the history.
func (a *accountJob) resume(ctx context.Context) (store.HistoryJob, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	job, err := a.known(ctx)
	if err != nil || job.State == store.JobCompleted || a.armed {
		return job, err
	}
	job.State, job.ErrorCode, job.Error = store.JobQueued, "", ""
	if job.StartedAt != 0 {
		job.State = store.JobRunning
	}
	if job.Progress != nil && *job.Progress == 100 {
		a.wait(a.patience.recent, true)
	} else {
		a.wait(a.patience.stalled, false)
	}
	return job, a.store.SaveJob(ctx, job)
}

// pause waits for the next login: what comes, comes after it.
func (a *accountJob) pause(ctx context.Context, reason string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.disarm()
	job, err := a.known(ctx)
	if err != nil || job.State != store.JobRunning && job.State != store.JobQueued {
		return err
	}
	return a.end(ctx, job, store.JobPaused, fault.WhatsappNotConnected, reason)
}

// reset forgets what was told of a link that is over.
func (a *accountJob) reset(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.disarm()
	job, err := a.known(ctx)
	if err != nil || job.StartedAt == 0 {
		return err
	}
	_, err = a.store.CreateJob(ctx, store.HistoryJob{Kind: store.JobAccount, State: store.JobQueued})
	return err
}

func (a *accountJob) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopped = true
	a.disarm()
}

func (a *accountJob) disarm() {
	a.timer.Stop()
	a.armed = false
}

// wait ends the job when nothing has come for so long.
func (a *accountJob) wait(quiet time.Duration, complete bool) {
	a.timer.Stop()
	var timer *time.Timer
	timer = time.AfterFunc(quiet, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.stopped || a.timer != timer || !a.armed {
			return
		}
		a.armed = false
		if err := a.quiet(complete); err != nil {
			a.log.Error("the account's history job could not be carried on", "error", err)
		}
	})
	a.timer, a.armed = timer, true
}

func (a *accountJob) quiet(complete bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	job, err := a.known(ctx)
	if err != nil || job.State != store.JobRunning && job.State != store.JobQueued {
		return err
	}
	if complete {
		return a.end(ctx, job, store.JobCompleted, "", "")
	}
	return a.end(ctx, job, store.JobPaused, fault.HistorySyncTimeout, "the phone has sent nothing for a while")
}

func (a *accountJob) end(ctx context.Context, job store.HistoryJob, state store.JobState, code fault.Code, reason string) error {
	job.State, job.ErrorCode, job.Error = state, code, reason
	if state == store.JobCompleted {
		all := int64(100)
		job.Progress = &all
		a.disarm()
	}
	return a.store.SaveJob(ctx, job)
}
