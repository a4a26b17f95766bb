package store

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
)

// walKeeper keeps the write-ahead log small. Copying it into the file costs disk time, so a connection beside the
// writer does it while the writer goes on; a log that never gets empty this way, because the writer never rests, is
// ended by the writer between two transactions, when little is left to copy.
type walKeeper struct {
	c       *conn
	wake    chan struct{}
	stop    chan struct{}
	done    chan struct{}
	full    chan struct{} // the log is to be ended
	dirty   atomic.Bool
	commits int
}

const (
	walPages       = 4096 // 16 MiB: the log is ended once it holds so many
	bulkCommits    = 4
	liveCommits    = 100
	walPause       = 2 * time.Second
	restartTimeout = "PRAGMA busy_timeout(20)"
	normalTimeout  = "PRAGMA busy_timeout(5000)"
)

func newWALKeeper(c *conn) *walKeeper {
	k := &walKeeper{
		c: c, wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		full: make(chan struct{}, 1),
	}
	go k.loop()
	return k
}

// committed is told of every transaction by the writer.
func (k *walKeeper) committed(bulk bool) {
	k.dirty.Store(true)
	if bulk {
		k.commits += liveCommits / bulkCommits
	} else {
		k.commits++
	}
	if k.commits < liveCommits {
		return
	}
	k.commits = 0
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

func (k *walKeeper) loop() {
	defer close(k.done)
	for {
		select {
		case <-k.stop:
			return
		case <-k.wake:
			k.copy()
		case <-time.After(walPause):
			if k.dirty.Load() {
				k.copy()
			}
		}
	}
}

// copy brings the log into the file as far as readers allow, while the writer goes on.
func (k *walKeeper) copy() {
	k.dirty.Store(false)
	pages, _, err := checkpoint(k.c, "PASSIVE")
	if err != nil {
		slog.Warn("checkpoint", "error", err)
		return
	}
	if pages >= walPages {
		select {
		case k.full <- struct{}{}:
		default:
		}
	}
}

// restart is called by the writer between two transactions: it copies the rest and makes the next one begin the log
// anew. A reader that holds an old snapshot can put it off until the next time.
func (k *walKeeper) restart(writer *conn) {
	ctx := context.Background()
	if err := writer.execute(ctx, restartTimeout); err != nil {
		slog.Warn("checkpoint", "error", err)
	}
	if _, _, err := checkpoint(writer, "RESTART"); err != nil {
		slog.Warn("checkpoint", "error", err)
	}
	if err := writer.execute(ctx, normalTimeout); err != nil {
		slog.Warn("checkpoint", "error", err)
	}
}

func (k *walKeeper) close(writer *conn) error {
	close(k.stop)
	<-k.done
	k.c.close()
	_, _, err := checkpoint(writer, "TRUNCATE")
	return err
}

// checkpoint gives the pages in the log and how many of them are in the file.
func checkpoint(c *conn, mode string) (pages, copied int, err error) {
	var busy int
	err = c.row(context.Background(), "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &copied)
	return pages, copied, err
}

func isNoTransaction(err error) bool {
	return strings.Contains(err.Error(), "no transaction is active")
}
