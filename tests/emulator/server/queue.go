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

func newQueue() queue {
	return queue{order: list.New(), byKey: map[stanzaKey]*list.Element{}}
}

// add puts a stanza at the end. One with the same key takes the place of the old one: it was asked for again.
func (q *queue) add(node binary.Node) {
	key := keyOf(node)
	if old, ok := q.byKey[key]; ok {
		q.order.Remove(old)
	}
	q.byKey[key] = q.order.PushBack(node)
}

func (q *queue) acknowledge(key stanzaKey) {
	if element, ok := q.byKey[key]; ok {
		q.order.Remove(element)
		delete(q.byKey, key)
	}
}

func (q *queue) len() int {
	return q.order.Len()
}

// offline copies what waits, marked the way a server marks what it kept.
func (q *queue) offline() []binary.Node {
	nodes := make([]binary.Node, 0, q.order.Len())
	for element := q.order.Front(); element != nil; element = element.Next() {
		node, ok := element.Value.(binary.Node)
		if !ok {
			continue
		}
		node.Attrs = maps.Clone(node.Attrs)
		node.Attrs["offline"] = "0"
		nodes = append(nodes, node)
	}
	return nodes
}
