package whatsapp

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// historyPhone is what the account's phone is asked with.
type historyPhone interface {
	connected() bool
	newID() string
	// request asks under an id for up to count messages of a chat that are older than the anchor; it returns as soon as that
	// is sent. The answer comes as a chunk with the id.
	request(ctx context.Context, id, address string, anchor store.AnchorMessage, count int64) error
	// addresses are those under which the phone may keep a chat, the likeliest first.
	addresses(ctx context.Context, chat string) []string
}

// jobPace is how jobs go. step are the messages asked for at once, more than 50 is not recommended by anybody; atOnce the
// jobs that ask at the same time, the others are queued; answer is how long the phone may take; part how long after a part
// of an answer its next part may come, and empty the same after one that brought nothing new.
type jobPace struct {
	step                int64
	atOnce              int
	answer, part, empty time.Duration
}

var usualPace = jobPace{step: 50, atOnce: 4, answer: 20 * time.Second, part: 300 * time.Millisecond, empty: time.Second}

// mostSettled bounds the requests that are remembered after nobody waits for them any more.
const mostSettled = 1000

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

// historyRequest waits for its answer. addresses are still to be tried: an empty answer under one is no proof.
type historyRequest struct {
	addresses          []string
	from               string // the id of the message that was asked from
	asked              int64
	answered           bool
	messages, inserted int64
	exhausted          bool
	timer              *time.Timer
}

// arrival is what a chunk of history brought for the chat of a job, new or not.
type arrival struct {
	messages, inserted int64
	exhausted          bool
	progress           int64
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
	if ended, err := j.endedBefore(ctx, known, order); err != nil || ended {
		known.State, known.Exhausted, known.ErrorCode, known.Error = store.JobCompleted, true, "", ""
		return known, firstError(err, func() error { return j.store.SaveJob(ctx, known) })
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

func firstError(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
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
	paused, err := j.store.JobsIn(j.ctx, store.JobPaused)
	for _, job := range paused {
		if job.ErrorCode == fault.WhatsappNotConnected {
			job.State, job.ErrorCode, job.Error = store.JobQueued, "", ""
			err = firstError(err, func() error { return j.store.SaveJob(j.ctx, job) })
		}
	}
	j.failed(err)
	j.next()
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

// jobOf gives the job that a chunk counts for, by the request that it answers; "" for none.
func (j *chatJobs) jobOf(ctx context.Context, request string) (string, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if settled, ok := j.settled[request]; ok {
		return settled, nil
	}
	job, err := j.store.JobOfRequest(ctx, request)
	return job.Job, err
}

// arrived takes note of a chunk whose rows are stored.
func (j *chatJobs) arrived(request string, came arrival) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, settled := j.settled[request]; settled {
		return
	}
	job, err := j.store.JobOfRequest(j.ctx, request)
	if err == nil && job.State == store.JobPaused {
		// A late answer wakes the job that had given up waiting for it.
		job.State, job.ErrorCode, job.Error = store.JobRunning, "", ""
		err = j.store.SaveJob(j.ctx, job)
	}
	if err != nil || job.Job == "" {
		j.failed(err)
		return
	}
	// A phone may cut its answer into several chunks.
	waiting := j.waiting[job.Job]
	if waiting == nil {
		waiting = &historyRequest{asked: j.pace.step}
		j.waiting[job.Job] = waiting
	} else {
		waiting.timer.Stop()
	}
	waiting.answered = true
	waiting.messages += came.messages
	waiting.inserted += came.inserted
	waiting.exhausted = waiting.exhausted || came.exhausted
	wait := j.pace.empty
	switch {
	case came.progress == 100 || waiting.exhausted || waiting.messages >= waiting.asked:
		wait = 0
	case waiting.inserted > 0:
		wait = j.pace.part
	}
	waiting.timer = j.after(wait, func() { j.judge(job.Job, waiting) })
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

func (j *chatJobs) ask(job store.HistoryJob, addresses []string) {
	from, err := j.anchor(j.ctx, job.ChatJID, job.Anchor)
	if err != nil {
		j.failed(err)
		return
	}
	if from == nil || len(addresses) == 0 {
		j.failed(j.finish(job, store.JobFailed, fault.NoCheckpoint, "no message is left to ask backwards from"))
		return
	}
	asked := max(1, min(j.pace.step, job.MaxMessages-job.Messages))
	j.settle(job)
	job.Requests++
	job.Request = j.phone.newID()
	if err := j.store.SaveJob(j.ctx, job); err != nil {
		j.failed(err)
		return
	}
	waiting := &historyRequest{addresses: addresses[1:], from: from.ID, asked: asked}
	waiting.timer = j.after(j.pace.answer, func() { j.unanswered(job.Job, waiting) })
	j.waiting[job.Job] = waiting
	j.sends.Go(func() {
		ctx, cancel := context.WithTimeout(j.ctx, j.pace.answer)
		defer cancel()
		if err := j.phone.request(ctx, job.Request, addresses[0], *from, asked); err != nil {
			j.unsent(job.Job, waiting, err)
		}
	})
}

// settle remembers the request of a job that asks anew or is over.
func (j *chatJobs) settle(job store.HistoryJob) {
	if job.Request == "" {
		return
	}
	if len(j.settled) >= mostSettled {
		clear(j.settled)
	}
	j.settled[job.Request] = job.Job
}

// current gives the job of a request as long as it waits for this one.
func (j *chatJobs) current(name string, waiting *historyRequest) (store.HistoryJob, bool) {
	if j.waiting[name] != waiting || j.ctx.Err() != nil {
		return store.HistoryJob{}, false
	}
	job, err := j.store.Job(j.ctx, name)
	j.failed(err)
	return job, err == nil && job.State == store.JobRunning
}

func (j *chatJobs) unsent(name string, waiting *historyRequest, cause error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if job, ok := j.current(name, waiting); ok && !waiting.answered {
		j.log.Warn("a request for history could not be sent", "error", cause)
		j.failed(j.finish(job, store.JobPaused, fault.WhatsappNotConnected, "the request could not be sent"))
	}
}

func (j *chatJobs) unanswered(name string, waiting *historyRequest) {
	// The answer may have come while this waited for the lock.
	if job, ok := j.current(name, waiting); ok && !waiting.answered {
		j.failed(j.finish(job, store.JobPaused, fault.HistorySyncTimeout, "the phone did not answer; it must be online, with WhatsApp running"))
	}
}

// judge decides what follows an answer that is whole.
func (j *chatJobs) judge(name string, waiting *historyRequest) {
	job, ok := j.current(name, waiting)
	if !ok {
		return
	}
	delete(j.waiting, name)
	from, err := j.anchor(j.ctx, job.ChatJID, job.Anchor)
	if err != nil {
		j.failed(err)
		return
	}
	// An answer that brings only what an earlier one brought is still no end, as long as it led further back.
	moved := waiting.inserted > 0 || from != nil && from.ID != waiting.from
	switch {
	case waiting.exhausted || !moved && len(waiting.addresses) == 0:
		job.Exhausted = true
		j.failed(j.finish(job, store.JobCompleted, "", ""))
	case !moved:
		j.ask(job, waiting.addresses)
	case job.Messages >= job.MaxMessages:
		j.failed(j.finish(job, store.JobCompleted, "", ""))
	default:
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

// likelyAddresses puts the form that WhatsApp uses today before the others.
func likelyAddresses(first string, others []string) []string {
	found := []string{first}
	for _, other := range others {
		if !slices.Contains(found, other) {
			found = append(found, other)
		}
	}
	return found
}
