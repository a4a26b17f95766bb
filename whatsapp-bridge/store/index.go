package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"modernc.org/sqlite"
)

// indexRow is a message as the search index takes it. Stale marks one that is in the index already and has changed
// since: it is loaded again when the index is written.
type indexRow struct {
	chat, sender         int64
	kind, text, fileName string
	known, stale         bool
}

// index has a new message indexed at the end of the transaction. FTS5 gathers rows in memory and writes them as one
// segment, but it writes at once what it has as soon as another statement opens a savepoint, or a row comes out of
// order; so all its rows are written together, sorted.
func (t *tx) index(key int64, row indexRow) { t.indexed[key] = row }

// reindex has a message that changed, or is gone, indexed again.
func (t *tx) reindex(key int64) {
	row, fresh := t.indexed[key]
	t.indexed[key] = indexRow{known: row.known || !fresh, stale: true}
}

func (t *tx) writeIndex() error {
	for _, key := range slices.Sorted(maps.Keys(t.indexed)) {
		row := t.indexed[key]
		if row.stale {
			m, err := t.load(key)
			if errors.Is(err, sql.ErrNoRows) {
				m, err = nil, nil
			}
			if err != nil {
				return err
			}
			if row.known {
				if err := t.run("DELETE FROM messages_fts WHERE rowid = ?", key); err != nil {
					return err
				}
			}
			if m == nil {
				continue
			}
			row = indexRow{chat: m.chat, sender: m.sender, kind: m.kind, text: m.text, fileName: m.fileName}
		}
		if err := t.run("INSERT INTO messages_fts (rowid, terms) VALUES (?, ?)", key, row.terms()); err != nil {
			return err
		}
	}
	return nil
}

// filterMark begins the terms that questions filter by. It is a capital letter, which no folded text holds, so that
// nobody can write a message that says it belongs to another chat.
const filterMark = "Λ"

func chatTerm(number int64) string   { return filterMark + "c" + strconv.FormatInt(number, 10) }
func senderTerm(number int64) string { return filterMark + "s" + strconv.FormatInt(number, 10) }
func kindTerm(kind string) string    { return filterMark + "k" + kind }

// terms is by what the message is found: the words of its text and of the name of its file, then its chat, its sender
// and its kind of media.
func (r indexRow) terms() string {
	text := r.text
	if r.fileName != "" {
		text += "\n" + r.fileName
	}
	terms := []string{Fold(text), chatTerm(r.chat), senderTerm(r.sender)}
	if isMedia(r.kind) {
		terms = append(terms, kindTerm(r.kind))
	}
	return strings.Join(terms, " ")
}

// The function search_terms gives the terms of a row to upgrades that write the search index anew.
func init() {
	sqlite.MustRegisterDeterministicScalarFunction("search_terms", 5,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			var row indexRow
			var ok [3]bool
			row.chat, ok[0] = args[0].(int64)
			row.sender, ok[1] = args[1].(int64)
			row.kind, ok[2] = args[2].(string)
			if ok != [3]bool{true, true, true} {
				return nil, errors.New("search_terms takes the chat, sender, kind, text and file_name of a row")
			}
			row.text, _ = args[3].(string) // NULL is no text
			row.fileName, _ = args[4].(string)
			return row.terms(), nil
		})
}
