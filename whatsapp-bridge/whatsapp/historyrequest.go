package whatsapp

import (
	"context"
	"slices"
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

// mostSettled bounds the requests that are remembered after nobody waits for them any more.
const mostSettled = 1000

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
