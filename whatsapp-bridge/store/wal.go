package store

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// walKeeper keeps the write-ahead log small. Copying it into the file costs disk time, so a connection beside the
// writer does it while the writer goes on; a log that never gets empty this way, because the writer never rests, is
// ended by the writer between two transactions, when little is left to copy.
type walKeeper struct {
	c     *conn
	file  *os.File // messages.db
	wake  chan struct{}
	stop  chan struct{}
	done  chan struct{}
	full  chan struct{} // the log is to be ended
	ended chan struct{} // it was
	holds atomic.Bool   // history is not to be written now
	freed chan struct{} // it may be again: the writer may be waiting for nothing else
	dirty atomic.Bool
}

const (
	walPages       = 6144  // 24 MiB: the log is ended once it holds so many
	walMost        = 10240 // 40 MiB: history waits until the log is ended
	walRounds      = 3     // copies before the log is ended, each of what was written during the one before
	walPause       = 2 * time.Second
	restartTimeout = "PRAGMA busy_timeout(20)"
	normalTimeout  = "PRAGMA busy_timeout(5000)"
)

func newWALKeeper(c *conn, file *os.File) *walKeeper {
	k := &walKeeper{
		c: c, file: file, wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		full: make(chan struct{}), ended: make(chan struct{}), freed: make(chan struct{}, 1),
	}
	go k.loop()
	return k
}

// committed is told by the writer of every transaction. It looks how long the log is.
func (k *walKeeper) committed(writer *conn) {
	k.dirty.Store(true)
	pages, copied, err := checkpoint(writer, "NOOP")
	if err != nil {
		slog.Warn("checkpoint", "error", err)
	}
	if pages < walPages || copied == pages {
		return
	}
	if pages >= walMost {
		k.holds.Store(true)
	}
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

// copy brings the log into the file as far as readers allow, while the writer goes on. A long log is copied again, at
// last without history being written, until almost nothing is left. Then the writer ends it, in the few milliseconds
// that a live event may wait; it would have to wait for a copy that went on meanwhile.
func (k *walKeeper) copy() {
	k.dirty.Store(false)
	for round := range walRounds {
		if round == walRounds-1 {
			k.holds.Store(true)
		}
		pages, _, err := checkpoint(k.c, "PASSIVE")
		if err == nil && pages >= walPages {
			// SQLite does so only after a copy that met the log's end, which is then left to the writer.
			err = k.file.Sync()
		}
		if err != nil {
			slog.Warn("checkpoint", "error", err)
		}
		if err != nil || pages < walPages {
			k.free()
			return
		}
	}
	select {
	case k.full <- struct{}{}:
		<-k.ended
	case <-k.stop:
	}
}

// free lets history be written again, and wakes the writer to do so.
func (k *walKeeper) free() {
	k.holds.Store(false)
	select {
	case k.freed <- struct{}{}:
	default:
	}
}

// restart is called by the writer between two transactions: it copies the rest and makes the next one begin the log
// anew. A reader that holds an old snapshot can put it off until the next time.
func (k *walKeeper) restart(writer *conn) {
	defer func() {
		k.free()
		k.ended <- struct{}{}
	}()
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
