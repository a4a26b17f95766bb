package server

import (
	"container/list"
	"maps"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// stanzaKey is what an acknowledgement names. Messages are named by their ID alone, because the libraries acknowledge
// them by receipts that address the chat in their own way.
type stanzaKey struct {
	class       string
	id          string
	from        types.JID
	participant types.JID
	kind        string
}

func keyOf(node binary.Node) stanzaKey {
	key := stanzaKey{class: node.Tag, id: attr(node, "id")}
	if key.class != "message" {
		key.from, _ = node.Attrs["from"].(types.JID)
		key.participant, _ = node.Attrs["participant"].(types.JID)
		key.kind = attr(node, "type")
	}
	return key
}

// queue holds what a companion has not acknowledged yet, in order. It is what makes an offline queue: what was sent on
// a connection that broke is sent again on the next.
type queue struct {
	order *list.List
	byKey map[stanzaKey]*list.Element
}

type queued struct {
	node binary.Node
	// owed is how many acknowledgements are to come on this connection. Both libraries acknowledge a message that they
	// could not decrypt too, right after they have asked for it again.
	owed int
}

func newQueue() queue {
	return queue{order: list.New(), byKey: map[stanzaKey]*list.Element{}}
}

// add puts a stanza at the end. One with the same key takes the place of the old one: it was asked for again.
func (q *queue) add(node binary.Node) {
	key, owed := keyOf(node), 1
	if old, ok := q.byKey[key]; ok {
		owed += entry(old).owed
		q.order.Remove(old)
	}
	q.byKey[key] = q.order.PushBack(&queued{node: node, owed: owed})
}

func (q *queue) acknowledge(key stanzaKey) {
	element, ok := q.byKey[key]
	if !ok {
		return
	}
	waiting := entry(element)
	waiting.owed--
	if waiting.owed <= 0 {
		q.order.Remove(element)
		delete(q.byKey, key)
	}
}

func (q *queue) len() int {
	return q.order.Len()
}

// offline copies what waits, marked the way a server marks what it kept, for a new connection.
func (q *queue) offline() []binary.Node {
	nodes := make([]binary.Node, 0, q.order.Len())
	for element := q.order.Front(); element != nil; element = element.Next() {
		waiting := entry(element)
		waiting.owed = 1
		node := waiting.node
		node.Attrs = maps.Clone(node.Attrs)
		node.Attrs["offline"] = "0"
		nodes = append(nodes, node)
	}
	return nodes
}

// entry is what an element of the queue's own list holds.
func entry(element *list.Element) *queued {
	waiting, ok := element.Value.(*queued)
	if !ok {
		return &queued{}
	}
	return waiting
}
