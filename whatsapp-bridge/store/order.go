package store

import (
	"cmp"
	"slices"
)

// place is where a message stands: its key, whose upper part is its second, and its id. The order of messages is
// (timestamp, id); rows of one second lie together, in the order in which they came, and are sorted here.
type place struct {
	key int64
	id  string
}

// edge is a place to go on behind: only messages after it, in the direction of the walk, are given. The zero edge is
// none.
type edge struct {
	timestamp int64
	id        string
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(secondOf(a.key), secondOf(b.key)), cmp.Compare(a.id, b.id))
}

// passes tells whether a place lies behind the edge.
func (e edge) passes(p place, newestFirst bool) bool {
	if e == (edge{}) || secondOf(p.key) != e.timestamp {
		return true
	}
	if newestFirst {
		return p.id < e.id
	}
	return p.id > e.id
}

// inOrder takes places that come sorted by key (newest first or oldest first) and gives the first limit of them behind
// the edge, sorted by second and id, after skipping some. It reads one second further than it gives, and no more.
func inOrder(newestFirst bool, skip, limit int, from edge, each func(yield func(place) error) error) ([]place, error) {
	var out, second []place
	flush := func() {
		slices.SortFunc(second, func(a, b place) int {
			if newestFirst {
				return comparePlaces(b, a)
			}
			return comparePlaces(a, b)
		})
		skipped := min(skip, len(second))
		skip -= skipped
		out = append(out, second[skipped:]...)
		second = second[:0]
	}
	err := each(func(p place) error {
		if len(second) > 0 && secondOf(second[0].key) != secondOf(p.key) {
			flush()
		}
		if len(out) >= limit {
			return errEnough
		}
		if from.passes(p, newestFirst) {
			second = append(second, p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	flush()
	return out[:min(len(out), limit)], nil
}

// eachPlace yields the (key, id) rows of a query.
func (q *question) eachPlace(query string, args []value, yield func(place) error) error {
	return q.each(query, args, func(row scanner) error {
		var p place
		if err := row.Scan(&p.key, &p.id); err != nil {
			return err
		}
		return yield(p)
	})
}

// bounds are the keys between which a walk from an edge goes.
func (e edge) bounds(newestFirst bool) (lowest, highest int64) {
	lowest, highest = 0, firstKey(maxTimestamp)
	if e == (edge{}) {
		return lowest, highest
	}
	if newestFirst {
		return lowest, firstKey(e.timestamp + 1)
	}
	return firstKey(e.timestamp), highest
}

// maxTimestamp is behind every message.
const maxTimestamp = 1 << 40

// walkChat gives the places of a chat from an edge on.
func (q *question) walkChat(chat int64, from edge, newestFirst bool, limit int) ([]place, error) {
	direction := ""
	if newestFirst {
		direction = " DESC"
	}
	lowest, highest := from.bounds(newestFirst)
	return inOrder(newestFirst, 0, limit, from, func(yield func(place) error) error {
		return q.eachPlace("SELECT key, id FROM message_rows INDEXED BY message_rows_chat WHERE chat = ? AND key >= ? AND key < ? ORDER BY key"+
			direction, []value{chat, lowest, highest}, yield)
	})
}
