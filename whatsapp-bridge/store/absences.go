package store

import (
	"context"
	"database/sql"
)

// Absence is a time in which the account did not know this device: WhatsApp's servers kept nothing for it. Until is 0
// while it lasts. A connection that was only lost is none, because the servers keep what it missed.
type Absence struct {
	From, Until int64 // seconds
}

// LinkEnded notes that the phone has removed this device. A device that was not connected then learns of it only at its
// next login: the absence begins with the newest message that is held.
func (s *Store) LinkEnded(ctx context.Context, connected bool) error {
	return s.writeLive(ctx, func(t *tx) error {
		from := now()
		if !connected {
			var newest sql.NullInt64
			if err := t.row("SELECT MAX(key) FROM message_rows").Scan(&newest); err != nil {
				return err
			}
			if newest.Valid {
				from = min(from, secondOf(newest.Int64))
			}
		}
		return t.run(`INSERT INTO absences (began_at) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM absences WHERE ended_at IS NULL)
			ON CONFLICT DO UPDATE SET ended_at = NULL`, from)
	})
}

// LinkBegan notes that this device has logged in; it ends the absence, if there was one.
func (s *Store) LinkBegan(ctx context.Context) error {
	return s.writeLive(ctx, func(t *tx) error {
		return t.run("UPDATE absences SET ended_at = MAX(?, began_at) WHERE ended_at IS NULL", now())
	})
}

// mostAbsences bounds what is looked at for each chat.
const mostAbsences = 20

// absences gives the latest absences, newest first.
func (q *question) absences() (all []Absence, err error) {
	err = q.each("SELECT began_at, COALESCE(ended_at, 0) FROM absences ORDER BY began_at DESC LIMIT ?", []value{mostAbsences},
		func(row scanner) error {
			var a Absence
			err := row.Scan(&a.From, &a.Until)
			all = append(all, a)
			return err
		})
	return all, err
}

// rejoins gives the second up to which a pushed message shows that the push reached over the last absence that has
// ended; 0 where there was none.
func (s *Store) rejoins(ctx context.Context) (second int64, err error) {
	err = s.read(ctx, func(q *question) error {
		return q.row("SELECT COALESCE(MAX(began_at), 0) FROM absences WHERE ended_at IS NOT NULL").Scan(&second)
	})
	return second, err
}

// absenceGap gives what may be missing of a chat because of an absence. There is none where the chat began after it, and
// none where the phone's push after it, which goes back without a hole, brought the last message from before it again.
func (q *question) absenceGap(chat int64, away Absence) (gap Gap, found bool, err error) {
	edge := firstKey(away.From + 1)
	const rows = "SELECT COALESCE(key, 0), COALESCE(source, 0) FROM (SELECT 1) LEFT JOIN " +
		"(SELECT key, source FROM message_rows INDEXED BY message_rows_chat WHERE chat = ? AND key "
	var before, after int64
	var source, unused int
	if err := q.row(rows+"< ? ORDER BY key DESC LIMIT 1)", chat, edge).Scan(&before, &source); err != nil {
		return gap, false, err
	}
	if before == 0 || source&sourceRejoined != 0 {
		return gap, false, nil
	}
	if err := q.row(rows+">= ? ORDER BY key LIMIT 1)", chat, edge).Scan(&after, &unused); err != nil {
		return gap, false, err
	}
	gap = Gap{After: Time(away.From), Before: Time(away.Until), Reason: GapNotLinked}
	if next := Time(secondOf(after)); after != 0 && (gap.Before == 0 || next < gap.Before) {
		gap.Before = next
	}
	return gap, true, nil
}
