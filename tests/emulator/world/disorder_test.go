package world

import (
	"cmp"
	"slices"
	"testing"
)

func TestAPushInDisorderIsTheTruthInChunksOfEverySizeSomeTwiceTheMappingsLast(t *testing.T) {
	w, err := Generate(12, 3000, 5, atNoon)
	if err != nil {
		t.Fatal(err)
	}
	push := w.PlanPush(PushOptions{Disorder: 3, PerChunk: 100})
	found, sizes := gathered{}, map[int]bool{}
	type name struct {
		kind  HistoryKind
		order uint32
	}
	var order []name
	for i := range push.Len() {
		h := push.Chunk(i)
		found.add(t, w, h)
		sizes[messagesIn(h)] = true
		order = append(order, name{h.GetSyncType(), h.GetChunkOrder()})
		if told := len(h.GetPhoneNumberToLidMappings()) > 0; told != (i == push.Len()-1) {
			t.Fatalf("chunk %d of %d tells mappings: %v", i, push.Len(), told)
		}
		for _, conv := range h.GetConversations() {
			if conv.GetPnJID() != "" {
				t.Fatalf("a chat tells its number %s", conv.GetPnJID())
			}
		}
	}
	for _, chat := range w.Chats() {
		found.expect(t, w, chat.JID, -1)
	}
	distinct := map[name]bool{}
	for _, n := range order {
		distinct[n] = true
	}
	if len(distinct) == len(order) {
		t.Error("no chunk came twice")
	}
	if len(sizes) < 20 || !sizes[1] {
		t.Errorf("chunks of %d sizes", len(sizes))
	}
	if slices.IsSortedFunc(order, func(a, b name) int { return cmp.Compare(a.order, b.order) }) {
		t.Error("the chunks came in order")
	}
	again := w.PlanPush(PushOptions{Disorder: 3, PerChunk: 100})
	if again.Len() != push.Len() || again.Chunk(7).String() != push.Chunk(7).String() {
		t.Error("the same seed makes another push")
	}
}
