package store_test

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// The benchmarks of this file belong to `make bench`, which names the files they work on: BENCH_FIRST and BENCH_SECOND
// are two baileys_temp.db, of which the second repeats half of the first, and BENCH_STORE is the messages.db that the
// first was merged into.

func benchFile(b *testing.B, name string) string {
	b.Helper()
	path := os.Getenv(name)
	if path == "" {
		b.Skip(name + " is not set; `make bench` sets it")
	}
	return path
}

// BenchmarkDriver is what a merge is compared with: the same driver only inserts the same rows into the same schema.
// Numbers, words and terms are ready before the clock starts; nothing is decoded, looked up, counted or filled. It is
// named by the rows of a transaction.
func BenchmarkDriver(b *testing.B) {
	first, second := benchFile(b, "BENCH_FIRST"), benchFile(b, "BENCH_SECOND")
	for _, size := range []int{500, 50_000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			d := newDriver(b)
			d.insert(d.read(first), 50_000)
			rows := d.read(second)
			start := time.Now()
			d.insert(rows, size)
			b.ReportMetric(float64(len(rows))/time.Since(start).Seconds(), "rows/s")
		})
	}
}

// driver is one connection with SQLite's own settings but for the journal and the memory that the store has too.
type driver struct {
	b    *testing.B
	conn *sql.Conn
	jids map[string]int64
	keys map[string]int64 // of messages, by chat and id
	next map[int64]int64  // by second
}

// plainRow is a row as the tables take it.
type plainRow struct {
	key     int64
	columns []any
	terms   string
}

func newDriver(b *testing.B) *driver {
	b.Helper()
	dir := b.TempDir()
	made, err := store.Open(context.Background(), dir)
	check(b, err)
	check(b, made.Close())
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName)+
		"?_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)")
	check(b, err)
	conn, err := db.Conn(context.Background())
	check(b, err)
	b.Cleanup(func() {
		check(b, conn.Close())
		check(b, db.Close())
	})
	return &driver{b, conn, map[string]int64{}, map[string]int64{}, map[int64]int64{}}
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (d *driver) exec(query string, args ...any) {
	_, err := d.conn.ExecContext(context.Background(), query, args...)
	check(d.b, err)
}

func (d *driver) prepare(query string) *sql.Stmt {
	made, err := d.conn.PrepareContext(context.Background(), query)
	check(d.b, err)
	return made
}

func (d *driver) jid(jid string) int64 {
	key, known := d.jids[jid]
	if !known {
		key = int64(len(d.jids) + 1)
		d.jids[jid] = key
		d.exec("INSERT INTO jids (key, jid) VALUES (?, ?)", key, jid)
	}
	return key
}

func (d *driver) key(m store.StoredMessage) int64 {
	key, known := d.keys[m.ChatJID+m.ID]
	if !known {
		key = m.Timestamp<<16 + d.next[m.Timestamp]
		d.next[m.Timestamp]++
		d.keys[m.ChatJID+m.ID] = key
	}
	return key
}

func (d *driver) read(path string) []plainRow {
	var rows []plainRow
	for m := range tempMessages(d.b, path) {
		f := m.Media
		if f == nil {
			f = &store.StoredMedia{}
		}
		chat, sender := d.jid(m.ChatJID), d.jid(m.SenderJID)
		row := plainRow{key: d.key(m), terms: fmt.Sprintf("%s Λc%d Λs%d", store.Fold(m.Text), chat, sender)}
		if m.Media != nil {
			row.terms += " Λk" + m.Kind
		}
		row.columns = []any{
			row.key, chat, m.ID, sender, m.FromMe, m.Kind, textOrNull(m.Text), textOrNull(f.Mime), textOrNull(f.FileName), f.Size,
			textOrNull(f.DirectPath), f.MediaKey, f.FileSHA256, f.FileEncSHA256, f.DurationS, m.Payload,
		}
		rows = append(rows, row)
	}
	return rows
}

func textOrNull(text string) sql.NullString { return sql.NullString{String: text, Valid: text != ""} }

// tempMessages reads the messages of a baileys_temp.db in the order in which a merge takes them.
func tempMessages(b *testing.B, path string) func(func(store.StoredMessage) bool) {
	return func(yield func(store.StoredMessage) bool) {
		db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
		check(b, err)
		defer func() { check(b, db.Close()) }()
		found, err := db.QueryContext(context.Background(), `SELECT chat_jid, id, sender_jid, from_me, timestamp, kind, COALESCE(text, ''),
			media_mime IS NOT NULL, COALESCE(media_mime, ''), COALESCE(media_file_name, ''), COALESCE(media_size, 0),
			COALESCE(media_direct_path, ''), media_key, media_sha256, media_enc_sha256, COALESCE(media_duration_s, 0), payload
			FROM messages ORDER BY seq`)
		check(b, err)
		defer func() { check(b, found.Close()) }()
		for found.Next() {
			var m store.StoredMessage
			var f store.StoredMedia
			var media bool
			check(b, found.Scan(&m.ChatJID, &m.ID, &m.SenderJID, &m.FromMe, &m.Timestamp, &m.Kind, &m.Text, &media, &f.Mime,
				&f.FileName, &f.Size, &f.DirectPath, &f.MediaKey, &f.FileSHA256, &f.FileEncSHA256, &f.DurationS, &m.Payload))
			if media {
				m.Media = &f
			}
			if !yield(m) {
				return
			}
		}
		check(b, found.Err())
	}
}

func (d *driver) insert(rows []plainRow, size int) {
	message := d.prepare(`INSERT INTO message_rows (key, chat, id, sender, from_me, source, kind, text, mime, file_name, size,
		direct_path, media_key, file_sha256, file_enc_sha256, duration_s, payload)
		VALUES (?, ?, ?, ?, ?, 4, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
	words := d.prepare("INSERT INTO messages_fts (rowid, terms) VALUES (?, ?)")
	for part := range slices.Chunk(rows, size) {
		d.exec("BEGIN IMMEDIATE")
		slices.SortStableFunc(part, func(a, b plainRow) int { return cmp.Compare(a.key, b.key) })
		var fresh []plainRow
		for _, row := range part {
			result, err := message.ExecContext(context.Background(), row.columns...)
			check(d.b, err)
			added, err := result.RowsAffected()
			check(d.b, err)
			if added > 0 {
				fresh = append(fresh, row)
			}
		}
		for _, row := range fresh {
			_, err := words.ExecContext(context.Background(), row.key, row.terms)
			check(d.b, err)
		}
		d.exec("COMMIT")
	}
}

// liveEvery is the time between two live messages: 200 a second.
const liveEvery = 5 * time.Millisecond

// BenchmarkLiveBesideMerge stores live messages, each at its time whether or not those before it are done, while a merge
// runs, and reports how long they waited, how many of them are missing in the end, and the longest write-ahead log.
func BenchmarkLiveBesideMerge(b *testing.B) {
	from, second := benchFile(b, "BENCH_STORE"), benchFile(b, "BENCH_SECOND")
	dir := b.TempDir()
	copyFile(b, from, filepath.Join(dir, store.FileName))
	s := open(b, dir)
	merged := make(chan struct{})
	rows := 0
	start := time.Now()
	go func() {
		defer close(merged)
		batch := store.Batch{Source: "baileys", Origin: "beside live messages"}
		take := func() {
			if _, err := s.ApplyBatch(context.Background(), batch); err != nil {
				b.Error(err)
			}
			rows += len(batch.Messages)
			batch.FromSeq, batch.Messages = batch.ToSeq, nil
		}
		for m := range tempMessages(b, second) {
			batch.Messages = append(batch.Messages, m)
			batch.ToSeq++
			if len(batch.Messages) == 500 {
				take()
			}
		}
		take()
	}()
	var lock sync.Mutex
	var waits []time.Duration
	var saved sync.WaitGroup
	var longest int64
	live := newWorld(7)
	var said []store.StoredMessage
	due := start
	for running := true; running; {
		due = due.Add(liveEvery)
		select {
		case <-merged:
			running = false
		case <-time.After(time.Until(due)):
			m := live.message()
			said = append(said, m)
			at := due
			saved.Go(func() {
				if err := s.SaveMessage(context.Background(), m); err != nil {
					b.Error(err)
				}
				wait := time.Since(at)
				lock.Lock()
				defer lock.Unlock()
				waits = append(waits, wait)
			})
			if info, err := os.Stat(filepath.Join(dir, store.FileName+"-wal")); err == nil {
				longest = max(longest, info.Size())
			}
		}
	}
	seconds := time.Since(start).Seconds()
	saved.Wait()
	missing := 0
	for _, m := range said {
		if _, err := s.Message(context.Background(), m.ChatJID, m.ID); err != nil {
			missing++
		}
	}
	slices.Sort(waits)
	at := func(part float64) float64 {
		return float64(waits[int(part*float64(len(waits)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(float64(rows)/seconds, "rows/s")
	b.ReportMetric(float64(len(said))/seconds, "live/s")
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(at(0.999), "p99.9-ms")
	b.ReportMetric(at(1), "max-ms")
	b.ReportMetric(float64(missing), "missing")
	b.ReportMetric(float64(longest), "wal-bytes")
}

func copyFile(b *testing.B, from, to string) {
	b.Helper()
	source, err := os.Open(from)
	check(b, err)
	defer func() { check(b, source.Close()) }()
	target, err := os.Create(to)
	check(b, err)
	_, err = io.Copy(target, source)
	check(b, err)
	check(b, target.Close())
}
