package whatsapp

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// jobPace is how jobs go. step are the messages asked for at once, more than 50 is not recommended by anybody; atOnce the
// jobs that ask at the same time, the others are queued; answer is how long the phone may take; part how long after a part
// of an answer its next part may come, and empty the same after one that brought nothing new.
type jobPace struct {
	step                int64
	atOnce              int
	answer, part, empty time.Duration
}

var usualPace = jobPace{step: 50, atOnce: 4, answer: 20 * time.Second, part: 300 * time.Millisecond, empty: time.Second}

// JobOrder is what a caller wants of a chat's history. Resume believes an earlier job that found the end.
type JobOrder struct {
	Max    int64
	Resume bool
	Anchor *store.AnchorMessage
}

// chatJobs are the history jobs of single chats. Each asks the phone, 50 messages at a time, for what is older than the
// oldest message known, until it has brought as many as were ordered, the phone has no older ones, or it stops
// answering. A job lives in messages.db: one that a crash or a lost connection cut goes on after the next login.
type chatJobs struct {
	store *store.Store
	phone historyPhone
	log   *slog.Logger
	pace  jobPace

	ctx   context.Context //nolint:containedctx // ends with the bridge
	end   context.CancelFunc
	sends sync.WaitGroup

	mu      sync.Mutex
	waiting map[string]*historyRequest // by job
	settled map[string]string          // jobs by requests that nobody waits for: what still comes for them counts, and moves nothing
}

func newChatJobs(ctx context.Context, held *store.Store, phone historyPhone, log *slog.Logger, pace jobPace) (*chatJobs, error) {
	j := &chatJobs{
		store: held, phone: phone, log: log, pace: pace,
		waiting: map[string]*historyRequest{}, settled: map[string]string{},
	}
	j.ctx, j.end = context.WithCancel(context.WithoutCancel(ctx))
	// What a crash left running waits for the next login.
	return j, j.cut("the bridge stopped", store.JobRunning)
}

// start begins a chat's job, or joins the one that is not over. NO_CHECKPOINT where there is nothing to ask from.
func (j *chatJobs) start(ctx context.Context, chat string, order JobOrder) (store.HistoryJob, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	known, err := j.store.LatestJob(ctx, chat)
	if err != nil {
		return known, err
	}
	if known.State == store.JobQueued || known.State == store.JobRunning {
		// A second caller who wants more gets more.
		known.MaxMessages = max(known.MaxMessages, order.Max)
		return known, j.store.SaveJob(ctx, known)
	}
	ended, err := j.endedBefore(ctx, known, order)
	if err != nil {
		return known, err
	}
	if ended {
		known.State, known.Exhausted, known.ErrorCode, known.Error = store.JobCompleted, true, "", ""
		return known, j.store.SaveJob(ctx, known)
	}
	anchor := order.Anchor
	if anchor == nil && known.State == store.JobPaused {
		anchor = known.Anchor
	}
	from, err := j.anchor(ctx, chat, anchor)
	if err != nil {
		return known, err
	}
	if from == nil {
		return known, fault.New(fault.NoCheckpoint, "").WithStatus(409).
			WithResolution("Call again with an anchor (the oldest message of the chat that is known), or wait for a first message.")
	}
	job := known
	if known.State != store.JobPaused {
		job = store.HistoryJob{Kind: store.JobChat, ChatJID: chat, State: store.JobQueued}
		if job, err = j.store.CreateJob(ctx, job); err != nil {
			return job, err
		}
	}
	job.State, job.ErrorCode, job.Error = store.JobQueued, "", ""
	job.Anchor, job.MaxMessages = anchor, max(order.Max, job.Messages+1)
	if err := j.store.SaveJob(ctx, job); err != nil {
		return job, err
	}
	j.next()
	return j.store.Job(ctx, job.Job)
}

// endedBefore tells whether the job, or one before it, found the end, and the caller believes it.
func (j *chatJobs) endedBefore(ctx context.Context, known store.HistoryJob, order JobOrder) (bool, error) {
	if !order.Resume || known.Job == "" || known.Open() {
		return false, nil
	}
	if known.Exhausted {
		return true, nil
	}
	reached, err := j.store.ChatHistory(ctx, known.ChatJID)
	return reached.Exhausted, err
}

// cancel ends the chat's job: nothing more is asked for, what has arrived stays. NO_ACTIVE_SYNC where none is open.
func (j *chatJobs) cancel(ctx context.Context, chat string) (store.HistoryJob, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	job, err := j.store.LatestJob(ctx, chat)
	if err != nil {
		return job, err
	}
	if !job.Open() {
		return job, fault.New(fault.NoActiveSync, "")
	}
	if err := j.finish(job, store.JobCancelled, "", ""); err != nil {
		return job, err
	}
	return j.store.Job(ctx, job.Job)
}

// connected lets go on what the connection cut.
func (j *chatJobs) connected() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.failed(j.mend())
	j.next()
}

// mend queues again what the connection, or a crash, cut.
func (j *chatJobs) mend() error {
	paused, err := j.store.JobsIn(j.ctx, store.JobPaused)
	if err != nil {
		return err
	}
	for _, job := range paused {
		if job.ErrorCode != fault.WhatsappNotConnected {
			continue
		}
		job.State, job.ErrorCode, job.Error = store.JobQueued, "", ""
		if err := j.store.SaveJob(j.ctx, job); err != nil {
			return err
		}
	}
	return nil
}

// disconnected pauses every job until the next login.
func (j *chatJobs) disconnected() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, request := range j.waiting {
		request.timer.Stop()
	}
	clear(j.waiting)
	j.failed(j.cut("the connection was lost", store.JobRunning, store.JobQueued))
}

func (j *chatJobs) cut(reason string, states ...store.JobState) error {
	for _, state := range states {
		jobs, err := j.store.JobsIn(j.ctx, state)
		if err != nil {
			return err
		}
		for _, job := range jobs {
			job.State, job.ErrorCode, job.Error = store.JobPaused, fault.WhatsappNotConnected, reason
			if err := j.store.SaveJob(j.ctx, job); err != nil {
				return err
			}
		}
	}
	return nil
}

// stop pauses what runs, and returns when nothing is being asked any more.
func (j *chatJobs) stop() {
	j.disconnected()
	j.mu.Lock()
	j.end()
	j.mu.Unlock()
	j.sends.Wait()
}

// after does work under the lock when the time has come, unless the bridge has stopped.
func (j *chatJobs) after(wait time.Duration, work func()) *time.Timer {
	return time.AfterFunc(wait, func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		if j.ctx.Err() == nil {
			work()
		}
	})
}

func (j *chatJobs) failed(err error) {
	if err != nil && j.ctx.Err() == nil {
		j.log.Error("a history job could not be carried on", "error", err)
	}
}

// next lets queued jobs run as far as there is room.
func (j *chatJobs) next() {
	if !j.phone.connected() || j.ctx.Err() != nil {
		return
	}
	running, err := j.store.JobsIn(j.ctx, store.JobRunning)
	if err != nil {
		j.failed(err)
		return
	}
	queued, err := j.store.JobsIn(j.ctx, store.JobQueued)
	if err != nil {
		j.failed(err)
		return
	}
	for _, job := range queued[:min(len(queued), max(0, j.pace.atOnce-len(running)))] {
		job.State = store.JobRunning
		if job.StartedAt == 0 {
			job.StartedAt = store.Time(time.Now().Unix())
		}
		j.ask(job, j.phone.addresses(j.ctx, job.ChatJID))
	}
}

func (j *chatJobs) finish(job store.HistoryJob, state store.JobState, code fault.Code, reason string) error {
	if waiting := j.waiting[job.Job]; waiting != nil {
		waiting.timer.Stop()
		delete(j.waiting, job.Job)
	}
	if state != store.JobPaused {
		j.settle(job)
		job.Request = ""
	}
	job.State, job.ErrorCode, job.Error = state, code, reason
	if err := j.store.SaveJob(j.ctx, job); err != nil {
		return err
	}
	j.next()
	return nil
}

// anchor gives the older of the oldest message that is held of a chat and the one that the caller knows; nil for neither.
func (j *chatJobs) anchor(ctx context.Context, chat string, given *store.AnchorMessage) (*store.AnchorMessage, error) {
	held, err := j.store.Anchor(ctx, chat)
	if err != nil && fault.CodeOf(err) != fault.ChatNotFound {
		return nil, err
	}
	if held.Oldest == nil || given != nil && given.Timestamp < held.Oldest.Timestamp {
		return given, nil
	}
	return held.Oldest, nil
}
