package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"whatsapp-mcp/whatsapp-bridge/store"
)

func TestTheSearchIndexIsJoinedBetweenMessagesAndStaysInFewParts(t *testing.T) {
	const messages, few = 300, 16
	dir := t.TempDir()
	s := open(t, dir)
	for n := range messages {
		save(t, s, said(bob, bob, fmt.Sprintf("3A%018X", n), fmt.Sprintf("lantern %d", n), int64(n)))
	}
	waitForParts(t, dir, few)
	want(t, "the last of all", idsOf(list(t, s, store.MessageQuery{Query: "lantern", Limit: 1})), fmt.Sprintf("3A%018X", messages-1))
	want(t, "the first of all", idsOf(list(t, s, store.MessageQuery{Query: `"lantern 0"`})), fmt.Sprintf("3A%018X", 0))
}

// waitForParts waits until the search index is in so few parts.
func waitForParts(t *testing.T, dir string, few int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName)+"?mode=ro")
	must(t, err)
	defer func() { _ = db.Close() }()
	parts := few + 1
	for end := time.Now().Add(20 * time.Second); parts > few && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		must(t, db.QueryRowContext(context.Background(), "SELECT COUNT(DISTINCT segid) FROM messages_fts_idx").Scan(&parts))
	}
	if parts > few {
		t.Fatalf("the index is in %d parts", parts)
	}
}
