package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// Sorts of messages.
const (
	SortNewest    = "newest"
	SortOldest    = "oldest"
	SortRelevance = "relevance"
)

// mediaKinds are the kinds that each media type of a question means.
var mediaKinds = map[string][]string{
	"image": {KindImage}, "video": {KindVideo}, "audio": {KindAudio, KindVoice}, "document": {KindDocument},
	"sticker": {KindSticker},
}

const (
	maxNeighbours = 20
	maxContext    = 50
	ranked        = 2000 // hits that are ranked by relevance, the newest
)

// ListMessages lists or searches messages: of a chat, of a sender, with words, in a span of time, with a kind of media,
// in any combination. Equally fast at any depth with the cursor.
//
// Errors: INVALID_ARGUMENT, CHAT_NOT_FOUND, AMBIGUOUS_RECIPIENT, INVALID_JID, INVALID_PHONE_FORMAT.
func (s *Store) ListMessages(ctx context.Context, query MessageQuery) (page MessagePage, err error) {
	cursor, err := checkMessageQuery(&query)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(q *question) error {
		page, err = q.listMessages(query, cursor)
		return err
	})
	return page, err
}

func checkMessageQuery(query *MessageQuery) (c cursor, err error) {
	if query.Limit, err = checkLimit(query.Limit, query.Page, query.Offset); err != nil {
		return c, err
	}
	switch query.Sort {
	case "":
		query.Sort = SortNewest
	case SortNewest, SortOldest:
	case SortRelevance:
		if query.Query == "" {
			return c, fault.Argument("sort", "relevance needs words to find")
		}
	default:
		return c, fault.Argument("sort", "is newest, oldest or relevance")
	}
	if query.MediaType != "" && mediaKinds[query.MediaType] == nil {
		return c, fault.Argument("media_type", "is image, video, audio, document or sticker")
	}
	if query.ContextBefore < 0 || query.ContextBefore > maxNeighbours {
		return c, fault.Argument("context_before", fmt.Sprintf("is 0 to %d", maxNeighbours))
	}
	if query.ContextAfter < 0 || query.ContextAfter > maxNeighbours {
		return c, fault.Argument("context_after", fmt.Sprintf("is 0 to %d", maxNeighbours))
	}
	return openCursor(query.Cursor, "messages", query.Sort)
}

// plan is a question in the terms of the index: either a walk of the rows, or an FTS question whose hits come in the
// order of time, because the row number is the time.
type plan struct {
	chat            int64
	match, unmatch  string
	lowest, highest int64 // keys, the second exclusive
	nothing         bool
}

func (q *question) listMessages(query MessageQuery, c cursor) (MessagePage, error) {
	page := MessagePage{Messages: []MessageHit{}}
	words := parseQuery(query.Query)
	if query.Query != "" && words.empty() {
		page.Note = "The query holds no word to find."
		return page, nil
	}
	p, err := q.plan(query, words)
	if err != nil || p.nothing {
		return page, err
	}
	skip := query.Offset + query.Page*query.Limit
	var places []place
	if query.Sort == SortRelevance {
		skip += int(c.Number)
		places, page.Note, err = q.ranked(p, skip, query.Limit+1)
	} else {
		places, err = q.places(p, query.Sort == SortNewest, skip, query.Limit+1, edge{c.Number, c.ID})
	}
	if err != nil {
		return page, err
	}
	if len(places) > query.Limit {
		places = places[:query.Limit]
		page.NextCursor = nextMessages(query.Sort, places[query.Limit-1], skip+query.Limit)
	}
	page.Messages, err = q.hits(places, query, words)
	return page, err
}

func nextMessages(sort string, last place, passed int) string {
	if sort == SortRelevance {
		return sealCursor(cursorData{List: "messages", Sort: sort, Number: int64(passed)})
	}
	return sealCursor(cursorData{List: "messages", Sort: sort, Number: secondOf(last.key), ID: last.id})
}

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
		keys = append(keys, `"c`+strconv.FormatInt(p.chat, 10)+`"`)
	}
	if query.Sender != "" {
		found, err := q.resolveKnown(query.Sender)
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
		senders := make([]string, len(numbers))
		for i, number := range numbers {
			senders[i] = `"s` + strconv.FormatInt(number, 10) + `"`
		}
		keys = append(keys, "("+strings.Join(senders, " OR ")+")")
	}
	if query.MediaType != "" {
		kinds := make([]string, len(mediaKinds[query.MediaType]))
		for i, kind := range mediaKinds[query.MediaType] {
			kinds[i] = `"k` + kind + `"`
		}
		keys = append(keys, "("+strings.Join(kinds, " OR ")+")")
	}
	text := words.match()
	if text != "" {
		text = "{text} : (" + text + ")"
	} else if len(words.without) > 0 {
		p.unmatch = "{text} : " + anyOf(words.without)
	}
	if text != "" || query.Sender != "" || query.MediaType != "" {
		var parts []string
		if text != "" {
			parts = append(parts, text)
		}
		if len(keys) > 0 {
			parts = append(parts, "{keys} : ("+strings.Join(keys, " AND ")+")")
		}
		p.match = strings.Join(parts, " AND ")
	}
	return p, nil
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
		args = append(args, p.match)
		query := `SELECT f.rowid, m.id FROM messages_fts f CROSS JOIN message_rows m ON m.key = f.rowid
			WHERE messages_fts MATCH ?`
		if p.unmatch != "" {
			query += " AND f.rowid NOT IN (SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?)"
			args = append(args, p.unmatch)
		}
		return query + " AND f.rowid >= ? AND f.rowid < ? ORDER BY f.rowid", args
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
	err := q.each(`SELECT f.rowid, m.id, bm25(messages_fts, 1.0, 0.0) FROM messages_fts f
		CROSS JOIN message_rows m ON m.key = f.rowid
		WHERE messages_fts MATCH ? AND f.rowid >= ? AND f.rowid < ? ORDER BY f.rowid DESC LIMIT ?`,
		[]value{p.match, p.lowest, p.highest, ranked + 1}, func(row scanner) error {
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

// hits loads the messages of a page with their neighbours.
func (q *question) hits(places []place, query MessageQuery, words wanted) ([]MessageHit, error) {
	before := make([][]place, len(places))
	after := make([][]place, len(places))
	var keys []int64
	for i, p := range places {
		keys = append(keys, p.key)
		if query.ContextBefore == 0 && query.ContextAfter == 0 {
			continue
		}
		var err error
		if before[i], after[i], err = q.neighbours(p, query.ContextBefore, query.ContextAfter); err != nil {
			return nil, err
		}
		for _, neighbour := range slices.Concat(before[i], after[i]) {
			keys = append(keys, neighbour.key)
		}
	}
	slices.Sort(keys)
	loaded, err := q.messages(slices.Compact(keys), query.IncludeMedia)
	if err != nil {
		return nil, err
	}
	hits := make([]MessageHit, len(places))
	for i, p := range places {
		hits[i] = MessageHit{
			Message: loaded[p.key], ContextBefore: pick(loaded, before[i]), ContextAfter: pick(loaded, after[i]),
		}
		if query.Query != "" {
			hits[i].Snippet = snippet(hits[i].Text, words)
		}
	}
	return hits, nil
}

func pick(loaded map[int64]Message, places []place) []Message {
	picked := make([]Message, len(places))
	for i, p := range places {
		picked[i] = loaded[p.key]
	}
	return picked
}

// neighbours gives the places around one in its own chat, each side oldest first.
func (q *question) neighbours(p place, before, after int) (earlier, later []place, err error) {
	var chat int64
	if err := q.row("SELECT chat FROM message_rows WHERE key = ?", p.key).Scan(&chat); err != nil {
		return nil, nil, err
	}
	from := edge{secondOf(p.key), p.id}
	if before > 0 {
		if earlier, err = q.walkChat(chat, from, true, before); err != nil {
			return nil, nil, err
		}
		slices.Reverse(earlier)
	}
	if after > 0 {
		if later, err = q.walkChat(chat, from, false, after); err != nil {
			return nil, nil, err
		}
	}
	return earlier, later, nil
}

// Context gives a message between its neighbours in its own chat, also those of the same second. chat is what the user
// typed, or "" when the id alone shall do.
//
// Errors: MESSAGE_NOT_FOUND; AMBIGUOUS_MESSAGE with the chats for an id that stands in several; those of ResolveChat.
func (s *Store) Context(ctx context.Context, chat, id string, before, after int) (found MessageContext, err error) {
	for name, n := range map[string]int{"before": before, "after": after} {
		if n < 0 || n > maxContext {
			return found, fault.Argument(name, fmt.Sprintf("is 0 to %d", maxContext))
		}
	}
	err = s.read(ctx, func(q *question) error {
		p, err := q.placeOf(chat, id)
		if err != nil {
			return err
		}
		earlier, later, err := q.neighbours(p, before, after)
		if err != nil {
			return err
		}
		keys := []int64{p.key}
		for _, neighbour := range slices.Concat(earlier, later) {
			keys = append(keys, neighbour.key)
		}
		loaded, err := q.messages(keys, true)
		if err != nil {
			return err
		}
		found = MessageContext{Message: loaded[p.key], Before: pick(loaded, earlier), After: pick(loaded, later)}
		return nil
	})
	return found, err
}

func (q *question) placeOf(chat, id string) (place, error) {
	missing := fault.New(fault.MessageNotFound, "no message has the id "+cut(id, maxIDLength))
	if chat != "" {
		found, err := q.resolveKnown(chat)
		if err != nil {
			return place{}, err
		}
		keys, err := q.keysOf(found.JID)
		if err != nil || len(keys) == 0 {
			return place{}, cmp.Or[error](err, missing)
		}
		p := place{id: id}
		err = q.row("SELECT key FROM message_rows WHERE chat = ? AND id = ?", keys[0], id).Scan(&p.key)
		if errors.Is(err, sql.ErrNoRows) {
			err = missing
		}
		return p, err
	}
	var keys []int64
	var candidates []fault.Candidate
	err := q.each(`SELECT m.key, ch.jid FROM chats ch CROSS JOIN jids j ON j.jid = ch.jid
		CROSS JOIN message_rows m ON m.chat = j.key AND m.id = ? ORDER BY ch.jid`, []value{id}, func(row scanner) error {
		var key int64
		var c fault.Candidate
		err := row.Scan(&key, &c.JID)
		keys = append(keys, key)
		candidates = append(candidates, c)
		return err
	})
	if err != nil {
		return place{}, err
	}
	switch len(keys) {
	case 0:
		return place{}, missing
	case 1:
		return place{keys[0], id}, nil
	}
	for i := range candidates {
		if candidates[i].Name, err = q.name(candidates[i].JID); err != nil {
			return place{}, err
		}
	}
	return place{}, fault.New(fault.AmbiguousMessage, "").WithDetails(fault.Details{Chats: candidates})
}
