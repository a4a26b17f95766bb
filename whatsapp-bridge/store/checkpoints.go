package store

import (
	"context"
	"database/sql"
	"errors"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// SaveCheckpoint keeps how far back a chat's history was fetched. What reaches further back stays.
func (s *Store) SaveCheckpoint(ctx context.Context, checkpoint StoredCheckpoint) error {
	return s.writeLive(ctx, func(t *tx) error { return t.saveCheckpoint(checkpoint) })
}

func (t *tx) saveCheckpoint(c StoredCheckpoint) error {
	bare, err := Bare(c.ChatJID)
	if err != nil {
		return err
	}
	if c.State == "" || c.OldestTimestamp < 0 || c.MessagesSynced < 0 {
		return fault.Argument("checkpoint", "has no state or a negative number")
	}
	chat, err := canonicalOf(t.row, bare)
	if err != nil {
		return err
	}
	const further = "CASE WHEN excluded.oldest_timestamp < COALESCE(oldest_timestamp, 9223372036854775807) THEN excluded."
	// What the phone pushes by itself says nothing of a job, nor does a chunk that comes twice open what has ended.
	const later = "CASE WHEN excluded.state IN ('" + PushRuns + "', '" + PushEnded + "') AND state <> '" + PushRuns + "' THEN "
	return t.run(`INSERT INTO sync_checkpoints
			(chat_jid, oldest_id, oldest_timestamp, oldest_sender_jid, messages_synced, state, exhausted, error, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
			oldest_id = `+further+`oldest_id ELSE oldest_id END,
			oldest_timestamp = `+further+`oldest_timestamp ELSE oldest_timestamp END,
			oldest_sender_jid = `+further+`oldest_sender_jid ELSE oldest_sender_jid END,
			messages_synced = MAX(messages_synced, excluded.messages_synced),
			state = `+later+`state ELSE excluded.state END, error = `+later+`error ELSE excluded.error END,
			exhausted = MAX(exhausted, excluded.exhausted), updated_at = excluded.updated_at`,
		chat, orNull(c.OldestID), numberOrNull(c.OldestTimestamp), orNull(c.OldestSenderJID), c.MessagesSynced, c.State,
		c.Exhausted, orNull(cut(c.Error, maxName)), now())
}

// Anchor gives the oldest message that is held of a chat, every JID of the chat, and whether the phone has said that
// there is nothing older. chat is what the user typed. CHAT_NOT_FOUND.
func (s *Store) Anchor(ctx context.Context, chat string) (anchor Anchor, err error) {
	err = s.read(ctx, func(q *question) error {
		found, err := q.resolveKnown(chat)
		if err != nil {
			return err
		}
		anchor.ChatJID = found.JID
		if anchor.Aliases, err = q.aliases(found.JID); err != nil {
			return err
		}
		err = q.row("SELECT exhausted FROM sync_checkpoints WHERE chat_jid = ?", found.JID).Scan(&anchor.Exhausted)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		job, err := q.latestJob(found.JID)
		if err != nil {
			return err
		}
		anchor.OpenJob = job.Open()
		return q.oldest(&anchor)
	})
	return anchor, err
}

func (q *question) oldest(anchor *Anchor) error {
	keys, err := q.keysOf(anchor.ChatJID)
	if err != nil || len(keys) == 0 {
		return err
	}
	if err := q.row("SELECT COUNT(*) FROM message_rows WHERE chat = ?", keys[0]).Scan(&anchor.Messages); err != nil {
		return err
	}
	places, err := q.walkChat(keys[0], edge{}, false, 1)
	if err != nil || len(places) == 0 {
		return err
	}
	m, err := q.stored("key = ?", places[0].key)
	anchor.Oldest = &AnchorMessage{ID: m.ID, Timestamp: m.Timestamp, FromMe: m.FromMe, SenderJID: m.SenderJID}
	return err
}

// Checkpoints lists how far back the history of each chat reaches that holds messages or was asked for, in the order of
// their JIDs.
func (s *Store) Checkpoints(ctx context.Context, limit int, after string) (page CheckpointPage, err error) {
	if limit, err = checkLimit(limit, 0, 0); err != nil {
		return page, err
	}
	from, err := openCursor(after, "checkpoints", "")
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(q *question) error {
		page, err = q.checkpoints(limit, from)
		return err
	})
	return page, err
}

// covered are the chats that have a checkpoint to tell of. Each side is read in the order of its key.
const covered = "SELECT jid FROM chats WHERE last_message_at > 0 AND jid > ?1 UNION SELECT chat_jid FROM sync_checkpoints WHERE chat_jid > ?1"

func (q *question) checkpoints(limit int, from cursor) (CheckpointPage, error) {
	page := CheckpointPage{Checkpoints: []Checkpoint{}}
	if err := q.row("SELECT COUNT(*) FROM ("+covered+")", "").Scan(&page.Total); err != nil {
		return page, err
	}
	err := q.each(covered+" ORDER BY 1 LIMIT ?2", []value{from.ID, limit + 1}, func(row scanner) error {
		var c Checkpoint
		err := row.Scan(&c.ChatJID)
		page.Checkpoints = append(page.Checkpoints, c)
		return err
	})
	if err != nil {
		return page, err
	}
	if len(page.Checkpoints) > limit {
		page.Checkpoints = page.Checkpoints[:limit]
		page.NextCursor = sealCursor(cursorData{List: "checkpoints", ID: page.Checkpoints[limit-1].ChatJID})
	}
	away, err := q.absences()
	if err != nil {
		return page, err
	}
	for i := range page.Checkpoints {
		if err := q.describeCheckpoint(&page.Checkpoints[i], away); err != nil {
			return page, err
		}
	}
	return page, nil
}

// Checkpoint tells how far back one chat's history reaches. chat is what the user typed. CHAT_NOT_FOUND.
func (s *Store) Checkpoint(ctx context.Context, chat string) (c Checkpoint, err error) {
	err = s.read(ctx, func(q *question) error {
		found, err := q.resolveKnown(chat)
		if err != nil {
			return err
		}
		away, err := q.absences()
		if err != nil {
			return err
		}
		c.ChatJID = found.JID
		return q.describeCheckpoint(&c, away)
	})
	return c, err
}

// describeCheckpoint fills in all but the JID.
func (q *question) describeCheckpoint(c *Checkpoint, away []Absence) error {
	c.State, c.Gaps = NotFetched, []Gap{}
	err := q.row(`SELECT state, exhausted, COALESCE(error, ''), COALESCE(oldest_timestamp, 0), updated_at FROM sync_checkpoints
		WHERE chat_jid = ?`, c.ChatJID).Scan(&c.State, &c.Exhausted, &c.Error, &c.FetchedTo, &c.UpdatedAt)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if c.ChatName, err = q.name(c.ChatJID); err != nil {
		return err
	}
	keys, err := q.keysOf(c.ChatJID)
	if err != nil {
		return err
	}
	if len(keys) > 0 {
		if err := q.addHeld(c, keys[0]); err != nil {
			return err
		}
		if err := q.addAbsenceGaps(c, keys[0], away); err != nil {
			return err
		}
	}
	kind := kindOfChat(c.ChatJID)
	c.CanAskMore = !c.Exhausted && (c.Messages > 0 || c.FetchedTo > 0) && (kind == ChatDirect || kind == ChatGroup)
	c.addFetchGaps()
	return nil
}

// addHeld adds from when to when messages are held.
func (q *question) addHeld(c *Checkpoint, chat int64) error {
	var oldest, newest sql.NullInt64
	err := q.row("SELECT COUNT(*), MIN(key), MAX(key) FROM message_rows INDEXED BY message_rows_chat WHERE chat = ?", chat).
		Scan(&c.Messages, &oldest, &newest)
	if c.Messages > 0 {
		c.OldestAt, c.NewestAt = Time(secondOf(oldest.Int64)), Time(secondOf(newest.Int64))
	}
	return err
}

func (q *question) addAbsenceGaps(c *Checkpoint, chat int64, away []Absence) error {
	for _, one := range away {
		gap, found, err := q.absenceGap(chat, one)
		if err != nil {
			return err
		}
		if found {
			c.Gaps = append(c.Gaps, gap)
		}
	}
	return nil
}

// addFetchGaps adds what the jobs left out. Only what is older than the oldest message can be asked for.
func (c *Checkpoint) addFetchGaps() {
	if c.FetchedTo != 0 && (c.Messages == 0 || c.FetchedTo < c.OldestAt) {
		c.Gaps = append(c.Gaps, Gap{After: c.FetchedTo, Before: c.OldestAt, Reason: GapNotHeld, Mend: "sync_history_to_database"})
	}
	stopped := c.State == "paused" || c.State == "failed" || c.State == "cancelled"
	if stopped && !c.Exhausted {
		before := c.OldestAt
		if c.FetchedTo != 0 && (before == 0 || c.FetchedTo < before) {
			before = c.FetchedTo
		}
		c.Gaps = append(c.Gaps, Gap{Before: before, Reason: GapStopped, Mend: "resume_sync"})
	}
}
