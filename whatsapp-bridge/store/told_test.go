package store_test

import (
	"context"
	"strings"
	"testing"
)

func TestAReceiptIsToldOnceUntilItsMessageIsRead(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	save(t, s, said(ada, ada, "M1", "one", 1), said(ada, ada, "M2", "two", 2), said(ada, ada, "M3", "three", 3))
	tell := func(wanted string, ids ...string) {
		t.Helper()
		fresh, err := s.TellRead(ctx, ada, ids, firstDay+9)
		must(t, err)
		want(t, "to tell", strings.Join(fresh, " "), wanted)
	}
	tell("M1 M2", "M1", "M2")
	// A call that was cut off is made again.
	tell("M3", "M1", "M2", "M3")
	must(t, s.UntellRead(ctx, ada, []string{"M3"}))
	tell("M3", "M3")
	if unread := chatOf(t, s, ada).UnreadCount; unread != 3 {
		t.Errorf("%d unread: telling marks nothing", unread)
	}
	// The notes follow a chat that turns out to have another address.
	must(t, s.LearnAlias(ctx, adaLID, ada))
	tell("", "M1", "M2", "M3")
	// Read, they need no note any more, nor a receipt: another call, which found them unread a moment ago, tells nothing.
	_, err := s.MarkMessagesRead(ctx, ada, []string{"M1"}, firstDay+10)
	must(t, err)
	_, err = s.MarkRead(ctx, ada, firstDay+2, firstDay+10)
	must(t, err)
	tell("", "M1", "M2", "M3")
	// Of a message that is not held nobody knows.
	tell("M4", "M3", "M4")
	tell("", "M4")
}
