package store_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

const carol = "15550105@s.whatsapp.net"

func sharedWith(t *testing.T, s *store.Store, person string) string {
	t.Helper()
	page, err := s.ContactChats(context.Background(), person, 200, 0)
	must(t, err)
	if page.Total != int64(len(page.Chats)) {
		t.Errorf("%s: total %d, %d chats", person, page.Total, len(page.Chats))
	}
	return jidsOf(page)
}

func jidsOf(page store.ChatPage) string {
	jids := make([]string, len(page.Chats))
	for i, c := range page.Chats {
		jids[i] = c.JID
	}
	return strings.Join(jids, " ")
}

func lastOf(t *testing.T, s *store.Store, person string) string {
	t.Helper()
	found, err := s.LastInteraction(context.Background(), person)
	must(t, err)
	if found.Message == nil {
		return ""
	}
	return found.Message.ID
}

func TestAChatIsFoundByJIDNumberOrName(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.LearnAlias(ctx, adaLID, ada))
	must(t, s.SaveContacts(ctx, []store.StoredContact{{JID: ada, FullName: "Ada Lake"}}))
	must(t, s.SaveChat(ctx, store.StoredChat{JID: group, Name: "Lake 100%"}))
	save(t, s, said(ada, ada, "M1", "one", 1), said(ada, ada, "M2", "two", 1))
	for _, form := range []string{ada, adaLID, "15550100:7@s.whatsapp.net", "+1 555-0100", "ada lake"} {
		found, err := s.FindChat(ctx, form, true)
		must(t, err)
		c := found.Chat
		if c.JID != ada || c.LID != adaLID || c.Name != "Ada Lake" || c.UnreadCount != 2 || c.LastMessage == nil || c.LastMessage.ID != "M2" {
			t.Errorf("%s: %+v", form, c)
		}
	}
	bare, err := s.FindChat(ctx, "100%", false)
	must(t, err)
	if bare.Chat.JID != group || bare.Chat.LastMessage != nil {
		t.Errorf("%+v", bare)
	}
	must(t, s.SaveChat(ctx, store.StoredChat{JID: roof, Name: "Lake house"}))
	_, err = s.FindChat(ctx, "lake", false)
	if made := wantCode(t, err, fault.AmbiguousRecipient); len(made.Details.Candidates) != 3 {
		t.Errorf("%+v", made.Details)
	}
	for _, unknown := range []string{bob, "nobody", "_", "1%0"} {
		_, err := s.FindChat(ctx, unknown, false)
		wantCode(t, err, fault.ChatNotFound)
	}
}

func TestAPersonKnownFromGroupsAloneIsKnownAndHasNoDirectChat(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SaveGroups(ctx, []store.Group{
		{JID: group, Name: "Lake", Joined: true, Members: []store.Member{{JID: bobLID}, {JID: ada}}},
		{JID: roof, Name: "Roof", Joined: true, Members: []store.Member{{JID: ada}}},
	}))
	save(t, s, said(roof, carol, "M1", "from one who left", 1))
	want(t, "a member", sharedWith(t, s, bobLID), group)
	want(t, "one who wrote", sharedWith(t, s, carol), roof)
	want(t, "silent member", lastOf(t, s, bobLID), "")
	want(t, "writer", lastOf(t, s, "+1 555 0105"), "M1")
	for _, person := range []string{bobLID, carol, ada} {
		for _, ask := range []func(context.Context, string) error{
			func(ctx context.Context, text string) error { _, err := s.DirectChat(ctx, text); return err },
			func(ctx context.Context, text string) error { _, err := s.FindChat(ctx, text, true); return err },
		} {
			made := wantCode(t, ask(ctx, person), fault.ChatNotFound)
			if !strings.Contains(made.Resolution, "get_contact_chats") {
				t.Errorf("%s: %s", person, made.Resolution)
			}
		}
	}
	found, err := s.LastInteraction(ctx, bobLID)
	must(t, err)
	if found.ContactJID != bobLID || found.ContactName != bobLID || found.Message != nil {
		t.Errorf("%+v", found)
	}
	must(t, s.LearnAlias(ctx, bobLID, bob))
	want(t, "by number, when it is learnt", sharedWith(t, s, bob), group)
}

func TestAPersonIsMeantWhereAContactIsAskedFor(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SaveContacts(ctx, []store.StoredContact{{JID: ada, FullName: "Ada"}, {JID: bob, FullName: "Bob"}, {JID: carol, FullName: "Bob"}}))
	must(t, s.SaveChat(ctx, store.StoredChat{JID: group, Name: "Ada"}))
	must(t, s.SaveChat(ctx, store.StoredChat{JID: roof, Name: "Roof"}))
	save(t, s, said(ada, ada, "M1", "x", 1), said(group, bob, "M2", "x", 2))
	asks := map[string]func(string) error{
		"direct":    func(text string) error { _, err := s.DirectChat(ctx, text); return err },
		"chats":     func(text string) error { _, err := s.ContactChats(ctx, text, 20, 0); return err },
		"last time": func(text string) error { _, err := s.LastInteraction(ctx, text); return err },
	}
	for name, ask := range asks {
		must(t, ask("ada")) // the group of that name is no person
		for text, code := range map[string]fault.Code{
			group: fault.InvalidArgument, "roof": fault.InvalidArgument, "status@broadcast": fault.InvalidArgument, "bob": fault.AmbiguousRecipient,
			"nobody": fault.ChatNotFound, "%": fault.ChatNotFound, "+1 555 0198": fault.ChatNotFound, "990198@lid": fault.ChatNotFound,
			"x@s.whatsapp.net": fault.InvalidJID, "12345": fault.InvalidPhoneFormat,
		} {
			made := wantCode(t, ask(text), code)
			if code == fault.InvalidArgument && (made.Details.Argument != "contact_jid" || !strings.Contains(made.Message, "a person is meant")) {
				t.Errorf("%s of %s: %+v", name, text, made)
			}
		}
	}
	for _, limit := range []int{-1, 201} {
		_, err := s.ContactChats(ctx, ada, limit, 0)
		wantCode(t, err, fault.InvalidArgument)
	}
	_, err := s.ContactChats(ctx, ada, 20, -1)
	wantCode(t, err, fault.InvalidArgument)
}

// Trap 15.
func TestTheLastInteractionIsTheNewestWhereverItWas(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SetOwn(ctx, own, ownLID))
	save(t, s, said(ada, ada, "M1", "direct", 1))
	want(t, "from the person", lastOf(t, s, ada), "M1")
	save(t, s, said(ada, own, "M2", "to the person", 2))
	want(t, "to the person", lastOf(t, s, ada), "M2")
	save(t, s, said(group, own, "M3", "to the group", 3))
	want(t, "what others say in groups is not to the person", lastOf(t, s, ada), "M2")
	save(t, s, said(group, adaLID, "M4", "in the group, under the LID", 4))
	want(t, "nobody knows yet who the LID is", lastOf(t, s, ada), "M2")
	must(t, s.LearnAlias(ctx, adaLID, ada))
	for _, form := range []string{ada, adaLID, "15550100:3@s.whatsapp.net", "+1 555 0100", "0015550100"} {
		want(t, form, lastOf(t, s, form), "M4")
	}
	save(t, s, said(ada, own, "M5", "same second", 4))
	want(t, "of one second the later id", lastOf(t, s, ada), "M5")
	want(t, "the account itself", lastOf(t, s, own), "M5")
	must(t, s.SaveContacts(ctx, []store.StoredContact{{JID: ada, PushName: "ada", FullName: "Ada Lake"}}))
	found, err := s.LastInteraction(ctx, "ada lake")
	must(t, err)
	want(t, "contact", found.ContactJID+" "+found.ContactName, ada+" Ada Lake")
	want(t, "message", found.Message.ChatName+" "+found.Message.SenderName, "Ada Lake You")
}

// Trap 4.
func TestAPersonsChatsAreListedOnceEachMostRecentFirst(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SetOwn(ctx, own, ""))
	var groups []string
	for i := range 23 {
		jid := fmt.Sprintf("1203630000000001%02d@g.us", i)
		groups = append(groups, jid)
		for _, id := range []string{"A", "B", "C"} {
			save(t, s, said(jid, ada, id, "x", int64(i/4)), said(jid, bob, id+"B", "x", int64(i/4)))
		}
		if i%2 == 0 {
			must(t, s.ChangeMembers(ctx, jid, []store.Member{{JID: ada}}, nil))
		}
	}
	save(t, s, said(ada, ada, "D", "x", 2), said(bob, bob, "E", "x", 9), said("status@broadcast", ada, "S", "x", 9))
	wanted := append([]string{ada}, groups...)
	slices.SortFunc(wanted, func(a, b string) int {
		return cmp.Or(cmp.Compare(chatOf(t, s, b).LastMessageAt, chatOf(t, s, a).LastMessageAt), cmp.Compare(b, a))
	})
	want(t, "all", sharedWith(t, s, ada), strings.Join(wanted, " "))
	var paged []string
	for number := range 6 {
		page, err := s.ContactChats(ctx, ada, 5, number)
		must(t, err)
		if page.Total != 24 {
			t.Errorf("total %d", page.Total)
		}
		for _, c := range page.Chats {
			if c.LastMessage == nil || c.LastMessage.ChatJID != c.JID || c.LastMessage.Timestamp != c.LastMessageAt {
				t.Errorf("%+v", c)
			}
		}
		paged = append(paged, strings.Fields(jidsOf(page))...)
	}
	want(t, "paged", strings.Join(paged, " "), strings.Join(wanted, " "))
	page, err := s.ContactChats(ctx, own, 200, 0)
	must(t, err)
	if page.Total != 25 || page.Chats[0].JID != bob {
		t.Errorf("the account takes part in %d chats: %s", page.Total, jidsOf(page))
	}
}

// What the questions find by stepping through indexes is what looking at every message finds, also after people
// turned out to be one.
func TestPeoplesChatsAndLastMessagesAreThoseOfAllMessages(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5 {
		s := newStore(t)
		ctx := context.Background()
		must(t, s.SetOwn(ctx, own, ownLID))
		person := map[string]string{adaLID: ada, bobLID: bob, ada: ada, bob: bob, carol: carol, own: own}
		forms := []string{adaLID, bobLID, ada, bob, carol, own}
		groups := []string{group, roof, "120363000000000002@g.us", "120363000000000003@g.us"}
		chats, last := map[string]map[string]bool{}, map[string]store.StoredMessage{}
		newer := func(who string, m store.StoredMessage) {
			if cmp.Or(cmp.Compare(m.Timestamp, last[who].Timestamp), cmp.Compare(m.ID, last[who].ID)) > 0 {
				last[who] = m
			}
		}
		for i := range 120 {
			m := said(groups[r.IntN(4)], forms[r.IntN(6)], fmt.Sprintf("M%03d", i), "x", int64(r.IntN(30)))
			if r.IntN(2) == 0 {
				m.ChatJID = forms[r.IntN(5)]
				if !m.FromMe {
					m.SenderJID = m.ChatJID
				}
			}
			chat, sender := cmp.Or(person[m.ChatJID], m.ChatJID), person[m.SenderJID]
			for _, who := range []string{sender, chat, own} {
				if chats[who] == nil {
					chats[who] = map[string]bool{}
				}
				chats[who][chat] = who == own || chat == who || strings.HasSuffix(chat, "@g.us") || chats[who][chat]
			}
			newer(sender, m)
			newer(chat, m)
			save(t, s, m)
		}
		must(t, s.LearnAliases(ctx, []store.StoredAlias{{Alias: adaLID, Canonical: ada}, {Alias: bobLID, Canonical: bob}}))
		for _, who := range []string{ada, bob, carol, own} {
			var wanted []string
			for chat, in := range chats[who] {
				if in {
					wanted = append(wanted, chat)
				}
			}
			slices.Sort(wanted)
			got := strings.Fields(sharedWith(t, s, who))
			slices.Sort(got)
			want(t, "chats of "+who, strings.Join(got, " "), strings.Join(wanted, " "))
			want(t, "last of "+who, lastOf(t, s, who), last[who].ID)
		}
	}
}
