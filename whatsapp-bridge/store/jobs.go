package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// Kinds of history jobs.
const (
	JobAccount = "account"
	JobChat    = "chat"
)

// JobState is how far a history job is.
type JobState string

// The states. A job that is queued, running or paused is open; it outlives the process.
const (
	JobQueued    JobState = "queued"
	JobRunning   JobState = "running"
	JobPaused    JobState = "paused"
	JobCompleted JobState = "completed"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

// States of a checkpoint while no job was asked for: the phone still pushes the chat's history, or has ended it.
const (
	PushRuns  = "pushing"
	PushEnded = "pushed"
)

const openStates = "('queued', 'running', 'paused')"

// HistoryJob is a request for history, of the whole account (what the phone pushes) or of one chat. Messages counts those
// that arrived for it and were new, Progress is percent. An empty Job is none.
type HistoryJob struct {
	Job       string     `json:"job"`
	Kind      string     `json:"kind"`
	ChatJID   string     `json:"chat_jid,omitempty"`
	State     JobState   `json:"state"`
	Progress  *int64     `json:"progress,omitempty"`
	Messages  int64      `json:"messages"`
	Requests  int64      `json:"requests,omitempty"`
	OldestAt  Time       `json:"oldest_at,omitempty"`
	Exhausted bool       `json:"exhausted"`
	ErrorCode fault.Code `json:"error_code,omitempty"`
	Error     string     `json:"error,omitempty"`
	StartedAt Time       `json:"started_at,omitempty"`
	UpdatedAt Time       `json:"updated_at"`

	MaxMessages int64          `json:"-"`
	Anchor      *AnchorMessage `json:"-"` // the caller's oldest message, which may be older than every row here
	Request     string         `json:"-"` // the id of the request that was sent last; the phone repeats it in its answer
}

// Open tells whether the job is not over.
func (j HistoryJob) Open() bool {
	return j.State == JobQueued || j.State == JobRunning || j.State == JobPaused
}

// ChatHistory is how far back a chat's history reaches, and how its job stands.
type ChatHistory struct {
	ChatJID   string      `json:"chat_jid"`
	Job       *HistoryJob `json:"job,omitempty"`
	Messages  int64       `json:"messages"`
	OldestAt  Time        `json:"oldest_at,omitempty"`
	NewestAt  Time        `json:"newest_at,omitempty"`
	Exhausted bool        `json:"exhausted"`
}

const jobColumns = `job, kind, COALESCE(chat_jid, ''), state, progress, messages, requests, COALESCE(oldest_timestamp, 0),
	COALESCE(max_messages, 0), exhausted, COALESCE(error_code, ''), COALESCE(error, ''), COALESCE(started_at, 0), updated_at,
	anchor, COALESCE(request, '')`

func scanJob(row scanner) (HistoryJob, error) {
	var j HistoryJob
	var anchor sql.NullString
	err := row.Scan(&j.Job, &j.Kind, &j.ChatJID, &j.State, &j.Progress, &j.Messages, &j.Requests, &j.OldestAt, &j.MaxMessages,
		&j.Exhausted, &j.ErrorCode, &j.Error, &j.StartedAt, &j.UpdatedAt, &anchor, &j.Request)
	if errors.Is(err, sql.ErrNoRows) {
		return HistoryJob{}, nil
	}
	if err == nil && anchor.Valid {
		err = json.Unmarshal([]byte(anchor.String), &j.Anchor)
	}
	return j, err
}

// CreateJob writes a new job down and gives it its name. ChatJID may have any form.
func (s *Store) CreateJob(ctx context.Context, job HistoryJob) (HistoryJob, error) {
	name := make([]byte, 6)
	_, _ = rand.Read(name) // never fails
	job.Job = hex.EncodeToString(name)
	err := s.writeLive(ctx, func(t *tx) error {
		if job.ChatJID != "" {
			bare, err := Bare(job.ChatJID)
			if err != nil {
				return err
			}
			if job.ChatJID, err = canonicalOf(t.row, bare); err != nil {
				return err
			}
		}
		err := t.run("INSERT INTO history_jobs (job, kind, chat_jid, state, updated_at) VALUES (?, ?, ?, ?, ?)",
			job.Job, job.Kind, orNull(job.ChatJID), job.State, now())
		if err != nil {
			return err
		}
		return t.saveJob(job)
	})
	return job, err
}

// SaveJob writes how the job stands, and the same into its chat's checkpoint. What arrived for it is counted by
// SaveHistory alone, and its chat moves with the chat's address.
func (s *Store) SaveJob(ctx context.Context, job HistoryJob) error {
	return s.writeLive(ctx, func(t *tx) error { return t.saveJob(job) })
}

func (t *tx) saveJob(job HistoryJob) error {
	var anchor value
	if job.Anchor != nil {
		text, err := json.Marshal(job.Anchor)
		if err != nil {
			return fmt.Errorf("encoding an anchor: %w", err)
		}
		anchor = string(text)
	}
	err := t.run(`UPDATE history_jobs SET state = ?2, progress = ?3, requests = ?4, max_messages = ?5, exhausted = ?6,
			error_code = ?7, error = ?8, started_at = ?9, updated_at = ?10, anchor = ?11, request = ?12 WHERE job = ?1`,
		job.Job, job.State, job.Progress, job.Requests, numberOrNull(job.MaxMessages), job.Exhausted,
		orNull(string(job.ErrorCode)), orNull(job.Error), numberOrNull(int64(job.StartedAt)), now(), anchor, orNull(job.Request))
	if err != nil || job.Kind != JobChat {
		return err
	}
	known, err := scanJob(t.row("SELECT "+jobColumns+" FROM history_jobs WHERE job = ?", job.Job))
	if err != nil {
		return err
	}
	return t.saveCheckpoint(StoredCheckpoint{
		ChatJID: known.ChatJID, MessagesSynced: known.Messages, State: string(job.State), Exhausted: job.Exhausted, Error: job.Error,
	})
}

// countFor adds what a transaction brought to a job: of its chat, or of every chat for the account's.
func (t *tx) countFor(job string, part *tally) (int64, error) {
	known, err := scanJob(t.row("SELECT "+jobColumns+" FROM history_jobs WHERE job = ?", job))
	if err != nil || known.Job == "" {
		return 0, err
	}
	var sum heard
	for chat, one := range part.heard {
		if known.Kind == JobChat && chat != known.ChatJID {
			continue
		}
		sum.messages += one.messages
		if sum.oldest == 0 || one.oldest < sum.oldest {
			sum.oldest = one.oldest
		}
	}
	if sum.oldest == 0 {
		return 0, nil
	}
	return sum.messages, t.run(`UPDATE history_jobs SET messages = messages + ?2, updated_at = ?4,
		oldest_timestamp = MIN(COALESCE(oldest_timestamp, ?3), ?3) WHERE job = ?1`, job, sum.messages, sum.oldest, now())
}

// Job gives a job by its name.
func (s *Store) Job(ctx context.Context, name string) (HistoryJob, error) {
	return s.oneJob(ctx, "job = ?", name)
}

// AccountJob gives the job of what the phone pushes by itself: the one that was made last.
func (s *Store) AccountJob(ctx context.Context) (HistoryJob, error) {
	return s.oneJob(ctx, "kind = 'account' ORDER BY number DESC")
}

// JobOfRequest gives the open job that waits for the answer to a request.
func (s *Store) JobOfRequest(ctx context.Context, request string) (HistoryJob, error) {
	return s.oneJob(ctx, "request = ? AND state IN ('running', 'paused')", request)
}

func (s *Store) oneJob(ctx context.Context, where string, args ...value) (job HistoryJob, err error) {
	err = s.read(ctx, func(q *question) error {
		job, err = scanJob(q.row("SELECT "+jobColumns+" FROM history_jobs WHERE "+where+" LIMIT 1", args...))
		return err
	})
	return job, err
}

// LatestJob gives the job of a chat that was made last, whatever its state; one that is open comes first. chat is a JID in
// any form.
func (s *Store) LatestJob(ctx context.Context, chat string) (job HistoryJob, err error) {
	err = s.read(ctx, func(q *question) error {
		canonical, err := q.canonical(chat)
		if err != nil {
			return err
		}
		job, err = q.latestJob(canonical)
		return err
	})
	return job, err
}

func (q *question) latestJob(canonical string) (HistoryJob, error) {
	return scanJob(q.row("SELECT "+jobColumns+" FROM history_jobs WHERE chat_jid = ? ORDER BY state IN "+openStates+
		" DESC, number DESC LIMIT 1", canonical))
}

// JobsIn gives the jobs of chats in a state, in the order in which they were made.
func (s *Store) JobsIn(ctx context.Context, state JobState) ([]HistoryJob, error) {
	return s.jobs(ctx, "kind = 'chat' AND state = ? ORDER BY number", state)
}

// Jobs gives at most limit jobs of chats: those that are open first, the latest first.
func (s *Store) Jobs(ctx context.Context, limit int) ([]HistoryJob, error) {
	return s.jobs(ctx, "kind = 'chat' ORDER BY state IN "+openStates+" DESC, updated_at DESC, number DESC LIMIT ?", limit)
}

func (s *Store) jobs(ctx context.Context, where string, args ...value) (found []HistoryJob, err error) {
	err = s.read(ctx, func(q *question) error {
		found = []HistoryJob{}
		return q.each("SELECT "+jobColumns+" FROM history_jobs WHERE "+where, args, func(row scanner) error {
			job, err := scanJob(row)
			found = append(found, job)
			return err
		})
	})
	return found, err
}

// Pushing gives the number of chats whose pushed history the phone has not ended yet.
func (s *Store) Pushing(ctx context.Context) (count int64, err error) {
	err = s.read(ctx, func(q *question) error {
		return q.row("SELECT COUNT(*) FROM sync_checkpoints WHERE state = ?", PushRuns).Scan(&count)
	})
	return count, err
}

// ChatHistory tells how far back a chat's history reaches. chat is what the user typed. NO_CHECKPOINT where nothing is known.
func (s *Store) ChatHistory(ctx context.Context, chat string) (history ChatHistory, err error) {
	err = s.read(ctx, func(q *question) error {
		found, err := q.resolve(chat, everyName)
		if err != nil {
			return err
		}
		job, err := q.latestJob(found.JID)
		if err != nil {
			return err
		}
		reached := Checkpoint{ChatJID: found.JID}
		if err := q.describeCheckpoint(&reached, nil); err != nil {
			return err
		}
		if job.Job == "" && reached.State == NotFetched && reached.Messages == 0 {
			return fault.New(fault.NoCheckpoint, "Nothing of this chat is known here.").
				WithResolution("Call fetch_history for the chat first.")
		}
		history = ChatHistory{
			ChatJID: found.JID, Messages: reached.Messages, OldestAt: reached.OldestAt, NewestAt: reached.NewestAt,
			Exhausted: reached.Exhausted,
		}
		if job.Job != "" {
			history.Job = &job
		}
		return nil
	})
	return history, err
}
