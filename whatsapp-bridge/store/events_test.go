package store_test

import (
	"context"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func only(t *testing.T, s *store.Store, id string) store.Message {
	t.Helper()
	for _, m := range list(t, s, store.MessageQuery{IncludeMedia: true}).Messages {
		if m.ID == id {
			return m.Message
		}
	}
	t.Fatalf("no message %s", id)
	return store.Message{}
}

func TestAnEditThatComesBeforeItsMessageIsAppliedWhenItComes(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SaveEdit(ctx, store.Edit{ChatJID: ada, MessageID: "M1", SenderJID: ada, Text: "second", EditedAtMS: (firstDay + 9) * 1000}))
	want(t, "no row is invented", idsOf(list(t, s, store.MessageQuery{})), "")
	save(t, s, said(ada, ada, "M1", "first", 0))
	m := only(t, s, "M1")
	want(t, "text", m.Text, "second")
	if m.EditedAt != store.Time(firstDay+9) {
		t.Errorf("edited at %v", m.EditedAt)
	}
	want(t, "found by the new text", idsOf(list(t, s, store.MessageQuery{Query: "second"})), "M1")
	want(t, "not by the old", idsOf(list(t, s, store.MessageQuery{Query: "first"})), "")
}

func TestTheNewestEditCountsWhateverComesLast(t *testing.T) {
	s := newStore(t)
	save(t, s, said(ada, ada, "M1", "first", 0))
	for _, n := range []int64{2, 1, 3, 2} {
		text := []string{"", "second", "third", "fourth"}[n]
		must(t, s.SaveEdit(context.Background(), store.Edit{
			ChatJID: ada, MessageID: "M1", SenderJID: ada, Text: text, EditedAtMS: (firstDay+9)*1000 + n,
		}))
	}
	want(t, "text", only(t, s, "M1").Text, "fourth")
}

func TestNobodyEditsOrRevokesWhatAnotherWrote(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	mine := said(ada, own, "M1", "mine", 0)
	save(t, s, mine, said(group, ada, "G1", "hers", 1))
	must(t, s.SaveEdit(ctx, store.Edit{ChatJID: ada, MessageID: "M1", SenderJID: ada, Text: "forged", EditedAtMS: (firstDay + 9) * 1000}))
	must(t, s.SaveRevoke(ctx, store.Revoke{ChatJID: ada, MessageID: "M1", SenderJID: ada, RevokedAt: firstDay + 9}))
	want(t, "mine", only(t, s, "M1").Text, "mine")

	must(t, s.SaveGroups(ctx, []store.Group{{JID: group, Name: "Lake", Joined: true, Members: []store.Member{
		{JID: ada, Role: store.RoleMember}, {JID: bob, Role: store.RoleMember}, {JID: own, Role: store.RoleAdmin},
	}}}))
	must(t, s.SaveRevoke(ctx, store.Revoke{ChatJID: group, MessageID: "G1", SenderJID: bob, RevokedAt: firstDay + 9}))
	want(t, "a member", only(t, s, "G1").Text, "hers")
	must(t, s.SaveRevoke(ctx, store.Revoke{ChatJID: group, MessageID: "G1", SenderJID: own, FromMe: true, RevokedAt: firstDay + 9}))
	want(t, "an admin", only(t, s, "G1").Kind, store.KindRevoked)
}

func TestARevokedMessageKeepsItsRowAndLosesItsContent(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	photo := said(ada, ada, "M1", "a lantern", 0)
	photo.Kind, photo.Media, photo.Payload = store.KindImage, &store.StoredMedia{Mime: "image/jpeg", MediaKey: []byte("key")}, []byte("payload")
	must(t, s.SaveRevoke(ctx, store.Revoke{ChatJID: ada, MessageID: "M2", SenderJID: ada, RevokedAt: firstDay + 5}))
	second := photo
	second.ID = "M2"
	save(t, s, photo, second)
	must(t, s.SaveRevoke(ctx, store.Revoke{ChatJID: ada, MessageID: "M1", SenderJID: ada, RevokedAt: firstDay + 5}))
	save(t, s, photo) // delivered twice: what was taken back does not come back
	for _, id := range []string{"M1", "M2"} {
		m := only(t, s, id)
		if m.Kind != store.KindRevoked || m.Text != "" || m.Media != nil || m.RevokedAt != store.Time(firstDay+5) || !m.Read {
			t.Errorf("%+v", m)
		}
		full, err := s.Message(ctx, ada, id)
		must(t, err)
		if full.Payload != nil || full.Media != nil {
			t.Errorf("%+v", full)
		}
	}
	want(t, "found", idsOf(list(t, s, store.MessageQuery{Query: "lantern"})), "")
	want(t, "among images", idsOf(list(t, s, store.MessageQuery{MediaType: "image"})), "")
	if chatOf(t, s, ada).UnreadCount != 0 {
		t.Errorf("unread %d", chatOf(t, s, ada).UnreadCount)
	}
}

func TestEachPersonHasOneReactionAndTheNewestCounts(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SetOwn(ctx, own, ownLID))
	react := func(sender, emoji string, at int64) {
		must(t, s.SaveReaction(ctx, store.StoredReaction{ChatJID: group, MessageID: "M1", SenderJID: sender, Emoji: emoji, Timestamp: firstDay + at}))
	}
	react(ada, "👍", 5)
	react(ada, "🎉", 7)
	react(ada, "👀", 6)
	save(t, s, said(group, bob, "M1", "hello", 0))
	react(bob, "❤️", 5)
	react(bob, "", 9)
	react(ownLID, "😀", 8)
	m := only(t, s, "M1")
	if len(m.Reactions) != 2 || m.Reactions[0].Emoji != "🎉" || m.Reactions[1].SenderName != "You" {
		t.Errorf("%+v", m.Reactions)
	}
}

func TestUnreadCountsWhatCameAndWasNotRead(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	unread := func(wanted int64) {
		t.Helper()
		if got := chatOf(t, s, ada).UnreadCount; got != wanted {
			t.Errorf("unread %d, want %d", got, wanted)
		}
	}
	save(t, s, said(ada, ada, "M1", "one", 1), said(ada, ada, "M2", "two", 2), said(ada, own, "M3", "mine", 3), said(ada, ada, "M1", "one", 1))
	unread(2)
	marked, err := s.MarkMessagesRead(ctx, ada, []string{"M1", "M9", "M3"}, firstDay+5)
	must(t, err)
	if marked != 1 {
		t.Errorf("marked %d", marked)
	}
	save(t, s, said(ada, ada, "M9", "read before it came", 9))
	unread(1)
	waiting, err := s.Unread(ctx, ada)
	must(t, err)
	if len(waiting) != 1 || waiting[0].ID != "M2" || waiting[0].SenderJID != ada {
		t.Errorf("%+v", waiting)
	}
	marked, err = s.MarkRead(ctx, ada, firstDay+20, firstDay+20)
	must(t, err)
	if marked != 1 {
		t.Errorf("marked %d", marked)
	}
	unread(0)
	save(t, s, said(ada, ada, "M10", "came late", 10), said(ada, ada, "M30", "new", 30))
	unread(1)
	if only(t, s, "M10").Read != true || only(t, s, "M30").Read != false {
		t.Error("read state of single messages")
	}
}

func TestThePhonesCountMeansTheNewestMessagesOfItsHistory(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	two := int64(2)
	rows := store.Rows{Chats: []store.StoredChat{{JID: group, Name: "Lake", UnreadCount: &two}}}
	for i, id := range []string{"H1", "H2", "H3"} {
		rows.Messages = append(rows.Messages, said(group, ada, id, "history", int64(i)))
	}
	_, err := s.SaveHistory(ctx, rows, "")
	must(t, err)
	save(t, s, said(group, bob, "L1", "live", 9))
	unread, err := s.Unread(ctx, group)
	must(t, err)
	var ids string
	for _, m := range unread {
		ids += m.ID + " "
	}
	want(t, "unread", ids, "H2 H3 L1 ")
	if got := chatOf(t, s, group).UnreadCount; got != 3 {
		t.Errorf("unread %d", got)
	}
	marked, err := s.MarkRead(ctx, group, firstDay+9, firstDay+10)
	must(t, err)
	if marked != 3 || chatOf(t, s, group).UnreadCount != 0 {
		t.Errorf("marked %d, left %d", marked, chatOf(t, s, group).UnreadCount)
	}
}

func TestAMessageThatCannotBeIsRefused(t *testing.T) {
	s := newStore(t)
	good := said(ada, ada, "M1", "hello", 0)
	for name, change := range map[string]func(m *store.StoredMessage){
		"no id":      func(m *store.StoredMessage) { m.ID = "" },
		"old":        func(m *store.StoredMessage) { m.Timestamp = 1 },
		"future":     func(m *store.StoredMessage) { m.Timestamp = 4_000_000_000 },
		"no kind":    func(m *store.StoredMessage) { m.Kind = "" },
		"no chat":    func(m *store.StoredMessage) { m.ChatJID = "nobody" },
		"bad sender": func(m *store.StoredMessage) { m.SenderJID = "x@y" },
	} {
		m := good
		change(&m)
		if err := s.SaveMessage(context.Background(), m); fault.CodeOf(err) != fault.InvalidArgument && fault.CodeOf(err) != fault.InvalidJID {
			t.Errorf("%s: %v", name, err)
		}
	}
	want(t, "stored", idsOf(list(t, s, store.MessageQuery{})), "")
}

func TestCommunitiesListTheirGroups(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	other := "120363000000000002@g.us"
	must(t, s.SaveGroups(ctx, []store.Group{
		{JID: roof, Name: "Riverside", Community: true, Joined: true},
		{JID: group, Name: "Riverside", CommunityJID: roof, Joined: true, Announcement: true},
		{JID: other, Name: "Allotments", CommunityJID: roof},
	}))
	save(t, s, said(group, ada, "M1", "hello", 1), said(group, ada, "M2", "hello", 2))
	page, err := s.ListCommunities(ctx, "river", 20, 0)
	must(t, err)
	if page.Total != 1 || page.Communities[0] != (store.Community{JID: roof, Name: "Riverside", Groups: page.Communities[0].Groups, UnreadCount: 2}) {
		t.Errorf("%+v", page)
	}
	found, err := s.ResolveCommunity(ctx, "riverside")
	must(t, err)
	want(t, "community", found.JID, roof)
	groups, err := s.CommunityGroups(ctx, roof, 100, 0)
	must(t, err)
	if groups.Total != 2 || len(groups.Groups) != 2 {
		t.Fatalf("%+v", groups)
	}
	first := groups.Groups[0]
	if first.JID != group || !first.Joined || !first.Announcement || first.Messages != 2 || first.OldestMessageAt != store.Time(firstDay+1) {
		t.Errorf("%+v", first)
	}
	if groups.Groups[1].Joined {
		t.Errorf("%+v", groups.Groups[1])
	}
	_, err = s.CommunityGroups(ctx, group, 100, 0)
	wantCode(t, err, fault.CommunityNotFound)
	_, err = s.ResolveCommunity(ctx, "nowhere")
	wantCode(t, err, fault.CommunityNotFound)
	chats, err := s.ListChats(ctx, store.ChatQuery{})
	must(t, err)
	if chats.Total != 1 {
		t.Errorf("communities and groups of others are no conversations: %+v", chats.Chats)
	}
}

func TestMembersChangeOneByOneOrAllAtOnce(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.LearnAlias(ctx, adaLID, ada))
	must(t, s.SaveGroups(ctx, []store.Group{{JID: group, Name: "Lake", Joined: true, Members: []store.Member{{JID: adaLID}, {JID: bob}}}}))
	must(t, s.ChangeMembers(ctx, group, []store.Member{{JID: bob, Role: store.RoleAdmin}, {JID: own}}, []string{adaLID}))
	must(t, s.SaveGroups(ctx, []store.Group{{JID: group, Name: "Lake", Joined: true}}))
	members, err := s.Members(ctx, group)
	must(t, err)
	if len(members) != 2 || members[0] != (store.Member{JID: bob, Role: store.RoleAdmin}) || members[1].JID != own {
		t.Errorf("%+v", members)
	}
}
