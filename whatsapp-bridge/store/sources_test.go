package store_test

import (
	"context"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/store"
)

const imported = "import:0123456789abcdef"

func TestEachSourceHasAWatermarkOfItsOwn(t *testing.T) {
	s := newStore(t)
	apply(t, s, batchOf(0, 50, said(ada, ada, "M1", "hello", 0)))
	batch := batchOf(0, 3, said(ada, ada, "M1", "hello", 0), said(ada, ada, "M2", "hello", 1))
	batch.Source = imported
	if report := apply(t, s, batch); report.Inserted != 1 || report.Duplicates != 1 || report.Watermark != 3 {
		t.Errorf("%+v", report)
	}
	for source, seq := range map[string]int64{"baileys": 50, imported: 3} {
		mark, err := s.Watermark(context.Background(), source)
		must(t, err)
		if mark != (store.Watermark{Source: source, Seq: seq, Origin: "first"}) {
			t.Errorf("%+v", mark)
		}
	}
}

func TestAnUnknownSourceIsRefused(t *testing.T) {
	s := newStore(t)
	for _, source := range []string{"", "Baileys", "import:", "import:0123", imported + "0", "import:0123456789ABCDEF", "x " + imported} {
		batch := batchOf(0, 1, said(ada, ada, "M1", "hello", 0))
		batch.Source = source
		if _, err := s.ApplyBatch(context.Background(), batch); err == nil {
			t.Errorf("%q was taken", source)
		}
	}
}
