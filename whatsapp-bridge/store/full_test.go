package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// limitFile lets messages.db grow by so many pages and no further, which SQLite reports as it reports a full disk. 0
// takes the limit away.
func limitFile(t *testing.T, s *Store, pages int64) {
	t.Helper()
	err := s.writeLive(context.Background(), func(t *tx) error {
		var count int64
		if err := t.row("PRAGMA page_count").Scan(&count); err != nil {
			return err
		}
		limit := count + pages
		if pages == 0 {
			limit = 1 << 30
		}
		return t.row(fmt.Sprintf("PRAGMA max_page_count = %d", limit)).Scan(&limit)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func longMessage(n int) StoredMessage {
	return StoredMessage{
		ChatJID: "15550100@s.whatsapp.net", SenderJID: "15550100@s.whatsapp.net", ID: fmt.Sprintf("3EB0%08X", n),
		Timestamp: 1_750_000_000 + int64(n), Kind: KindText, Text: strings.Repeat("words ", 200),
	}
}

func TestAFullDiskIsNamedLosesNothingAndTheSameBatchIsTakenLater(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := s.SaveMessage(ctx, longMessage(0)); err != nil {
		t.Fatal(err)
	}
	batch := Batch{Source: "baileys", Origin: "test", ToSeq: 2000}
	for n := 1; n <= 2000; n++ {
		batch.Messages = append(batch.Messages, longMessage(n))
	}
	limitFile(t, s, 20)
	_, err = s.ApplyBatch(ctx, batch)
	if failure := fault.From(err); fault.CodeOf(err) != fault.Internal || !strings.Contains(failure.Message, "disk is full") ||
		!strings.Contains(failure.Resolution, "Free some space") {
		t.Fatalf("a full disk gave %v", err)
	}
	mark, err := s.Watermark(ctx, "baileys")
	if err != nil || mark.Seq != 0 {
		t.Fatalf("the watermark is %d, %v", mark.Seq, err)
	}
	if m, err := s.Message(ctx, longMessage(0).ChatJID, longMessage(0).ID); err != nil || m.Text != longMessage(0).Text {
		t.Fatalf("what was stored is %+v, %v", m, err)
	}
	limitFile(t, s, 0)
	report, err := s.ApplyBatch(ctx, batch)
	if err != nil || report.Inserted+report.Duplicates != 2000 || report.Watermark != 2000 {
		t.Fatalf("%+v, %v", report, err)
	}
	if counts := s.Counts(); counts.Messages != 2001 {
		t.Errorf("%d messages", counts.Messages)
	}
}
