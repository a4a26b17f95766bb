package store

import (
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strconv"
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
		if err := t.run("INSERT INTO messages_fts (rowid, text, keys) VALUES (?, ?, ?)", key, row.words(), row.keys()); err != nil {
			return err
		}
	}
	return nil
}

// words is what is found of the message: its text and the name of its file.
func (r indexRow) words() string {
	if r.fileName == "" {
		return Fold(r.text)
	}
	return Fold(r.text + "\n" + r.fileName)
}

// keys are the terms by which questions filter.
func (r indexRow) keys() string {
	keys := "c" + strconv.FormatInt(r.chat, 10) + " s" + strconv.FormatInt(r.sender, 10)
	if isMedia(r.kind) {
		keys += " k" + r.kind
	}
	return keys
}
