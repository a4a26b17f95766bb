package store

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// plan is a question in the terms of the index: either a walk of the rows, or an FTS question whose hits come in the
// order of time, because the row number is the time.
type plan struct {
	chat            int64
	match, unmatch  string
	lowest, highest int64 // keys, the second exclusive
	rows            bool  // the chat is told from the rows of the hits, not by the index
	nothing         bool
}

// fewHits are looked up one by one sooner than the index brings them together with a big chat.
const fewHits = 256

func (q *question) plan(query MessageQuery, words wanted) (plan, error) {
	p := plan{lowest: 0, highest: firstKey(maxTimestamp)}
	if query.After > 0 {
		p.lowest = firstKey(min(int64(query.After), maxTimestamp))
	}
	if query.Before > 0 {
		p.highest = firstKey(min(int64(query.Before), maxTimestamp))
	}
	var keys []string
	if query.Chat != "" {
		found, err := q.resolveKnown(query.Chat)
		if err != nil {
			return p, err
		}
		numbers, err := q.keysOf(found.JID)
		if err != nil {
			return p, err
		}
		if len(numbers) == 0 {
			return plan{nothing: true}, nil
		}
		p.chat = numbers[0]
		if p.rows, err = q.isRare(words); err != nil {
			return p, err
		}
		if !p.rows {
			keys = append(keys, `"`+chatTerm(p.chat)+`"`)
		}
	}
	if query.Sender != "" {
		found, err := q.author(query.Sender)
		if err != nil {
			return p, err
		}
		numbers, err := q.keysOf(found.JID)
		if err != nil {
			return p, err
		}
		if len(numbers) == 0 {
			return plan{nothing: true}, nil
		}
		keys = append(keys, sentBy(numbers))
	}
	if query.MediaType != "" {
		kinds := make([]string, len(mediaKinds[query.MediaType]))
		for i, kind := range mediaKinds[query.MediaType] {
			kinds[i] = `"` + kindTerm(kind) + `"`
		}
		keys = append(keys, "("+strings.Join(kinds, " OR ")+")")
	}
	text := words.match()
	if text == "" && len(words.without) > 0 {
		p.unmatch = anyOf(words.without)
	}
	if text != "" || query.Sender != "" || query.MediaType != "" {
		var parts []string
		if text != "" {
			parts = append(parts, "("+text+")")
		}
		p.match = strings.Join(append(parts, keys...), " AND ")
	}
	return p, nil
}

// isRare tells whether a single word stands in few messages of all chats.
func (q *question) isRare(words wanted) (bool, error) {
	if !words.isWord() {
		return false, nil
	}
	var hits int
	err := q.row("SELECT COUNT(*) FROM (SELECT 1 FROM messages_fts f WHERE messages_fts MATCH ? LIMIT ?)",
		words.match(), fewHits+1).Scan(&hits)
	return hits <= fewHits, err
}

// sentBy is the terms of the index that stand for any of the numbers as sender.
func sentBy(numbers []int64) string {
	senders := make([]string, len(numbers))
	for i, number := range numbers {
		senders[i] = `"` + senderTerm(number) + `"`
	}
	return "(" + strings.Join(senders, " OR ") + ")"
}

// places walks the plan in the order of time.
func (q *question) places(p plan, newestFirst bool, skip, limit int, from edge) ([]place, error) {
	lowest, highest := from.bounds(newestFirst)
	lowest, highest = max(lowest, p.lowest), min(highest, p.highest)
	query, args := p.walk()
	args = append(args, lowest, highest)
	if newestFirst {
		query += " DESC"
	}
	return inOrder(newestFirst, skip, limit, from, func(yield func(place) error) error {
		return q.eachPlace(query, args, yield)
	})
}

func (p plan) walk() (string, []value) {
	var args []value
	if p.match != "" {
		return p.hits("f.rowid, m.id")
	}
	query := "SELECT key, id FROM message_rows NOT INDEXED WHERE "
	if p.chat != 0 {
		query = "SELECT key, id FROM message_rows INDEXED BY message_rows_chat WHERE chat = ? AND "
		args = append(args, p.chat)
	}
	if p.unmatch != "" {
		query += "key NOT IN (SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?) AND "
		args = append(args, p.unmatch)
	}
	return query + "key >= ? AND key < ? ORDER BY key", args
}

// hits is the walk of the index, with the columns that are asked for.
func (p plan) hits(columns string) (string, []value) {
	query := "SELECT " + columns + ` FROM messages_fts f CROSS JOIN message_rows m ON m.key = f.rowid
		WHERE messages_fts MATCH ?`
	args := []value{p.match}
	if p.unmatch != "" {
		query += " AND f.rowid NOT IN (SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?)"
		args = append(args, p.unmatch)
	}
	if p.rows {
		query += " AND m.chat = ?"
		args = append(args, p.chat)
	}
	return query + " AND f.rowid >= ? AND f.rowid < ? ORDER BY f.rowid", args
}

// ranked orders the newest hits by how well they fit.
func (q *question) ranked(p plan, skip, limit int) ([]place, string, error) {
	if p.match == "" {
		places, err := q.places(p, true, skip, limit, edge{})
		return places, "", err
	}
	type hit struct {
		place
		score float64
	}
	var hits []hit
	query, args := p.hits("f.rowid, m.id, bm25(messages_fts)")
	err := q.each(query+" DESC LIMIT ?", append(args, p.lowest, p.highest, ranked+1), func(row scanner) error {
		var h hit
		err := row.Scan(&h.key, &h.id, &h.score)
		hits = append(hits, h)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	note := ""
	if len(hits) > ranked {
		hits = hits[:ranked]
		note = fmt.Sprintf("More than %d messages fit; the newest of them were ranked.", ranked)
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.score, b.score), comparePlaces(b.place, a.place))
	})
	hits = hits[min(skip, len(hits)):]
	places := make([]place, 0, limit)
	for _, h := range hits[:min(limit, len(hits))] {
		places = append(places, h.place)
	}
	return places, note, nil
}

// author resolves whose messages are meant. "me" is the account itself, whoever else is called so.
func (q *question) author(text string) (Address, error) {
	if Fold(text) != "me" {
		return q.resolveKnown(text)
	}
	own := Address{Known: true}
	err := q.row("SELECT value FROM meta WHERE name = 'own'").Scan(&own.JID)
	if errors.Is(err, sql.ErrNoRows) {
		return Address{}, unknown("the account itself: this bridge was never linked")
	}
	return own, err
}
