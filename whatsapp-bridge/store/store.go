// Package store holds messages.db, the one truth about chats, people and messages. It alone opens the file.
//
// Writes go through one queue to one connection (docs/decisions/0002-one-writer.md); live events go before history.
// Questions run beside them on connections of their own, each on one snapshot. Every JID that comes in, and every name
// or number that a user types, goes through identity.go.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite", without cgo

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// FileName is the database's name inside the store's folder.
const FileName = "messages.db"

const (
	readerCount = 4
	writerPages = "-48000" // KiB
	readerPages = "-8000"
)

// Store is an open messages.db.
type Store struct {
	path    string
	file    *os.File // closed last: closing it would drop the locks that SQLite holds on it
	db      *sql.DB
	writer  *writer
	readers *readers
	version string

	messages, chats atomic.Int64
	lastStored      atomic.Int64 // nanoseconds since 1970
	lastAsked       atomic.Int64 // the same
	batches         sync.Mutex   // batches are taken one at a time
}

// Open opens messages.db in dir and makes both where they are missing: the folder 0700, the files 0600.
//
// DATABASE_SCHEMA_MISMATCH says that another program or a newer version made the file, which is then left untouched;
// DATABASE_CORRUPT that it is damaged.
func Open(ctx context.Context, dir string) (*Store, error) {
	path, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return nil, fmt.Errorf("finding the store: %w", err)
	}
	if err := prepareFile(path); err != nil {
		return nil, err
	}
	if err := checkHeader(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", FileName, err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", FileName, err)
	}
	s := &Store{path: path, file: file, db: db, readers: newReaders()}
	if err := s.start(ctx); err != nil {
		_, _ = db.Close(), file.Close() // the error that matters is the first
		return nil, describe(err)
	}
	return s, nil
}

func (s *Store) start(ctx context.Context) error {
	c, err := s.connect(ctx, "cache_size("+writerPages+")", "wal_autocheckpoint(0)")
	if err != nil {
		return err
	}
	if err := migrate(ctx, c); err != nil {
		return err
	}
	if err := c.row(ctx, "SELECT sqlite_version()").Scan(&s.version); err != nil {
		return err
	}
	var messages, chats int64
	err = c.row(ctx, "SELECT (SELECT COUNT(*) FROM message_rows), (SELECT COUNT(*) FROM chats)").Scan(&messages, &chats)
	if err != nil {
		return err
	}
	s.messages.Store(messages)
	s.chats.Store(chats)
	for range readerCount {
		r, err := s.connect(ctx, "cache_size("+readerPages+")", "query_only(1)")
		if err != nil {
			return err
		}
		s.readers.give(r)
	}
	if err := c.execute(ctx, segmentSettings); err != nil {
		return err
	}
	checkpointer, err := s.connect(ctx)
	if err != nil {
		return err
	}
	s.writer = newWriter(s, c, checkpointer)
	return nil
}

// connect opens a connection of its own and sets what the address cannot say.
func (s *Store) connect(ctx context.Context, pragmas ...string) (*conn, error) {
	raw, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &conn{raw: raw, statements: make(map[string]*sql.Stmt)}
	for _, pragma := range pragmas {
		if err := c.execute(ctx, "PRAGMA "+pragma); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Close waits for the writes that were taken, brings them into the file and closes it.
func (s *Store) Close() error {
	err := s.writer.close()
	for _, r := range s.readers.all() {
		r.close()
	}
	for _, each := range []io.Closer{s.db, s.file} {
		if closing := each.Close(); err == nil {
			err = closing
		}
	}
	return err
}

// SQLiteVersion gives the version of the SQLite that runs.
func (s *Store) SQLiteVersion() string { return s.version }

// QueueDepth gives the number of writes that wait or run.
func (s *Store) QueueDepth() int { return int(s.writer.depth.Load()) }

// LastStoredAt gives the time of the last committed write, 0 when this process has made none.
func (s *Store) LastStoredAt() Time { return Time(s.lastStored.Load() / int64(time.Second)) }

// StoredSince tells whether a write was committed after that moment.
func (s *Store) StoredSince(moment time.Time) bool { return s.lastStored.Load() > moment.UnixNano() }

// Counts gives the number of messages and chats.
func (s *Store) Counts() Counts { return Counts{Messages: s.messages.Load(), Chats: s.chats.Load()} }

// dsn makes the address of a file for the driver. The path is escaped, so that ?, # and % in it are part of the name
// and never settings.
func dsn(path string) string {
	path = filepath.ToSlash(path)
	if runtime.GOOS == "windows" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	address := url.URL{
		Scheme: "file", Path: path,
		RawQuery: "_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=synchronous(NORMAL)" +
			"&_pragma=journal_size_limit(67108864)&_pragma=temp_store(MEMORY)",
	}
	return address.String()
}

// prepareFile makes the folder and an empty file with their modes before SQLite makes them with its own. The -wal and
// -shm files take the mode of the file.
func prepareFile(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the store's folder: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("closing the store's folder to others: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("making %s: %w", FileName, err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("making %s: %w", FileName, err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Chmod(path+suffix, 0o600); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("closing %s to others: %w", FileName+suffix, err)
		}
	}
	return nil
}

func now() int64 { return time.Now().Unix() }

var errClosed = fault.New(fault.Internal, "the store is closed")
