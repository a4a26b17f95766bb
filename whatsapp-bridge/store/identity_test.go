package store_test

import (
	"context"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func TestADeviceIsNoPartOfAnIdentity(t *testing.T) {
	for text, bare := range map[string]string{
		"15550100@s.whatsapp.net":       ada,
		"15550100:12@s.whatsapp.net":    ada,
		"15550100.0:12@s.whatsapp.net":  ada,
		"15550100@c.us":                 ada,
		"15550100:99@hosted":            ada,
		"990100:3@lid":                  adaLID,
		" 990100@LID ":                  adaLID,
		group:                           group,
		"15550100-1500000000@g.us":      "15550100-1500000000@g.us",
		"status@broadcast":              "status@broadcast",
		"120363000000000123@newsletter": "120363000000000123@newsletter",
	} {
		got, err := store.Bare(text)
		must(t, err)
		want(t, text, got, bare)
	}
	for _, text := range []string{
		"", "@", "15550100", "@s.whatsapp.net", "a@s.whatsapp.net", "15550100:x@s.whatsapp.net", "1@2@s.whatsapp.net",
		"15550100@example.com", "1;DROP@g.us", strings.Repeat("1", 65) + "@lid", "15550100:@lid", "15550100@s.whatsapp.net\x00",
	} {
		_, err := store.Bare(text)
		wantCode(t, err, fault.InvalidJID)
	}
}

func TestAPersonWrittenUnderTwoAddressesIsOneChat(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SaveContacts(ctx, []store.StoredContact{{JID: adaLID, PushName: "ada"}, {JID: ada, FullName: "Ada Lake"}}))
	save(t, s, said(ada, ada, "M1", "one", 1), said(adaLID, adaLID, "M2", "two", 2), said(group, adaLID, "M3", "three", 3))
	must(t, s.SaveReaction(ctx, store.StoredReaction{ChatJID: adaLID, MessageID: "M1", SenderJID: bob, Emoji: "👍", Timestamp: firstDay}))
	must(t, s.SaveCheckpoint(ctx, store.StoredCheckpoint{ChatJID: adaLID, OldestID: "M0", OldestTimestamp: firstDay - 5, State: "completed"}))
	must(t, s.LearnAlias(ctx, adaLID, ada))

	page, err := s.ListChats(ctx, store.ChatQuery{})
	must(t, err)
	if page.Total != 2 {
		t.Errorf("chats %+v", page.Chats)
	}
	chat := chatOf(t, s, adaLID)
	want(t, "jid", chat.JID, ada)
	want(t, "lid", chat.LID, adaLID)
	want(t, "phone", chat.Phone, "+15550100")
	want(t, "name", chat.Name, "Ada Lake")
	if chat.UnreadCount != 2 {
		t.Errorf("unread %d", chat.UnreadCount)
	}
	for _, form := range []string{ada, adaLID, "15550100:7@s.whatsapp.net", "+1 555-0100", "Ada Lake", "ada lake"} {
		want(t, form, idsOf(list(t, s, store.MessageQuery{Chat: form})), "M2 M1")
		want(t, "said by "+form, idsOf(list(t, s, store.MessageQuery{Sender: form})), "M3 M2 M1")
	}
	one := list(t, s, store.MessageQuery{Query: "one"}).Messages[0]
	if len(one.Reactions) != 1 || one.Reactions[0].Emoji != "👍" {
		t.Errorf("reactions %+v", one.Reactions)
	}
	aliases, err := s.Aliases(ctx, adaLID)
	must(t, err)
	want(t, "aliases", strings.Join(aliases, " "), ada+" "+adaLID)
	save(t, s, said(adaLID, adaLID, "M4", "four", 4))
	want(t, "later", idsOf(list(t, s, store.MessageQuery{Chat: ada})), "M4 M2 M1")
}

func TestTheLargerOfTwoChatsKeepsItsRowsAndNothingIsLost(t *testing.T) {
	for _, more := range []string{ada, adaLID} {
		s := newStore(t)
		save(t, s, said(ada, ada, "P", "from the number", 0), said(adaLID, adaLID, "L", "from the lid", 1),
			said(more, more, "X", "once more", 2), said(more, more, "Y", "and more", 3),
			said(ada, ada, "T", "twice", 4), said(adaLID, adaLID, "T", "twice", 4))
		must(t, s.LearnAlias(context.Background(), adaLID, ada))
		want(t, "chat", idsOf(list(t, s, store.MessageQuery{Chat: ada})), "T Y X L P")
		for _, word := range []string{"number", "lid", "once", "twice"} {
			page := list(t, s, store.MessageQuery{Query: word, Chat: adaLID})
			if len(page.Messages) != 1 || page.Messages[0].SenderJID != ada {
				t.Errorf("%s: %+v", word, page.Messages)
			}
		}
		if s.Counts() != (store.Counts{Messages: 5, Chats: 1}) {
			t.Errorf("%+v", s.Counts())
		}
	}
}

func TestALIDThatChangesItsNumberDoesNotMixTwoPeople(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.LearnAlias(ctx, adaLID, ada))
	save(t, s, said(adaLID, adaLID, "M1", "under the first number", 0), said(bob, bob, "B1", "hello", 1))
	must(t, s.LearnAlias(ctx, adaLID, bob))
	save(t, s, said(adaLID, adaLID, "M2", "under the second", 2))
	want(t, "first", idsOf(list(t, s, store.MessageQuery{Chat: ada})), "M1")
	want(t, "second", idsOf(list(t, s, store.MessageQuery{Chat: bob})), "M2 B1")
}

func TestAnAliasIsALIDWithANumber(t *testing.T) {
	s := newStore(t)
	for _, pair := range [][2]string{{ada, bob}, {adaLID, bobLID}, {adaLID, group}, {"x", ada}} {
		wantCode(t, s.LearnAlias(context.Background(), pair[0], pair[1]), fault.InvalidJID)
	}
	must(t, s.LearnAlias(context.Background(), ada, adaLID)) // the other way round is understood
	canonical, err := s.Canonical(context.Background(), "990100:5@lid")
	must(t, err)
	want(t, "canonical", canonical, ada)
}

func TestWhatAUserTypesIsReadAsJIDNumberOrName(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SaveContacts(ctx, []store.StoredContact{
		{JID: ada, FullName: "Ada Lake", PushName: "adalake"},
		{JID: bob, FullName: "Böb Straße"},
		{JID: "15550102@s.whatsapp.net", FullName: "Adam"},
		{JID: "15550103@s.whatsapp.net", FullName: "Maria Bridge"},
		{JID: "15550104@s.whatsapp.net", FullName: "Maria Bridge"},
	}))
	must(t, s.SaveChat(ctx, store.StoredChat{JID: group, Name: "Lantern Festival 🏮"}))
	for text, jid := range map[string]string{
		"ada lake": ada, "ADALAKE": ada, "bob strasse": bob, "adam": "15550102@s.whatsapp.net", "lantern": group, "🏮": group,
		"festival": group, "+1 (555) 0100": ada, "0015550100": ada, "15550100": ada, "strasse": bob,
	} {
		found, err := s.Resolve(ctx, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		want(t, text, found.JID, jid)
	}
	several := wantCode(t, second(s.Resolve(ctx, "maria bridge")), fault.AmbiguousRecipient)
	if len(several.Details.Candidates) != 2 || several.Details.Candidates[0].Name != "Maria Bridge" {
		t.Errorf("%+v", several.Details)
	}
	wantCode(t, second(s.Resolve(ctx, "ad")), fault.AmbiguousRecipient)
	wantCode(t, second(s.Resolve(ctx, "nobody")), fault.ChatNotFound)
	wantCode(t, second(s.Resolve(ctx, "%")), fault.ChatNotFound)
	wantCode(t, second(s.Resolve(ctx, "12345")), fault.InvalidPhoneFormat)
	wantCode(t, second(s.Resolve(ctx, "+0123456789")), fault.InvalidPhoneFormat)
	wantCode(t, second(s.Resolve(ctx, "x@s.whatsapp.net")), fault.InvalidJID)

	stranger, err := s.Resolve(ctx, "+1 555 0198")
	must(t, err)
	if stranger.Known || stranger.JID != "15550198@s.whatsapp.net" {
		t.Errorf("%+v", stranger)
	}
	wantCode(t, second(s.ResolveChat(ctx, "+1 555 0198")), fault.ChatNotFound)
}

func second(_ store.Address, err error) error { return err }

func TestNamesAreLookedUpWhenTheyAreShown(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	save(t, s, said(ada, ada, "M1", "hello", 0), said(group, bobLID, "M2", "hi", 1))
	want(t, "nothing known", chatOf(t, s, ada).Name, "+15550100")
	want(t, "a lid is no number", list(t, s, store.MessageQuery{Chat: group}).Messages[0].SenderName, bobLID)
	for _, step := range []store.StoredContact{
		{JID: ada, BusinessName: "Lake Ltd"}, {JID: ada, PushName: "adalake"}, {JID: ada, FirstName: "Ada"}, {JID: ada, FullName: "Ada Lake"},
	} {
		must(t, s.SaveContacts(ctx, []store.StoredContact{step}))
		wanted := step.FullName + step.FirstName + step.PushName + step.BusinessName
		want(t, "chat", chatOf(t, s, ada).Name, wanted)
		want(t, "sender", list(t, s, store.MessageQuery{Chat: ada}).Messages[0].SenderName, wanted)
	}
	must(t, s.LearnAlias(ctx, bobLID, bob))
	must(t, s.SaveContacts(ctx, []store.StoredContact{{JID: bobLID, PushName: "bob"}}))
	want(t, "through the alias", list(t, s, store.MessageQuery{Chat: group}).Messages[0].SenderName, "bob")
}
