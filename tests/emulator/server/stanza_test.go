package server

import (
	"errors"
	"testing"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/noise"
)

func FuzzAStanzaIsReadOrRefused(f *testing.F) {
	for _, node := range []binary.Node{
		{Tag: "iq", Attrs: binary.Attrs{"to": types.ServerJID, "id": "1", "type": "get", "xmlns": "w:p"}},
		{Tag: "message", Attrs: binary.Attrs{"to": types.NewJID("210000000000100", types.HiddenUserServer), "id": "3EB0"}, Content: []binary.Node{
			{Tag: "enc", Attrs: binary.Attrs{"v": "2", "type": "msg"}, Content: []byte{1, 2, 3}},
		}},
	} {
		raw, err := binary.Marshal(node)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte{2, 0x78, 0x9c})
	f.Add([]byte{0, 248, 1})
	f.Fuzz(func(t *testing.T, plain []byte) {
		node, err := parse(plain)
		if err != nil {
			if !errors.Is(err, noise.ErrProtocol) {
				t.Fatal(err)
			}
			return
		}
		keyOf(*node)
		receiptIDs(node)
		jidAttr(*node, "to")
	})
}

func TestAQueueGivesOutEachStanzaUntilItIsAcknowledged(t *testing.T) {
	q := newQueue()
	message := func(id string) binary.Node { return binary.Node{Tag: "message", Attrs: binary.Attrs{"id": id}} }
	receipt := func(kind string) binary.Node {
		return binary.Node{Tag: "receipt", Attrs: binary.Attrs{"id": "A", "type": kind, "from": types.ServerJID}}
	}
	q.add(message("A"))
	q.add(receipt(""))
	q.add(receipt("read"))
	q.add(message("B"))
	q.add(message("A"))
	if q.len() != 4 {
		t.Fatalf("%d wait, expected 4: what is asked for again takes its old place", q.len())
	}
	q.acknowledge(keyOf(message("A")))
	if q.len() != 4 {
		t.Error("what was asked for again went with the acknowledgement of what could not be read")
	}
	q.acknowledge(keyOf(message("A")))
	q.acknowledge(keyOf(receipt("read")))
	q.acknowledge(keyOf(message("nobody")))
	left := q.offline()
	if len(left) != 2 || left[0].Tag != "receipt" || attr(left[1], "id") != "B" || attr(left[1], "offline") != "0" {
		t.Errorf("%v", left)
	}
}
