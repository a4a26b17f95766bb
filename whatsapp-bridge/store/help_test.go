package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// The people and chats of the tests.
const (
	own      = "15550199@s.whatsapp.net"
	ownLID   = "990199@lid"
	ada      = "15550100@s.whatsapp.net"
	adaLID   = "990100@lid"
	bob      = "15550101@s.whatsapp.net"
	bobLID   = "990101@lid"
	group    = "120363000000000001@g.us"
	roof     = "120363000000000009@g.us"
	firstDay = int64(1_750_000_000)
)

func newStore(t *testing.T) *store.Store {
	t.Helper()
	return open(t, t.TempDir())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code fault.Code) *fault.Error {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	return fault.From(err)
}

func said(chat, sender, id, text string, at int64) store.StoredMessage {
	return store.StoredMessage{
		ChatJID: chat, SenderJID: sender, ID: id, Text: text, Timestamp: firstDay + at, Kind: store.KindText, FromMe: sender == own,
	}
}

func save(t *testing.T, s *store.Store, messages ...store.StoredMessage) {
	t.Helper()
	for _, m := range messages {
		must(t, s.SaveMessage(context.Background(), m))
	}
}

func list(t *testing.T, s *store.Store, query store.MessageQuery) store.MessagePage {
	t.Helper()
	page, err := s.ListMessages(context.Background(), query)
	must(t, err)
	return page
}

func idsOf(page store.MessagePage) string {
	ids := make([]string, len(page.Messages))
	for i, m := range page.Messages {
		ids[i] = m.ID
	}
	return strings.Join(ids, " ")
}

func idsIn(messages []store.Message) string {
	ids := make([]string, len(messages))
	for i, m := range messages {
		ids[i] = m.ID
	}
	return strings.Join(ids, " ")
}

func want(t *testing.T, what, got, wanted string) {
	t.Helper()
	if got != wanted {
		t.Errorf("%s: got %q, want %q", what, got, wanted)
	}
}

func chatOf(t *testing.T, s *store.Store, jid string) store.Chat {
	t.Helper()
	chat, err := s.Chat(context.Background(), jid)
	must(t, err)
	return chat
}

// dump writes everything that a store knows, in an order that does not depend on how it came to know it.
func dump(t *testing.T, dir string) string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	must(t, err)
	defer func() { must(t, db.Close()) }()
	var out strings.Builder
	for _, query := range []string{
		`SELECT 'message', chat_jid, id, sender_jid, from_me, timestamp, kind, text, hex(payload), quoted_id, quoted_sender_jid,
			forwarded, edited_at, revoked_at, starred, mime, file_name, size, hex(media_key), source, read_at, unread
			FROM messages ORDER BY chat_jid, id`,
		`SELECT 'chat', jid, kind, name, unread_count, last_message_at, last_read_at, archived FROM chats ORDER BY jid`,
		`SELECT 'contact', jid, full_name, push_name, folded FROM contacts ORDER BY jid`,
		`SELECT 'reaction', chat_jid, message_id, sender_jid, emoji, timestamp FROM reactions ORDER BY 2, 3, 4`,
		`SELECT 'edit', chat_jid, message_id, edited_at, text FROM message_edits ORDER BY 2, 3, 4, 5`,
		`SELECT DISTINCT 'author', COALESCE(a.canonical, s.jid), c.jid FROM authors w JOIN jids s ON s.key = w.sender
			JOIN jids c ON c.key = w.group_key LEFT JOIN jid_aliases a ON a.alias = s.jid ORDER BY 2, 3`,
		`SELECT 'alias', alias, canonical FROM jid_aliases ORDER BY 2`,
		`SELECT 'checkpoint', chat_jid, oldest_id, oldest_timestamp, messages_synced, exhausted FROM sync_checkpoints ORDER BY 2`,
		`SELECT DISTINCT 'pending', COALESCE(ca.canonical, c.jid), p.message_id, p.kind, p.at FROM pending p JOIN jids c ON c.key = p.chat
			LEFT JOIN jid_aliases ca ON ca.alias = c.jid ORDER BY 2, 3, 4`,
		`SELECT 'receipt', c.jid, r.message_id, COALESCE(a.canonical, j.jid), MIN(r.delivered_at), MIN(r.read_at) FROM receipts r
			JOIN jids c ON c.key = r.chat JOIN jids j ON j.key = r.reader LEFT JOIN jid_aliases a ON a.alias = j.jid
			GROUP BY 2, 3, 4 ORDER BY 2, 3, 4`,
		`SELECT 'found', c.jid, m.id FROM messages_fts f JOIN message_rows m ON m.key = f.rowid JOIN jids c ON c.key = m.chat
			WHERE messages_fts MATCH 'lantern OR lake' ORDER BY 2, 3`,
		`SELECT 'indexed', (SELECT COUNT(*) FROM messages_fts WHERE messages_fts MATCH '"Λc" *'), (SELECT COUNT(*) FROM message_rows)`,
	} {
		writeRows(t, db, query, &out)
	}
	lines := slices.Sorted(strings.Lines(out.String()))
	return strings.Join(lines, "")
}

func writeRows(t *testing.T, db *sql.DB, query string, out *strings.Builder) {
	t.Helper()
	rows, err := db.Query(query)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	columns, err := rows.Columns()
	must(t, err)
	for rows.Next() {
		texts := make([]sql.NullString, len(columns))
		targets := make([]any, len(columns))
		for i := range texts {
			targets[i] = &texts[i]
		}
		must(t, rows.Scan(targets...))
		for _, text := range texts {
			if text.Valid {
				fmt.Fprintf(out, "%s|", text.String)
			} else {
				out.WriteString("-|")
			}
		}
		out.WriteByte('\n')
	}
	must(t, rows.Err())
}
