package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func findPeople(t *testing.T, s *store.Store, query store.ContactQuery) store.ContactPage {
	t.Helper()
	page, err := s.SearchContacts(context.Background(), query)
	must(t, err)
	return page
}

func namesOf(page store.ContactPage) string {
	names := make([]string, len(page.Contacts))
	for i, contact := range page.Contacts {
		names[i] = contact.Name
	}
	return strings.Join(names, ", ")
}

func TestPeopleAreFoundByAnyNameNumberJIDAndLID(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SetOwn(ctx, own, ownLID))
	must(t, s.LearnAlias(ctx, adaLID, ada))
	must(t, s.SaveContacts(ctx, []store.StoredContact{
		{JID: ada, FullName: "Ada Müller", PushName: "Countess ☂", BusinessName: "Engines & Co"},
		{JID: bobLID, PushName: "Bob 100%_sure"},
		{JID: own, FullName: "Adam Me"},
	}))
	must(t, s.SaveGroups(ctx, []store.Group{{JID: group, Name: "Ada's friends", Joined: true, Members: []store.Member{
		{JID: ada}, {JID: "15550177@s.whatsapp.net"}, {JID: "990178@lid"},
	}}}))
	must(t, s.SaveChat(ctx, store.StoredChat{JID: "15550166@s.whatsapp.net", Name: "Known from a chat"}))
	for query, names := range map[string]string{
		"ada":                     "Ada Müller",
		"MULLER":                  "Ada Müller",
		"countess":                "Ada Müller",
		"engines & co":            "Ada Müller",
		"+1 (555) 0100":           "Ada Müller",
		"550100":                  "Ada Müller",
		"990100":                  "Ada Müller",
		adaLID:                    "Ada Müller",
		"15550100:7@c.us":         "Ada Müller",
		"100% sure":               "Bob 100%_sure",
		"%":                       "Bob 100%_sure",
		"_":                       "Bob 100%_sure",
		bobLID:                    "Bob 100%_sure",
		"15550177":                "+15550177",
		"990178":                  "990178@lid",
		"from a chat":             "Known from a chat",
		"15550166":                "Known from a chat",
		"Adam Me":                 "",
		"15550199":                "",
		"Ada's friends":           "",
		group:                     "",
		"1555010@s.whatsapp.net":  "",
		"15550155@s.whatsapp.net": "",
		"nobody@home":             "",
		"Nobody Atall":            "",
		"a_a":                     "",
		"☂\n":                     "Ada Müller",
	} {
		page := findPeople(t, s, store.ContactQuery{Query: query})
		if namesOf(page) != names || page.Total != len(page.Contacts) || page.NextCursor != "" || page.Contacts == nil {
			t.Errorf("%q: %+v", query, page)
		}
	}
	found := findPeople(t, s, store.ContactQuery{Query: "ada"}).Contacts[0]
	want(t, "whole", strings.Join([]string{found.JID, found.LID, found.Phone, found.PushName, found.BusinessName}, " "),
		ada+" "+adaLID+" +15550100 Countess ☂ Engines & Co")
}

func TestPeopleComeExactFirstThenBeginningThenHoldingAndInPages(t *testing.T) {
	s := newStore(t)
	var people []store.StoredContact
	for i, name := range []string{"Joanna", "Mary Ann", "Anna", "Ann Zweig", "Ann", "Hannes", "Annabel", "ANN", "Bob"} {
		people = append(people, store.StoredContact{JID: fmt.Sprintf("155502%02d@s.whatsapp.net", i), FullName: name})
	}
	// What does not fit into a cursor is cut, and the JID tells such people apart.
	long := "Zann " + strings.Repeat("<&>\u2028", 50)
	for i := range 3 {
		people = append(people, store.StoredContact{JID: fmt.Sprintf("155503%02d@s.whatsapp.net", i), FullName: long + fmt.Sprint(i)})
	}
	must(t, s.SaveContacts(context.Background(), people))
	whole := findPeople(t, s, store.ContactQuery{Query: "ann"})
	want(t, "the order", namesOf(store.ContactPage{Contacts: whole.Contacts[:8]}),
		"Ann, ANN, Ann Zweig, Anna, Annabel, Hannes, Joanna, Mary Ann")
	if whole.Total != 11 || len(whole.Contacts) != 11 {
		t.Errorf("%d of %d", len(whole.Contacts), whole.Total)
	}
	var paged []store.Contact
	for cursor := ""; ; {
		page := findPeople(t, s, store.ContactQuery{Query: "ann", Limit: 2, Cursor: cursor})
		if page.Total != 11 || len(page.NextCursor) > 512 {
			t.Fatalf("%+v", page)
		}
		paged = append(paged, page.Contacts...)
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	want(t, "pages", namesOf(store.ContactPage{Contacts: paged}), namesOf(whole))
	ctx := context.Background()
	_, err := s.SearchContacts(ctx, store.ContactQuery{Query: "ann", Limit: 201})
	wantCode(t, err, fault.InvalidArgument)
	_, err = s.SearchContacts(ctx, store.ContactQuery{Query: "ann", Cursor: "bm9wZQ"})
	wantCode(t, err, fault.InvalidArgument)
}

func TestAnAcquaintanceIsAllThatIsHeldOfAPerson(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	must(t, s.SetOwn(ctx, own, ownLID))
	must(t, s.LearnAlias(ctx, adaLID, ada))
	must(t, s.SaveContacts(ctx, []store.StoredContact{{JID: ada, FullName: "Ada Lake", FirstName: "Ada", PushName: "A."}}))
	must(t, s.SaveAbout(ctx, adaLID, "Counting"))
	must(t, s.SetBlocked(ctx, ada, true))
	must(t, s.SaveGroups(ctx, []store.Group{
		{JID: group, Name: "Lake", Joined: true, Members: []store.Member{{JID: adaLID}, {JID: own}}},
		{JID: "120363000000000002@g.us", Name: "Left", Members: []store.Member{{JID: ada}}},
		{JID: roof, Name: "Roof", Community: true, Joined: true, Members: []store.Member{{JID: ada}}},
	}))
	save(t, s, said(ada, own, "M1", "hello", 1), said(group, ada, "M2", "to all", 2))
	for _, text := range []string{ada, adaLID, "+1 555 0100", "ada lake"} {
		found, err := s.Acquaintance(ctx, text)
		must(t, err)
		if found.JID != ada || found.LID != adaLID || found.FirstName != "Ada" || found.About != "Counting" || !found.Blocked ||
			found.SharedGroups != 1 || found.LastMessage == nil || found.LastMessage.ID != "M2" {
			t.Errorf("%s: %+v", text, found)
		}
	}
	must(t, s.SaveAbout(ctx, ada, ""))
	found, err := s.Acquaintance(ctx, ada)
	must(t, err)
	want(t, "about", found.About, "")
	for text, code := range map[string]fault.Code{
		"15550155@s.whatsapp.net": fault.ContactNotFound, "Nobody": fault.ContactNotFound, "12": fault.InvalidPhoneFormat,
		group: fault.InvalidArgument, "Roof": fault.InvalidArgument,
	} {
		_, err := s.Acquaintance(ctx, text)
		if fault.CodeOf(err) != code {
			t.Errorf("%s: %v, want %s", text, err, code)
		}
	}
}
