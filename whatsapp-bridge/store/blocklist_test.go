package store_test

import (
	"context"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func blocked(t *testing.T, s *store.Store, jid string) bool {
	t.Helper()
	found, err := s.Profile(context.Background(), jid)
	must(t, err)
	return found.Blocked
}

func TestTheBlocklistIsKeptByPersonWhateverTheAddress(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SaveContacts(ctx, []store.StoredContact{{JID: ada, FullName: "Ada Lake"}}))
	must(t, s.SetBlocked(ctx, adaLID, true))
	must(t, s.SetBlocked(ctx, bobLID, true))
	must(t, s.LearnAlias(ctx, adaLID, ada))
	if !blocked(t, s, ada) || !blocked(t, s, adaLID) || !blocked(t, s, bobLID) {
		t.Error("a blocked LID is not the blocked person")
	}
	people, err := s.People(ctx, []string{bobLID, adaLID})
	must(t, err)
	want(t, "whole", strings.Join([]string{people[0].JID, people[0].Phone, people[1].JID, people[1].LID, people[1].Phone, people[1].Name}, " "),
		strings.Join([]string{bobLID, "", ada, adaLID, "+15550100", "Ada Lake"}, " "))
	must(t, s.ReplaceBlocked(ctx, []string{adaLID}))
	if !blocked(t, s, ada) || blocked(t, s, bobLID) {
		t.Error("who is not on the list is not blocked")
	}
	must(t, s.SetBlocked(ctx, ada, false))
	if blocked(t, s, adaLID) {
		t.Error("still blocked")
	}
}

func TestAPersonIsMeantByANumberANameOrAJIDAndNeverAGroup(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SaveGroups(ctx, []store.Group{{JID: group, Name: "Lake", Joined: true}}))
	must(t, s.SaveContacts(ctx, []store.StoredContact{{JID: ada, FullName: "Ada"}}))
	for _, text := range []string{"ada", ada, "+1 555 0100"} {
		found, err := s.ResolvePerson(ctx, text)
		must(t, err)
		want(t, text, found.JID, ada)
	}
	stranger, err := s.ResolvePhone(ctx, "+1 555 0198")
	must(t, err)
	if stranger.JID != "15550198@s.whatsapp.net" || stranger.Known {
		t.Errorf("%+v", stranger)
	}
	for _, text := range []string{group, "Lake"} {
		_, err := s.ResolvePerson(ctx, text)
		wantCode(t, err, fault.InvalidArgument)
	}
	for _, text := range []string{"Ada", "12", "", ada} {
		_, err := s.ResolvePhone(ctx, text)
		wantCode(t, err, fault.InvalidPhoneFormat)
	}
}

func TestChatsAreListedByArchiveAndUnreadPageByPage(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SetOwn(ctx, own, ""))
	archived := true
	for i, chat := range []string{ada, bob, group} {
		save(t, s, said(chat, ada, "M", "hello", int64(i/2)))
	}
	must(t, s.SaveChat(ctx, store.StoredChat{JID: bob, Archived: &archived, Pinned: &archived}))
	_, err := s.MarkRead(ctx, ada, firstDay+9, firstDay+9)
	must(t, err)
	ask := func(query store.ChatQuery) string {
		var found []string
		for {
			page, err := s.ListChats(ctx, query)
			must(t, err)
			found = append(found, strings.Fields(jidsOf(page))...)
			if query.Cursor = page.NextCursor; query.Cursor == "" {
				if int(page.Total) != len(found) {
					t.Errorf("total %d of %v", page.Total, found)
				}
				return strings.Join(found, " ")
			}
		}
	}
	want(t, "in the archive", ask(store.ChatQuery{Archived: &archived, Limit: 1}), bob)
	want(t, "outside", ask(store.ChatQuery{Archived: new(bool), Limit: 1}), group+" "+ada)
	want(t, "unread", ask(store.ChatQuery{UnreadOnly: true, Limit: 1}), group+" "+bob)
	want(t, "unread outside", ask(store.ChatQuery{UnreadOnly: true, Archived: new(bool)}), group)
	want(t, "all", ask(store.ChatQuery{Limit: 1}), group+" "+bob+" "+ada)
	pinned, err := s.Pinned(ctx)
	must(t, err)
	if len(pinned) != 1 || pinned[0] != (fault.Candidate{JID: bob, Name: "+15550101"}) {
		t.Errorf("pinned %+v", pinned)
	}
}
