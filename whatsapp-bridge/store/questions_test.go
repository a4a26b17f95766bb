package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"whatsapp-mcp/whatsapp-bridge/store"
)

func TestOwnMessagesAreSignedYou(t *testing.T) {
	s := newStore(t)
	must(t, s.SetOwn(context.Background(), "15550199:3@s.whatsapp.net", ownLID))
	m := said(ada, ownLID, "M1", "mine", 0)
	m.FromMe = true
	save(t, s, m)
	got := only(t, s, "M1")
	if got.SenderJID != own || got.SenderName != "You" || !got.Read || !got.FromMe {
		t.Errorf("%+v", got)
	}
}

// A list read page by page, with the cursor or with page numbers, is the list read at once, whatever else is asked.
func TestPagesPutTogetherAreTheWholeList(t *testing.T) {
	s := newStore(t)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 150 {
		m := said([]string{ada, bob, group}[r.IntN(3)], []string{ada, bob}[r.IntN(2)], fmt.Sprintf("M%03d", i), []string{"lantern", "lake", "lantern lake"}[r.IntN(3)], int64(r.IntN(20)))
		if m.ChatJID != group {
			m.SenderJID = m.ChatJID
		}
		if r.IntN(3) == 0 {
			m.Kind = store.KindImage
		}
		save(t, s, m)
	}
	for name, query := range map[string]store.MessageQuery{
		"all": {}, "chat": {Chat: ada}, "sender": {Sender: bob}, "sender in chat": {Sender: bob, Chat: group}, "word": {Query: "lantern"},
		"word in chat": {Query: "lake", Chat: group}, "images": {MediaType: "image"}, "span": {After: store.Time(firstDay + 3), Before: store.Time(firstDay + 15)},
		"without": {Query: "-lake"}, "relevance": {Query: "lake", Sort: "relevance"},
	} {
		for _, sort := range []string{"newest", "oldest"} {
			if query.Sort != "relevance" {
				query.Sort = sort
			}
			query.Limit, query.Cursor, query.Page = 200, "", 0
			whole := list(t, s, query)
			if query.Sort != "relevance" {
				want(t, name+" in order", idsOf(whole), sorted(whole, sort))
			}
			query.Limit = 7
			var byCursor, byPage []string
			for {
				page := list(t, s, query)
				byCursor = append(byCursor, strings.Fields(idsOf(page))...)
				if query.Cursor = page.NextCursor; page.NextCursor == "" {
					break
				}
			}
			query.Cursor = ""
			for query.Page = 0; query.Page*7 < len(whole.Messages); query.Page++ {
				byPage = append(byPage, strings.Fields(idsOf(list(t, s, query)))...)
			}
			want(t, name+" by cursor", strings.Join(byCursor, " "), idsOf(whole))
			want(t, name+" by page", strings.Join(byPage, " "), idsOf(whole))
		}
	}
}

func sorted(page store.MessagePage, sort string) string {
	hits := slices.Clone(page.Messages)
	slices.SortFunc(hits, func(a, b store.MessageHit) int {
		order := strings.Compare(fmt.Sprintf("%d %s", a.Timestamp, a.ID), fmt.Sprintf("%d %s", b.Timestamp, b.ID))
		if sort == "newest" {
			return -order
		}
		return order
	})
	return idsOf(store.MessagePage{Messages: hits})
}

func TestChatsArePagedInBothOrders(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	for i := range 23 {
		jid := fmt.Sprintf("155501%02d@s.whatsapp.net", i)
		save(t, s, said(jid, jid, "M", "x", int64(i/3)))
		must(t, s.SaveContacts(ctx, []store.StoredContact{{JID: jid, FullName: fmt.Sprintf("Name %c", 'z'-rune(i))}}))
	}
	for _, sort := range []string{"last_active", "name"} {
		whole, err := s.ListChats(ctx, store.ChatQuery{Sort: sort, Limit: 200})
		must(t, err)
		var byCursor, byPage []store.Chat
		query := store.ChatQuery{Sort: sort, Limit: 5}
		for {
			page, err := s.ListChats(ctx, query)
			must(t, err)
			byCursor = append(byCursor, page.Chats...)
			if query.Cursor = page.NextCursor; page.NextCursor == "" {
				break
			}
		}
		for page := range 5 {
			got, err := s.ListChats(ctx, store.ChatQuery{Sort: sort, Limit: 5, Page: page})
			must(t, err)
			byPage = append(byPage, got.Chats...)
		}
		if !slices.Equal(byCursor, whole.Chats) || !slices.Equal(byPage, whole.Chats) || len(whole.Chats) != 23 {
			t.Errorf("%s: pages differ from the list", sort)
		}
	}
	page, err := s.ListChats(ctx, store.ChatQuery{Sort: "name", Limit: 1})
	must(t, err)
	want(t, "first by name", page.Chats[0].Name, "Name d")
	page, err = s.ListChats(ctx, store.ChatQuery{Query: "+1 555 0107"})
	must(t, err)
	if page.Total != 1 {
		t.Errorf("by number: %d", page.Total)
	}
}

func TestACallerWhoGivesUpLeavesNothingBehind(t *testing.T) {
	s := newStore(t)
	for i := range 300 {
		save(t, s, said(ada, ada, fmt.Sprint(i), "lantern", int64(i)))
	}
	for i := range 200 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i%40)*20*time.Microsecond)
		_, err := s.ListMessages(ctx, store.MessageQuery{Query: "lantern", Limit: 200})
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "interrupted") {
			t.Fatal(err)
		}
	}
	for range 8 {
		if got := len(list(t, s, store.MessageQuery{Limit: 200}).Messages); got != 200 {
			t.Errorf("%d messages", got)
		}
	}
}
