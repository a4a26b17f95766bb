package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// IntegrityState is the outcome of a look at the whole file.
type IntegrityState string

// What a look at the whole file can find. Unfinished says that nothing was found wrong until the time was up.
const (
	Sound      IntegrityState = "sound"
	Damaged    IntegrityState = "damaged"
	Unfinished IntegrityState = "unfinished"
)

// Integrity is what a look at every page and index of messages.db found. Problems are SQLite's own words.
type Integrity struct {
	State    IntegrityState `json:"state"`
	Problems []string       `json:"problems"`
	Seconds  float64        `json:"seconds"`
}

const integrityCheck = "PRAGMA integrity_check(10)"

// CheckIntegrity looks at the whole file while the store is in use, for as long as it may take. It only reads; the
// file's -wal grows meanwhile, since what is looked at is one snapshot.
//
// It takes a new connection. One that has searched remembers which parts the search index had then, and FTS5's own
// check (xIntegrity, SQLite 3.54) goes by that: it calls the index damaged once the writer has joined those parts.
func (s *Store) CheckIntegrity(ctx context.Context, within time.Duration) (Integrity, error) {
	return examine(ctx, within, func(ctx context.Context, each func(scanner) error) error {
		c, err := s.connect(ctx, "query_only(1)")
		if err != nil {
			return describe(err)
		}
		defer c.close()
		return describe(c.each(ctx, integrityCheck, nil, each))
	})
}

// Inspect does the same with the file of a store that nobody has open, which the caller makes sure of. Nothing is
// changed: a file that was closed in order is read as it is, one that was not with what stands in its -wal.
//
// Errors: DATABASE_SCHEMA_MISMATCH.
func Inspect(ctx context.Context, dir string, within time.Duration) (Integrity, error) {
	path, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return Integrity{}, fmt.Errorf("finding the store: %w", err)
	}
	return examine(ctx, within, func(ctx context.Context, each func(scanner) error) (err error) {
		if err := checkHeader(path); err != nil {
			return err
		}
		address := dsn(path) + "&mode=ro"
		if info, err := os.Stat(path + "-wal"); err != nil || info.Size() == 0 {
			address += "&immutable=1"
		}
		db, err := sql.Open("sqlite", address)
		if err != nil {
			return fmt.Errorf("opening %s: %w", FileName, err)
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		raw, err := db.Conn(ctx)
		if err != nil {
			return describe(err)
		}
		c := &conn{raw: raw, statements: make(map[string]*sql.Stmt)}
		defer c.close()
		return describe(c.each(ctx, integrityCheck, nil, each))
	})
}

func examine(ctx context.Context, within time.Duration, ask func(context.Context, func(scanner) error) error) (Integrity, error) {
	started := time.Now()
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	found := Integrity{State: Sound, Problems: []string{}}
	err := ask(bounded, func(row scanner) error {
		var said string
		err := row.Scan(&said)
		if err == nil && said != "ok" {
			found.State, found.Problems = Damaged, append(found.Problems, said)
		}
		return err
	})
	found.Seconds = time.Since(started).Round(time.Millisecond).Seconds()
	switch {
	case err == nil || found.State == Damaged:
		return found, nil
	case fault.CodeOf(err) == fault.DatabaseCorrupt:
		found.State, found.Problems = Damaged, append(found.Problems, fault.From(err).Message)
		return found, nil
	case bounded.Err() != nil && ctx.Err() == nil && (errors.Is(err, bounded.Err()) || interrupted(err)):
		found.State = Unfinished
		return found, nil
	}
	return found, err
}

func interrupted(err error) bool {
	var low *sqlite.Error
	return errors.As(err, &low) && low.Code()&0xff == sqlite3.SQLITE_INTERRUPT
}
