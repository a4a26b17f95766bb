package store

import (
	"context"
	"log/slog"
	"time"
)

// segments keeps the search index in few parts. Every transaction adds one, and FTS5 joins them by itself within the
// transaction that makes a part too many, however long that takes: a live message then waited 150 ms. So FTS5 is told
// not to, and the writer joins a slice at a time between transactions.
type segments struct {
	loose bool      // a part came since nothing was left to join
	owed  int       // slices to join before history goes on
	rests time.Time // until then, where history does not wait
}

const (
	slicePages  = 16  // of 4 KiB are written in a slice: a few milliseconds, more only where one word is in very many messages
	rowsOfSlice = 150 // indexed: joining them at every level costs about a slice
	// restBetween leaves the processor to others where no history waits for the joining. Every slice also makes each reader
	// forget the pages that it holds: while questions come, slices are rare.
	restBetween = 20 * time.Millisecond
	restOfAsked = 500 * time.Millisecond
	asksAgain   = 2 * time.Second
	// FTS5's own joining is left for an index that fell far behind.
	segmentSettings = `INSERT INTO messages_fts (messages_fts, rank) VALUES ('automerge', 0), ('crisismerge', 400)`
	joinSlice       = `INSERT INTO messages_fts (messages_fts, rank) VALUES ('merge', ?)`
)

// added is told of a transaction that indexed so many rows.
func (s *segments) added(rows int) {
	if rows == 0 {
		return
	}
	s.loose = true
	s.owed += rows / rowsOfSlice
}

// turn is ready when the next slice may be joined; nil when nothing is left to join.
func (s *segments) turn() <-chan time.Time {
	switch {
	case !s.loose:
		return nil
	case s.owed > 0:
		return time.After(0)
	}
	return time.After(time.Until(s.rests))
}

// join joins a slice and rests. FTS5 says that nothing was left by changing at most one row.
func (s *segments) join(ctx context.Context, c *conn, rest time.Duration) error {
	before, err := totalChanges(ctx, c)
	if err != nil {
		return err
	}
	if _, err := c.exec(ctx, joinSlice, slicePages); err != nil {
		return err
	}
	after, err := totalChanges(ctx, c)
	if err != nil {
		return err
	}
	s.owed, s.rests = max(0, s.owed-1), time.Now().Add(rest)
	if after-before < 2 {
		s.loose, s.owed = false, 0
	}
	return nil
}

func totalChanges(ctx context.Context, c *conn) (int64, error) {
	var changes int64
	err := c.row(ctx, "SELECT total_changes()").Scan(&changes)
	return changes, err
}

// joinSegments joins one slice in a transaction of its own. The index is whole whether or not it succeeds, so an error
// ends the joining until the next rows come.
func (w *writer) joinSegments() {
	rest := restBetween
	if time.Since(time.Unix(0, w.store.lastAsked.Load())) < asksAgain {
		rest = restOfAsked
	}
	if err := w.index.join(context.Background(), w.c, rest); err != nil {
		slog.Warn("joining the search index", "error", err)
		w.index = segments{}
	}
	w.log.committed(w.c)
}
