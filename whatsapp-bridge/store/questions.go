package store

import (
	"context"
	"fmt"
	"slices"

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

// hits loads the messages of a page with their neighbours.
func (q *question) hits(places []place, query MessageQuery, words wanted) ([]MessageHit, error) {
	keys := make([]int64, len(places))
	for i, p := range places {
		keys[i] = p.key
	}
	near, err := q.neighbours(keys, query.ContextBefore, query.ContextAfter)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		keys = near[p.key].addTo(keys)
	}
	slices.Sort(keys)
	loaded, err := q.messages(slices.Compact(keys), query.IncludeMedia)
	if err != nil {
		return nil, err
	}
	hits := make([]MessageHit, len(places))
	for i, p := range places {
		around := near[p.key]
		hits[i] = MessageHit{
			Message: loaded[p.key], ContextBefore: pick(loaded, around.before), ContextAfter: pick(loaded, around.after),
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
