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

// Checkpoints lists how far back each chat's history reaches, in the order of their JIDs.
func (s *Store) Checkpoints(ctx context.Context, limit int, after string) (page CheckpointPage, err error) {
	if limit, err = checkLimit(limit, 0, 0); err != nil {
		return page, err
	}
	from, err := openCursor(after, "checkpoints", "")
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(q *question) error {
		page = CheckpointPage{Checkpoints: []Checkpoint{}}
		if err := q.row("SELECT COUNT(*) FROM sync_checkpoints").Scan(&page.Total); err != nil {
			return err
		}
		err := q.each(`SELECT chat_jid, state, exhausted, COALESCE(error, ''), updated_at FROM sync_checkpoints
			WHERE chat_jid > ? ORDER BY chat_jid LIMIT ?`, []value{from.ID, limit + 1}, func(row scanner) error {
			var c Checkpoint
			err := row.Scan(&c.ChatJID, &c.State, &c.Exhausted, &c.Error, &c.UpdatedAt)
			page.Checkpoints = append(page.Checkpoints, c)
			return err
		})
		if err != nil {
			return err
		}
		if len(page.Checkpoints) > limit {
			page.Checkpoints = page.Checkpoints[:limit]
			page.NextCursor = sealCursor(cursorData{List: "checkpoints", ID: page.Checkpoints[limit-1].ChatJID})
		}
		for i := range page.Checkpoints {
			if err := q.describeCheckpoint(&page.Checkpoints[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return page, err
}

// describeCheckpoint adds the chat's name, and what is held of it.
func (q *question) describeCheckpoint(c *Checkpoint) error {
	var err error
	if c.ChatName, err = q.name(c.ChatJID); err != nil {
		return err
	}
	keys, err := q.keysOf(c.ChatJID)
	if err != nil || len(keys) == 0 {
		return err
	}
	var oldest, newest sql.NullInt64
	err = q.row("SELECT COUNT(*), MIN(key), MAX(key) FROM message_rows INDEXED BY message_rows_chat WHERE chat = ?", keys[0]).
		Scan(&c.Messages, &oldest, &newest)
	if c.Messages > 0 {
		c.OldestAt, c.NewestAt = Time(secondOf(oldest.Int64)), Time(secondOf(newest.Int64))
	}
	return err
}
