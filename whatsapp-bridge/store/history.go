package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// batchSource are the sources of batches: baileys_temp.db, or a file of another server that is imported.
var batchSource = regexp.MustCompile("^(baileys|import:[0-9a-f]{16})$")

const maxBatchRows = 2000

// SaveHistory takes history that the phone pushed to this bridge: insert or fill, never replace. Rows that cannot be
// true are refused and counted, never fatal. Live events overtake it. What is new counts for the job, unless job is "":
// in the transactions that take the rows, so that a crash counts nothing twice.
func (s *Store) SaveHistory(ctx context.Context, rows Rows, job string) (HistoryReport, error) {
	rejoins, err := s.rejoins(ctx)
	if err != nil {
		return HistoryReport{}, err
	}
	report := HistoryReport{}
	from := origin{source: sourceHistory, rejoins: rejoins}
	report.BatchReport, err = s.takeRows(ctx, rows, from, func(t *tx, part *tally, _ bool) error {
		if job == "" {
			return nil
		}
		count, err := t.countFor(job, part)
		report.New += count
		return err
	})
	return report, err
}

// ApplyBatch takes a page of a source by the same rules and moves the watermark in the last of its
// transactions. A batch that was taken before changes nothing. SYNC_IN_PROGRESS with the watermark says that rows
// between the watermark and the batch are missing.
func (s *Store) ApplyBatch(ctx context.Context, batch Batch) (BatchReport, error) {
	if err := checkBatch(batch); err != nil {
		return BatchReport{}, err
	}
	s.batches.Lock()
	defer s.batches.Unlock()
	mark, err := s.Watermark(ctx, batch.Source)
	if err != nil {
		return BatchReport{}, err
	}
	if mark.Origin != batch.Origin {
		mark.Seq = 0
	}
	if batch.FromSeq > mark.Seq {
		made := fault.New(fault.SyncInProgress, fmt.Sprintf("the watermark is %d, so rows before %d are missing", mark.Seq, batch.FromSeq))
		return BatchReport{}, made.WithDetails(fault.Details{Watermark: &mark.Seq}).
			WithResolution("Go on from details.watermark.")
	}
	if batch.ToSeq <= mark.Seq {
		return BatchReport{
			Duplicates: len(batch.Messages) + len(batch.Reactions), ChatsTouched: []string{}, Watermark: mark.Seq,
		}, nil
	}
	from := origin{source: sourceBaileys}
	report, err := s.takeRows(ctx, batch.Rows, from, func(t *tx, _ *tally, last bool) error {
		if !last {
			return nil
		}
		return t.run("INSERT INTO watermarks (source, origin, seq) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET origin = ?2, seq = ?3",
			batch.Source, batch.Origin, batch.ToSeq)
	})
	report.Watermark = batch.ToSeq
	return report, err
}

func checkBatch(batch Batch) error {
	rows := batch.Rows
	longest := max(len(rows.Aliases), len(rows.Contacts), len(rows.Chats), len(rows.Messages), len(rows.Reactions), len(rows.Checkpoints))
	switch {
	case !batchSource.MatchString(batch.Source):
		return fault.Argument("source", "is baileys, or import: and 16 hexadecimal digits")
	case batch.Origin == "":
		return fault.Argument("origin", "is empty")
	case batch.FromSeq < 0:
		return fault.Argument("from_seq", "is 0 or more")
	case batch.ToSeq < batch.FromSeq:
		return fault.Argument("to_seq", "is before from_seq")
	case longest > maxBatchRows:
		return fault.Argument("messages", fmt.Sprintf("a batch has at most %d rows of a kind", maxBatchRows))
	}
	return nil
}

// Watermark gives up to where a source was taken.
func (s *Store) Watermark(ctx context.Context, source string) (Watermark, error) {
	mark := Watermark{Source: source}
	err := s.read(ctx, func(q *question) error {
		err := q.row("SELECT origin, seq FROM watermarks WHERE source = ?", source).Scan(&mark.Origin, &mark.Seq)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return mark, err
}

// origin is where rows of history come from. rejoins is the second up to which one shows that the push reached over an
// absence.
type origin struct {
	source  int
	rejoins int64
}

func (o origin) of(m *StoredMessage) int {
	if m.Timestamp <= o.rejoins {
		return o.source | sourceRejoined
	}
	return o.source
}

// step writes one row of history.
type step func(t *tx, n *tally) error

// tally counts what became of rows within one transaction.
type tally struct {
	report  BatchReport
	touched map[string]bool
	heard   map[string]heard // by chat
}

// heard is what a chat got: messages that are new, and the oldest of all in seconds, 0 without any.
type heard struct{ messages, oldest int64 }

func newTally() tally { return tally{touched: make(map[string]bool), heard: make(map[string]heard)} }

func (n *tally) hear(what outcome, chat string, at int64) {
	known := n.heard[chat]
	if what == inserted {
		known.messages++
	}
	if known.oldest == 0 || at < known.oldest {
		known.oldest = at
	}
	n.heard[chat] = known
}

func (n *tally) add(what outcome, chat string) {
	switch what {
	case inserted:
		n.report.Inserted++
	case filled:
		n.report.Filled++
	case duplicate:
		n.report.Duplicates++
		return
	case conflict:
		n.report.Conflicts++
		return
	}
	n.touched[chat] = true
}

// takeRows writes history in transactions of at most bulkRows rows; after runs at the end of each of them. While live events
// come, a transaction ends after bulkTime, so that none waits for more than that and its commit.
func (s *Store) takeRows(ctx context.Context, rows Rows, from origin, after func(t *tx, part *tally, last bool) error) (BatchReport, error) {
	steps := stepsOf(rows, from)
	total := newTally()
	for {
		part := newTally()
		taken := 0
		err := s.writeBulk(ctx, func(t *tx) error {
			begun := time.Now()
			for _, write := range steps[:min(len(steps), bulkRows)] {
				if err := write(t, &part); refusal(err) {
					part.report.Refused++
				} else if err != nil {
					return err
				}
				taken++
				if s.writer.liveWaits() && time.Since(begun) >= bulkTime {
					break
				}
			}
			return after(t, &part, taken == len(steps))
		})
		if err != nil {
			return total.sum(), err
		}
		steps = steps[taken:]
		total.merge(part)
		if len(steps) == 0 {
			return total.sum(), nil
		}
	}
}

// refusal tells whether a row was refused for what it says, before anything of it was written.
func refusal(err error) bool {
	code := fault.CodeOf(err)
	return code == fault.InvalidJID || code == fault.InvalidArgument
}

func (n *tally) merge(part tally) {
	n.report.Inserted += part.report.Inserted
	n.report.Filled += part.report.Filled
	n.report.Duplicates += part.report.Duplicates
	n.report.Conflicts += part.report.Conflicts
	n.report.Refused += part.report.Refused
	for jid := range part.touched {
		n.touched[jid] = true
	}
}

func (n *tally) sum() BatchReport {
	n.report.ChatsTouched = make([]string, 0, len(n.touched))
	for jid := range n.touched {
		n.report.ChatsTouched = append(n.report.ChatsTouched, jid)
	}
	slices.Sort(n.report.ChatsTouched)
	return n.report
}

// stepsOf orders the rows: who is who first, then what was said, oldest first, because the search index takes rows
// fast only in the order of their keys.
func stepsOf(rows Rows, from origin) []step {
	var steps []step
	for _, alias := range rows.Aliases {
		steps = append(steps, func(t *tx, _ *tally) error { return t.takeAlias(alias) })
	}
	for _, contact := range rows.Contacts {
		steps = append(steps, func(t *tx, _ *tally) error { return t.saveContact(contact, fillContact) })
	}
	for _, chat := range rows.Chats {
		steps = append(steps, func(t *tx, _ *tally) error { return t.saveChat(chat, fillChat) })
	}
	messages := make([]*StoredMessage, len(rows.Messages))
	for i := range rows.Messages {
		m := rows.Messages[i] // taking a message may change it, and the caller's row is the caller's
		messages[i] = &m
	}
	slices.SortStableFunc(messages, func(a, b *StoredMessage) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	for i, m := range messages {
		steps = append(steps, func(t *tx, n *tally) error {
			if err := t.foresee(messages, i); err != nil {
				return err
			}
			return t.takeMessage(m, from.of(m), n)
		})
	}
	for _, reaction := range rows.Reactions {
		steps = append(steps, func(t *tx, n *tally) error { return t.takeReaction(reaction, n) })
	}
	for _, checkpoint := range rows.Checkpoints {
		steps = append(steps, func(t *tx, _ *tally) error { return t.saveCheckpoint(checkpoint) })
	}
	return steps
}

func (t *tx) takeAlias(alias StoredAlias) error {
	lid, pn, err := aliasPair(alias)
	if err != nil {
		return err
	}
	return t.learn(lid, pn, false)
}

func (t *tx) takeMessage(m *StoredMessage, source int, n *tally) error {
	if err := checkMessage(m, source); err != nil {
		return err
	}
	what, err := t.saveMessage(m, source)
	if err != nil {
		return err
	}
	chat, err := t.address(m.ChatJID)
	n.add(what, chat.jid)
	if source == sourceHistory {
		n.hear(what, chat.jid, m.Timestamp)
	}
	return err
}

func (t *tx) takeReaction(r StoredReaction, n *tally) error {
	what, err := t.saveReaction(r)
	if err != nil {
		return err
	}
	chat, err := t.address(r.ChatJID)
	n.add(what, chat.jid)
	return err
}
