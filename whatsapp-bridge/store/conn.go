package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// value is what a statement is given: a number, a text, bytes, a truth or nil. database/sql asks for any.
type value = any

// conn is one connection with the statements it has prepared. One goroutine uses it at a time.
type conn struct {
	raw        *sql.Conn
	statements map[string]*sql.Stmt
}

// prepare gives the statement of a query. Queries are constants, or built from a few, so that the map stays small.
func (c *conn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if known, ok := c.statements[query]; ok {
		return known, nil
	}
	made, err := c.raw.PrepareContext(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil, err
	}
	c.statements[query] = made
	return made, nil
}

// execute runs a statement once, without keeping it.
func (c *conn) execute(ctx context.Context, query string) error {
	_, err := c.raw.ExecContext(ctx, query)
	return err
}

func (c *conn) exec(ctx context.Context, query string, args ...value) (sql.Result, error) {
	statement, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return statement.ExecContext(ctx, args...)
}

func (c *conn) rows(ctx context.Context, query string, args ...value) (*sql.Rows, error) {
	statement, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(ctx, args...)
}

func (c *conn) row(ctx context.Context, query string, args ...value) scanner {
	statement, err := c.prepare(ctx, query)
	if err != nil {
		return failedRow{err}
	}
	return statement.QueryRowContext(ctx, args...)
}

// each calls fn for every row.
func (c *conn) each(ctx context.Context, query string, args []value, fn func(scanner) error) (err error) {
	rows, err := c.rows(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() {
		if closing := rows.Close(); err == nil {
			err = closing
		}
	}()
	for rows.Next() {
		if err := fn(rows); err != nil {
			if errors.Is(err, errEnough) {
				return nil
			}
			return err
		}
	}
	return rows.Err()
}

// errEnough ends each without an error.
var errEnough = errors.New("enough rows")

func (c *conn) close() {
	for _, statement := range c.statements {
		_ = statement.Close() // closing cannot lose anything here
	}
	_ = c.raw.Close()
}

// scanner is a row.
type scanner interface {
	Scan(destinations ...value) error
}

type failedRow struct{ err error }

func (f failedRow) Scan(...value) error { return f.err }

// describe turns an error of SQLite into the code that says what to do.
func describe(err error) error {
	var known *fault.Error
	var low *sqlite.Error
	if err == nil || errors.As(err, &known) || !errors.As(err, &low) {
		return err
	}
	switch low.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fault.Wrap(fault.DatabaseCorrupt, err, FileName+" is damaged")
	case sqlite3.SQLITE_FULL:
		return fault.Wrap(fault.Internal, err, "the disk is full").
			WithResolution("Free some space; nothing that was stored is lost.")
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fault.Wrap(fault.Internal, err, FileName+" cannot be written").
			WithResolution("Make the store's folder writable for the user who runs the bridge.")
	}
	return err
}

// read runs fn on one snapshot of the store.
func (s *Store) read(ctx context.Context, fn func(q *question) error) error {
	c, err := s.readers.take(ctx)
	if err != nil {
		return err
	}
	defer s.readers.give(c)
	s.lastAsked.Store(time.Now().UnixNano())
	// A caller who gives up in the middle of BEGIN or ROLLBACK must not leave the connection inside a snapshot.
	lasting := context.WithoutCancel(ctx)
	if _, err := c.exec(lasting, "BEGIN"); err != nil {
		return describe(err)
	}
	err = fn(&question{ctx: ctx, c: c})
	if _, ending := c.exec(lasting, "ROLLBACK"); err == nil {
		err = ending
	}
	return describe(err)
}

// question is a read on one snapshot.
type question struct {
	ctx context.Context //nolint:containedctx // lives as long as one question
	c   *conn
}

func (q *question) row(query string, args ...value) scanner { return q.c.row(q.ctx, query, args...) }

func (q *question) each(query string, args []value, fn func(scanner) error) error {
	return q.c.each(q.ctx, query, args, fn)
}
