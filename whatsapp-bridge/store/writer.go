package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// writer is the one goroutine that writes. Live events overtake history: a live event waits for one transaction at
// most, and history is cut into short transactions (takeRows).
type writer struct {
	store *Store
	c     *conn
	live  chan task
	bulk  chan task
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once
	depth atomic.Int64
	keys  *keyCache
	log   *walKeeper
	index segments
	err   error
}

const (
	// chunkRows is how many aliases or contacts are written in one transaction.
	chunkRows = 500
	// bulkRows is how many rows of history are written in one transaction while nothing else happens, and bulkTime how
	// long rows are written while live events wait. The commit comes on top of it.
	bulkRows = 2000
	bulkTime = 4 * time.Millisecond
)

type task struct {
	ctx  context.Context //nolint:containedctx // travels with the call that waits for it
	run  func(t *tx) error
	done chan error
}

func newWriter(s *Store, c, checkpointer *conn) *writer {
	w := &writer{
		store: s, c: c, live: make(chan task, 256), bulk: make(chan task), stop: make(chan struct{}),
		done: make(chan struct{}), keys: newKeyCache(), log: newWALKeeper(checkpointer, s.file),
	}
	go w.loop()
	return w
}

// writeLive runs fn in a transaction before all history. It returns when the transaction is committed.
func (s *Store) writeLive(ctx context.Context, fn func(t *tx) error) error {
	return s.writer.submit(s.writer.live, task{ctx: ctx, run: fn, done: make(chan error, 1)})
}

// liveWaits tells whether a live event waits for its turn.
func (w *writer) liveWaits() bool { return len(w.live) > 0 }

// writeBulk runs fn in a transaction behind all live events. fn should write about bulkRows rows at most.
func (s *Store) writeBulk(ctx context.Context, fn func(t *tx) error) error {
	return s.writer.submit(s.writer.bulk, task{ctx: ctx, run: fn, done: make(chan error, 1)})
}

func (w *writer) submit(queue chan task, job task) error {
	w.depth.Add(1)
	defer w.depth.Add(-1)
	select {
	case <-w.stop:
		return errClosed
	default:
	}
	select {
	case queue <- job:
	case <-job.ctx.Done():
		return job.ctx.Err()
	case <-w.stop:
		return errClosed
	}
	select {
	case err := <-job.done:
		return err
	case <-w.done:
		select {
		case err := <-job.done:
			return err
		default:
			return errClosed
		}
	}
}

func (w *writer) loop() {
	defer close(w.done)
	for {
		select {
		case job := <-w.live:
			w.run(job)
			continue
		default:
		}
		select {
		case <-w.log.full:
			w.log.restart(w.c)
			continue
		case <-w.stop:
			w.drain()
			return
		default:
		}
		bulk, loose := w.bulk, w.index.turn()
		if w.log.holds.Load() {
			bulk, loose = nil, nil
		}
		if loose != nil && w.index.owed > 0 {
			bulk = nil
		}
		select {
		case job := <-w.live:
			w.run(job)
		case job := <-bulk:
			w.run(job)
		case <-loose:
			w.joinSegments()
		case <-w.log.full:
			w.log.restart(w.c)
		case <-w.log.freed:
		case <-w.stop:
			w.drain()
			return
		}
	}
}

// drain carries out what was taken before the stop.
func (w *writer) drain() {
	for {
		select {
		case job := <-w.live:
			w.run(job)
		default:
			w.err = w.log.close(w.c)
			w.c.close()
			return
		}
	}
}

func (w *writer) close() error {
	w.once.Do(func() { close(w.stop) })
	<-w.done
	return w.err
}

func (w *writer) run(job task) {
	if err := job.ctx.Err(); err != nil {
		job.done <- err
		return
	}
	job.done <- describe(w.transact(context.WithoutCancel(job.ctx), job))
}

// transact is not cut short by the caller's context: what has begun is finished, or rolled back as a whole.
func (w *writer) transact(ctx context.Context, job task) error {
	if _, err := w.c.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	t := &tx{ctx: ctx, c: w.c, keys: w.keys, chats: make(map[int64]*chatState), indexed: make(map[int64]indexRow)}
	err := job.run(t)
	if err == nil {
		err = t.finish()
	}
	if err == nil {
		_, err = w.c.exec(ctx, "COMMIT")
	}
	if err != nil {
		w.keys.clear()
		return errors.Join(err, w.rollback(ctx))
	}
	w.store.messages.Add(t.newMessages)
	w.store.chats.Add(t.newChats)
	w.store.lastStored.Store(time.Now().UnixNano())
	w.index.added(len(t.indexed))
	w.log.committed(w.c)
	return nil
}

// rollback ends a failed transaction, which SQLite may have ended by itself.
func (w *writer) rollback(ctx context.Context) error {
	_, err := w.c.exec(ctx, "ROLLBACK")
	if err != nil && isNoTransaction(err) {
		return nil
	}
	return err
}

// tx is one write transaction.
type tx struct {
	ctx   context.Context //nolint:containedctx // lives as long as one transaction
	c     *conn
	keys  *keyCache
	chats map[int64]*chatState

	indexed     map[int64]indexRow
	foresight   foresight
	own         *string
	waiting     waitingState
	newMessages int64
	newChats    int64
}

func (t *tx) exec(query string, args ...value) (sql.Result, error) {
	return t.c.exec(t.ctx, query, args...)
}

// run executes a statement whose result does not matter.
func (t *tx) run(query string, args ...value) error {
	_, err := t.c.exec(t.ctx, query, args...)
	return err
}

// count executes a statement and gives the number of rows it changed.
func (t *tx) count(query string, args ...value) (int64, error) {
	result, err := t.c.exec(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *tx) row(query string, args ...value) scanner { return t.c.row(t.ctx, query, args...) }

func (t *tx) each(query string, args []value, fn func(scanner) error) error {
	return t.c.each(t.ctx, query, args, fn)
}

// exists tells whether a query has a row.
func (t *tx) exists(query string, args ...value) (bool, error) {
	var one int
	err := t.row(query, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
