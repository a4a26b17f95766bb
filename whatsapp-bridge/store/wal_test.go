package store

import (
	"context"
	"testing"
	"time"
)

// A copy that finds the log short ends the hold by itself, while the writer already waits behind it.
func TestHistoryThatWaitsForTheLogGoesOnWithoutALiveMessage(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	s.writer.log.holds.Store(true)
	nothing := func(*tx) error { return nil }
	// The writer looks at the hold after each transaction.
	if err := s.writeLive(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*walPause)
	defer cancel()
	begun := time.Now()
	if err := s.writeBulk(ctx, nothing); err != nil {
		t.Errorf("after %s: %v", time.Since(begun), err)
	}
}
