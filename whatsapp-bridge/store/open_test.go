package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func TestAStoreIsClosedToOtherUsers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("Windows has no modes")
		return
	}
	dir := filepath.Join(t.TempDir(), "new", "store")
	s := open(t, dir)
	save(t, s, said(ada, ada, "M1", "hello", 0))
	info, err := os.Stat(dir)
	must(t, err)
	want(t, "folder", info.Mode().Perm().String(), "-rwx------")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(filepath.Join(dir, store.FileName+suffix))
		must(t, err)
		want(t, store.FileName+suffix, info.Mode().Perm().String(), "-rw-------")
	}
}

func TestAPathIsNeverReadAsSettings(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a?mode=ro", "b#c", "d%41", "e&_pragma=user_version(9)", "f g'h"} {
		dir := filepath.Join(root, name)
		s, err := store.Open(context.Background(), dir)
		must(t, err)
		save(t, s, said(ada, ada, "M1", "hello", 0))
		must(t, s.Close())
		if _, err := os.Stat(filepath.Join(dir, store.FileName)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	entries, err := os.ReadDir(root)
	must(t, err)
	if len(entries) != 5 {
		t.Errorf("folders that nobody asked for: %v", entries)
	}
}

func TestWhatWasStoredIsThereAfterTheNextStart(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(context.Background(), dir)
	must(t, err)
	save(t, s, said(ada, ada, "M1", "hello", 0))
	must(t, s.Close())
	again := open(t, dir)
	want(t, "messages", idsOf(list(t, again, store.MessageQuery{})), "M1")
	if counts := again.Counts(); counts != (store.Counts{Messages: 1, Chats: 1}) {
		t.Errorf("counts %+v", counts)
	}
}

func TestANewerStoreIsRefusedAndLeftAsItIs(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(context.Background(), dir)
	must(t, err)
	must(t, s.Close())
	alter(t, dir, "PRAGMA user_version = 99")
	path := filepath.Join(dir, store.FileName)
	before, err := os.ReadFile(path)
	must(t, err)
	_, err = store.Open(context.Background(), dir)
	refused := wantCode(t, err, fault.DatabaseSchemaMismatch)
	if refused.Details.Found != 99 || refused.Resolution == "" {
		t.Errorf("%+v", refused)
	}
	after, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
}

func TestAFileOfAnotherProgramIsRefused(t *testing.T) {
	dir := t.TempDir()
	alter(t, dir, "CREATE TABLE messages (id TEXT, chat_jid TEXT)")
	_, err := store.Open(context.Background(), dir)
	wantCode(t, err, fault.DatabaseSchemaMismatch)
}

func TestADamagedFileIsCalledDamaged(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, store.FileName), []byte(strings.Repeat("not a database ", 500)), 0o600))
	_, err := store.Open(context.Background(), dir)
	wantCode(t, err, fault.DatabaseCorrupt)
	must(t, os.WriteFile(filepath.Join(dir, store.FileName), []byte("short"), 0o600))
	_, err = store.Open(context.Background(), dir)
	wantCode(t, err, fault.DatabaseCorrupt)

	other := t.TempDir()
	s, err := store.Open(context.Background(), other)
	must(t, err)
	must(t, s.Close())
	path := filepath.Join(other, store.FileName)
	content, err := os.ReadFile(path)
	must(t, err)
	for i := 100; i < len(content); i++ {
		content[i] = 0xA5
	}
	must(t, os.WriteFile(path, content, 0o600))
	_, err = store.Open(context.Background(), other)
	wantCode(t, err, fault.DatabaseCorrupt)
}

func TestAClosedStoreSaysSo(t *testing.T) {
	s, err := store.Open(context.Background(), t.TempDir())
	must(t, err)
	must(t, s.Close())
	wantCode(t, s.SaveMessage(context.Background(), said(ada, ada, "M1", "hello", 0)), fault.Internal)
}

func TestTheSQLiteHasTheRepairedLog(t *testing.T) {
	// 3.51.3 is the first without the WAL-reset race between connections that write and copy the log.
	version := newStore(t).SQLiteVersion()
	if version < "3.51.3" {
		t.Errorf("SQLite %s", version)
	}
}

func alter(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	must(t, err)
	_, err = db.Exec(statement)
	must(t, err)
	must(t, db.Close())
}
