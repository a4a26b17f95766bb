package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// world makes rows like those of docs/performance.md: chats of Zipf size, words of Zipf frequency, media, history of
// three years in which each chat comes newest first.
type world struct {
	random *rand.Rand
	words  *rand.Zipf
	chats  *rand.Zipf
	clock  map[int]int64
	at     int // the chat whose history comes now
	left   int
}

const worldChats = 500

func newWorld(seed uint64) *world {
	random := rand.New(rand.NewPCG(seed, 1))
	return &world{
		random: random, words: rand.NewZipf(random, 1.1, 8, 30_000), chats: rand.NewZipf(random, 1.05, 20, worldChats-1),
		clock: make(map[int]int64),
	}
}

func (w *world) chat(i int) string {
	if i%5 < 2 {
		return fmt.Sprintf("1203630000%05d@g.us", i)
	}
	return fmt.Sprintf("1555%06d@s.whatsapp.net", i)
}

const worldEnd = int64(1_750_000_000)

func (w *world) message() store.StoredMessage {
	if w.left == 0 {
		w.at, w.left = int(w.chats.Uint64()), 1+w.random.IntN(400)
	}
	w.left--
	i := w.at
	if w.clock[i] == 0 {
		w.clock[i] = worldEnd
	}
	w.clock[i] -= int64(w.random.IntN(3 * 365 * 86400 / 20_000))
	var text strings.Builder
	for range 2 + w.random.IntN(14) {
		fmt.Fprintf(&text, "word%d ", w.words.Uint64())
	}
	if w.random.IntN(27_000) == 0 {
		text.WriteString("zyxwvut")
	}
	m := store.StoredMessage{
		ChatJID: w.chat(i), ID: fmt.Sprintf("3EB0%016X", w.random.Uint64()), SenderJID: w.chat(i),
		Timestamp: w.clock[i], Kind: store.KindText, Text: text.String(),
		Payload: []byte("\x0a" + text.String()),
	}
	if i%5 < 2 {
		m.SenderJID = fmt.Sprintf("1666%06d@s.whatsapp.net", w.random.IntN(2000))
	}
	if w.random.IntN(100) < 15 {
		m.Kind = store.KindImage
		m.Media = &store.StoredMedia{
			Mime: "image/jpeg", Size: 100_000, DirectPath: "/v/t62.7118-24/" + m.ID + m.ID + "?ccb=11-4&oh=01_Q5&oe=66",
			MediaKey: make([]byte, 32), FileSHA256: make([]byte, 32), FileEncSHA256: make([]byte, 32),
		}
	}
	return m
}

func (w *world) batch(from, rows int64) store.Batch {
	batch := store.Batch{Source: "baileys", Origin: "bench", FromSeq: from, ToSeq: from + rows}
	for range rows {
		batch.Messages = append(batch.Messages, w.message())
	}
	return batch
}

func open(tb testing.TB, dir string) *store.Store {
	tb.Helper()
	s, err := store.Open(context.Background(), dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// BenchmarkMerge takes batches of new rows while live messages come, and reports rows a second, the longest wait of a
// live message and the longest write-ahead log.
func BenchmarkMerge(b *testing.B) {
	dir := b.TempDir()
	s := open(b, dir)
	w := newWorld(1)
	var wal atomic.Int64
	stop, stopped := make(chan struct{}), make(chan struct{})
	var longest time.Duration
	go func() {
		defer close(stopped)
		live := newWorld(2)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			m := live.message()
			start := time.Now()
			if err := s.SaveMessage(context.Background(), m); err != nil {
				b.Error(err)
				return
			}
			longest = max(longest, time.Since(start))
			if info, err := os.Stat(filepath.Join(dir, store.FileName+"-wal")); err == nil {
				wal.Store(max(wal.Load(), info.Size()))
			}
		}
	}()
	const rows = 2000
	var batches []store.Batch
	for i := range b.N {
		batches = append(batches, w.batch(int64(i)*rows, rows))
	}
	b.ResetTimer()
	for _, batch := range batches {
		if _, err := s.ApplyBatch(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	close(stop)
	<-stopped
	b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(longest.Microseconds())/1000, "worst-live-ms")
	b.ReportMetric(float64(wal.Load())/(1<<20), "wal-MiB")
}

// BenchmarkQuestions asks a store of BENCH_ROWS messages (100,000 without it).
func BenchmarkQuestions(b *testing.B) {
	rows := int64(100_000)
	if text := os.Getenv("BENCH_ROWS"); text != "" {
		if _, err := fmt.Sscan(text, &rows); err != nil {
			b.Fatal(err)
		}
	}
	dir := b.TempDir()
	s := open(b, dir)
	w := newWorld(1)
	start := time.Now()
	for from := int64(0); from < rows; from += 2000 {
		if _, err := s.ApplyBatch(context.Background(), w.batch(from, 2000)); err != nil {
			b.Fatal(err)
		}
	}
	again := newWorld(1)
	b.Logf("filled with %d rows in %v", rows, time.Since(start))
	start = time.Now()
	for from := int64(0); from < min(rows, 20_000); from += 2000 {
		batch := again.batch(rows+from, 2000)
		if _, err := s.ApplyBatch(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("20,000 duplicates in %v", time.Since(start))
	last := w.message()
	if err := s.SaveMessage(context.Background(), last); err != nil {
		b.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, store.FileName)); err == nil {
		b.Logf("%d bytes a row", info.Size()/rows)
	}
	ask := func(query store.MessageQuery) func() error {
		return func() error {
			query.Limit = 20
			_, err := s.ListMessages(context.Background(), query)
			return err
		}
	}
	big, small := w.chat(0), w.chat(400)
	for _, q := range []struct {
		name string
		ask  func() error
	}{
		{"chats", func() error {
			_, err := s.ListChats(context.Background(), store.ChatQuery{IncludeLastMessage: true})
			return err
		}},
		{"chats by name", func() error {
			_, err := s.ListChats(context.Background(), store.ChatQuery{Query: "1203", IncludeLastMessage: true})
			return err
		}},
		{"how far back 200 chats reach", func() error {
			_, err := s.Checkpoints(context.Background(), 200, "")
			return err
		}},
		{"all", ask(store.MessageQuery{})},
		{"chat", ask(store.MessageQuery{Chat: small})},
		{"biggest chat", ask(store.MessageQuery{Chat: big})},
		{"biggest chat with context", ask(store.MessageQuery{Chat: big, ContextBefore: 1, ContextAfter: 1})},
		{"rare word", ask(store.MessageQuery{Query: "zyxwvut"})},
		{"common word", ask(store.MessageQuery{Query: "word0"})},
		{"middling word", ask(store.MessageQuery{Query: "word300"})},
		{"absent word", ask(store.MessageQuery{Query: "nowhere"})},
		{"two common words", ask(store.MessageQuery{Query: "word1 word2"})},
		{"rare word in the biggest chat", ask(store.MessageQuery{Query: "zyxwvut", Chat: big})},
		{"common word in a small chat", ask(store.MessageQuery{Query: "word0", Chat: small})},
		{"beginning", ask(store.MessageQuery{Query: "word1*"})},
		{"without a word", ask(store.MessageQuery{Query: "-word0"})},
		{"sender", ask(store.MessageQuery{Sender: "1666000001@s.whatsapp.net"})},
		{"images of a chat", ask(store.MessageQuery{Chat: big, MediaType: "image"})},
		{"common word by relevance", ask(store.MessageQuery{Query: "word0", Sort: "relevance"})},
		{"context", func() error {
			_, err := s.Context(context.Background(), last.ChatJID, last.ID, 5, 5)
			return err
		}},
		{"last interaction", func() error {
			_, err := s.LastInteraction(context.Background(), "1666000001@s.whatsapp.net")
			return err
		}},
		{"a person's chats", func() error {
			_, err := s.ContactChats(context.Background(), "1666000001@s.whatsapp.net", 20, 0)
			return err
		}},
		{"statistics of the biggest chat", func() error {
			_, err := s.Statistics(context.Background(), big)
			return err
		}},
		{"statistics of everything", func() error {
			_, err := s.Statistics(context.Background(), "")
			return err
		}},
		{"context by id alone", func() error {
			_, err := s.Context(context.Background(), "", last.ID, 5, 5)
			return err
		}},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if err := q.ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
