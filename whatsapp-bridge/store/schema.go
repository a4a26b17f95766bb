package store

import (
	"context"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

//go:embed schema.sql
var schema string

// upgrades are the numbered ways to today's schema: NNNN_name.sql brings number NNNN-1 to NNNN.
//
//go:embed upgrades/*.sql
var upgrades embed.FS

const headerLength = 100

// checkHeader looks at the file before SQLite touches it, so that a newer store and a foreign file stay as they are.
func checkHeader(file string) (err error) {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("reading %s: %w", FileName, err)
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	header := make([]byte, headerLength)
	n, err := io.ReadFull(f, header)
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF) || err == nil && !strings.HasPrefix(string(header), "SQLite format 3\x00"):
		return fault.New(fault.DatabaseCorrupt, FileName+" is damaged or no database")
	case err != nil:
		return fmt.Errorf("reading %s: %w", FileName, err)
	}
	return checkVersion(int(binary.BigEndian.Uint32(header[60:64])), latestVersion(upgrades))
}

func checkVersion(found, expected int) error {
	if found <= expected {
		return nil
	}
	return mismatch(found, expected, "was made by a newer version of the bridge")
}

func mismatch(found, expected int, problem string) error {
	made := fault.New(fault.DatabaseSchemaMismatch, fmt.Sprintf("%s %s (schema %d, expected %d)", FileName, problem, found, expected))
	return made.WithDetails(fault.Details{Found: found, Expected: expected}).
		WithResolution("Start the version of the bridge that made the file, or point --store at another folder.")
}

// migrate brings the file to today's schema: a new file from schema.sql, an older one by its upgrades.
func migrate(ctx context.Context, c *conn) error {
	var mode string
	if err := checkFound(ctx, c); err != nil {
		return err
	}
	if err := c.row(ctx, "PRAGMA journal_mode(WAL)").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("%s does not take write-ahead logging (mode %s)", FileName, mode)
	}
	version, err := versionOf(ctx, c)
	if err != nil {
		return err
	}
	latest := latestVersion(upgrades)
	if version == 0 {
		return apply(ctx, c, schema, latest)
	}
	return upgrade(ctx, c, upgrades, version)
}

// checkFound refuses a store of a newer version, whose number may still stand in the -wal file alone, and a file of
// another program.
func checkFound(ctx context.Context, c *conn) error {
	version, err := versionOf(ctx, c)
	if err != nil {
		return err
	}
	latest := latestVersion(upgrades)
	if err := checkVersion(version, latest); err != nil {
		return err
	}
	var tables int
	if err := c.row(ctx, "SELECT COUNT(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if version == 0 && tables > 0 {
		return mismatch(version, latest, "was made by another program")
	}
	return nil
}

func versionOf(ctx context.Context, c *conn) (int, error) {
	var version int
	err := c.row(ctx, "PRAGMA user_version").Scan(&version)
	return version, err
}

// upgrade runs every upgrade behind version, each in a transaction of its own.
func upgrade(ctx context.Context, c *conn, files fs.FS, version int) error {
	for _, name := range upgradeFiles(files) {
		number := numberOf(name)
		if number <= version {
			continue
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		slog.Info("upgrading "+FileName, "schema", number)
		if err := apply(ctx, c, string(text), number); err != nil {
			return fmt.Errorf("upgrading to schema %d: %w", number, err)
		}
	}
	return nil
}

func apply(ctx context.Context, c *conn, script string, version int) error {
	if err := c.execute(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := c.execute(ctx, script)
	if err == nil {
		err = c.execute(ctx, "PRAGMA user_version = "+strconv.Itoa(version))
	}
	if err == nil {
		return c.execute(ctx, "COMMIT")
	}
	return errors.Join(err, c.execute(context.WithoutCancel(ctx), "ROLLBACK"))
}

func upgradeFiles(files fs.FS) []string {
	names, err := fs.Glob(files, "upgrades/*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	slices.Sort(names)
	return names
}

func latestVersion(files fs.FS) int {
	names := upgradeFiles(files)
	return numberOf(names[len(names)-1])
}

// numberOf gives 12 for upgrades/0012_name.sql.
func numberOf(name string) int {
	digits, _, _ := strings.Cut(path.Base(name), "_")
	number, err := strconv.Atoi(digits)
	if err != nil {
		panic("upgrade without a number: " + name)
	}
	return number
}
