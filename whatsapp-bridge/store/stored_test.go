package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func TestAMessageIsFoundByItsIDAlone(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	save(t, s, said(ada, ada, "M1", "one", 0), said(group, bob, "M1", "other", 1), said(group, bob, "M2", "two", 2))
	found, err := s.MessageByID(ctx, "", "M2")
	must(t, err)
	want(t, "chat", found.ChatJID, group)
	_, err = s.MessageByID(ctx, "", "M1")
	if made := wantCode(t, err, fault.AmbiguousMessage); len(made.Details.Chats) != 2 {
		t.Errorf("%+v", made.Details)
	}
	found, err = s.MessageByID(ctx, "+1 555 0100", "M1")
	must(t, err)
	want(t, "text", found.Text, "one")
	_, err = s.MessageByID(ctx, ada, "M2")
	wantCode(t, err, fault.MessageNotFound)
	_, err = s.MessageByID(ctx, "", "M3")
	wantCode(t, err, fault.MessageNotFound)
	several, unknown, err := s.Messages(ctx, group, []string{"M3", "M2", "M1"})
	must(t, err)
	if len(several) != 2 || several[0].ID != "M2" || several[1].Text != "other" || len(unknown) != 1 || unknown[0] != "M3" {
		t.Errorf("%+v, %v", several, unknown)
	}
}

// The index of ids holds their ends alone.
func TestMessagesWhoseIDsEndAlikeAreNeverTakenForEachOther(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	ids := []string{"3A0000000000ABCDE", "3B0000000000ABCDE", "ABCDE", "E", "abcde"}
	messages := make([]store.StoredMessage, len(ids))
	for i, id := range ids {
		messages[i] = said(ada, ada, id, id, int64(i))
	}
	save(t, s, messages[:2]...)
	apply(t, s, batchOf(0, 9, slices.Concat(messages, messages)...))
	save(t, s, messages...)
	want(t, "all", fmt.Sprint(len(list(t, s, store.MessageQuery{Chat: ada}).Messages)), fmt.Sprint(len(ids)))
	for _, id := range ids {
		found, err := s.Message(ctx, ada, id)
		must(t, err)
		want(t, "text", found.Text, id)
	}
	_, err := s.Message(ctx, ada, "0ABCDE")
	wantCode(t, err, fault.MessageNotFound)
}
