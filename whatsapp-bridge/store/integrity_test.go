package store_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func fill(t *testing.T, s *store.Store) {
	t.Helper()
	rows := make([]store.StoredMessage, 0, 200)
	for n := range 200 {
		rows = append(rows, said(ada, ada, fmt.Sprintf("M%d", n), strings.Repeat("words ", 100), int64(n)))
	}
	save(t, s, rows...)
}

// files gives the content of every file of a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	found := map[string]string{}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		must(t, err)
		found[entry.Name()] = string(content)
	}
	return found
}

func TestASoundStoreIsSoundWhileItIsOpenAndAfterwards(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s, err := store.Open(ctx, dir)
	must(t, err)
	fill(t, s)
	found, err := s.CheckIntegrity(ctx, time.Minute)
	must(t, err)
	want(t, "open", fmt.Sprint(found.State, found.Problems), "sound[]")
	must(t, s.Close())
	before := files(t, dir)
	found, err = store.Inspect(ctx, dir, time.Minute)
	must(t, err)
	want(t, "closed", fmt.Sprint(found.State, found.Problems), "sound[]")
	want(t, "files", fmt.Sprint(files(t, dir)), fmt.Sprint(before))
}

// FTS5 remembers on each connection which parts the search index has, and looks only at the next search whether that
// still holds; its part of the integrity check does not look. A sound file was called damaged.
func TestAStoreThatWasSearchedBeforeItsIndexWasJoinedIsSound(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s := open(t, dir)
	for n := range 40 {
		save(t, s, said(ada, ada, fmt.Sprintf("M%d", n), fmt.Sprintf("lantern %d", n), int64(n)))
		want(t, "found", idsOf(list(t, s, store.MessageQuery{Query: fmt.Sprintf(`"lantern %d"`, n)})), fmt.Sprintf("M%d", n))
	}
	waitForParts(t, dir, 8)
	found, err := s.CheckIntegrity(ctx, time.Minute)
	must(t, err)
	want(t, "integrity", fmt.Sprint(found.State, found.Problems), "sound[]")
}

func TestWhatACrashLeftIsReadWithItsLog(t *testing.T) {
	ctx, dir, left := context.Background(), t.TempDir(), t.TempDir()
	s := open(t, dir)
	fill(t, s)
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(filepath.Join(dir, store.FileName+suffix))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(left, store.FileName+suffix), content, 0o600))
	}
	before := files(t, left)
	found, err := store.Inspect(ctx, left, time.Minute)
	must(t, err)
	want(t, "state", string(found.State), "sound")
	for name, content := range files(t, left) {
		if old, ok := before[name]; ok && old != content {
			t.Errorf("%s was changed", name)
		}
	}
}

func TestADamagedStoreIsSaidToBeDamaged(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s, err := store.Open(ctx, dir)
	must(t, err)
	fill(t, s)
	must(t, s.Close())
	path := filepath.Join(dir, store.FileName)
	whole, err := os.ReadFile(path)
	must(t, err)
	for name, content := range map[string][]byte{
		"pages overwritten": append(append(bytes.Clone(whole[:len(whole)/2]), bytes.Repeat([]byte{0xff}, 8192)...), whole[len(whole)/2+8192:]...),
		"cut off":           whole[:len(whole)/2],
		"no database":       []byte(strings.Repeat("x", 4096)),
	} {
		must(t, os.WriteFile(path, content, 0o600))
		found, err := store.Inspect(ctx, dir, time.Minute)
		must(t, err)
		if found.State != store.Damaged || len(found.Problems) == 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
	must(t, os.WriteFile(path, whole, 0o600))
	alter(t, dir, "PRAGMA user_version = 99")
	_, err = store.Inspect(ctx, dir, time.Minute)
	wantCode(t, err, fault.DatabaseSchemaMismatch)
}

func TestALookThatHasNoTimeLeftSaysThatItIsUnfinished(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s, err := store.Open(ctx, dir)
	must(t, err)
	fill(t, s)
	found, err := s.CheckIntegrity(ctx, time.Nanosecond)
	must(t, err)
	want(t, "open", string(found.State), "unfinished")
	want(t, "afterwards", idsOf(list(t, s, store.MessageQuery{Limit: 1})), "M199")
	must(t, s.Close())
	found, err = store.Inspect(ctx, dir, time.Nanosecond)
	must(t, err)
	want(t, "closed", string(found.State), "unfinished")
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := store.Inspect(gone, dir, time.Minute); err == nil {
		t.Error("a caller who gave up was answered")
	}
}
