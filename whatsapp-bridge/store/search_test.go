package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// Trap 7.
func TestSearchFindsWordsWhateverTheirCaseAccentsAndScript(t *testing.T) {
	s := newStore(t)
	must(t, s.SaveContacts(context.Background(), []store.StoredContact{{JID: ada, FullName: "Élodie"}}))
	for i, text := range []string{
		"ÄPFEL sind da", "Здравствуй, мир", "die STRASSE", "ΣΊΣΥΦΟΣ", "مَرحبا بك", "أحمد", "Łódź", "Ørsted", "会议明天三時", "안녕하세요", "👍🏽 ok", "İZMİR",
	} {
		save(t, s, said(ada, ada, fmt.Sprint(i), text, int64(i)))
	}
	for query, id := range map[string]string{
		"äpfel": "0", "apfel": "0", "здравствуй": "1", "straße": "2", "σισυφος": "3", "مرحبا": "4", "احمد": "5", "lodz": "6", "orsted": "7",
		"明天": "8", "三": "8", "안녕": "9", "👍": "10", "izmir": "11",
	} {
		want(t, query, idsOf(list(t, s, store.MessageQuery{Query: query})), id)
	}
	page, err := s.ListChats(context.Background(), store.ChatQuery{Query: "élodie"})
	must(t, err)
	if page.Total != 1 {
		t.Error("Élodie was not found as élodie")
	}
}

func TestTheSenderMeIsTheAccountAndNobodyWhoIsCalledSo(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	_, err := s.ListMessages(ctx, store.MessageQuery{Sender: "me"})
	wantCode(t, err, fault.ChatNotFound)
	must(t, s.SaveContacts(ctx, []store.StoredContact{{JID: ada, FullName: "Mei", PushName: "me"}}))
	save(t, s, said(ada, ada, "1", "hers", 0), said(ada, own, "2", "mine", 1))
	must(t, s.SetOwn(ctx, own, ownLID))
	for _, query := range []store.MessageQuery{{Sender: "me"}, {Sender: "Me", Chat: ada, Query: "mine"}} {
		want(t, "found", idsOf(list(t, s, query)), "2")
	}
}

// Trap 8.
func TestSignsAreWordsAndNeverWildcardsOrSyntax(t *testing.T) {
	s := newStore(t)
	for id, text := range map[string]string{
		"percent": "now 55%OFF", "noise": "55 pieces, none off", "under": "x_yq here", "decoy": "xzyq here", "plus": "I like c++ a lot", "smile": "well :) good",
		"dash": "foo-bar", "quote": `he said "so" to me`, "mail": "write to user@x.com", "apart": "a discount for today",
	} {
		save(t, s, said(ada, ada, id, text, 0))
	}
	for query, ids := range map[string]string{
		"55%OFF": "percent", "x_yq": "under", "%": "percent", "_": "under", "c++": "plus", ":)": "smile", "foo-bar": "dash",
		`"`: "quote", "user@x.com": "mail",
		"discount OR smile OR well": "smile apart", "here -xzyq": "under", `here -"x yq"`: "decoy", "a AND": "", "NEAR(a b)": "", "OR": "",
		"what's up": "", "-": "dash",
	} {
		want(t, query, idsOf(list(t, s, store.MessageQuery{Query: query})), ids)
	}
	page, err := s.ListChats(context.Background(), store.ChatQuery{Query: "%"})
	must(t, err)
	if page.Total != 0 {
		t.Error("% found every chat")
	}
	want(t, "only without", idsOf(list(t, s, store.MessageQuery{Query: "-here", Limit: 200})), "smile quote plus percent noise mail dash apart")
	if note := list(t, s, store.MessageQuery{Query: " . "}).Note; note == "" {
		t.Error("an empty question is not explained")
	}
}

// Trap 16.
func TestWordsAreFoundWhereverTheyStandAndPhrasesOnlyTogether(t *testing.T) {
	s := newStore(t)
	save(t, s, said(ada, ada, "apart", "a discount for today", 0), said(ada, ada, "turned", "today only: a discount", 1), said(ada, ada, "half", "today", 2))
	for query, ids := range map[string]string{
		"discount today": "turned apart", "today discount": "turned apart", `"discount today"`: "", `"discount for today"`: "apart",
		"disc* tod*": "turned apart", "discount -only": "apart",
	} {
		want(t, query, idsOf(list(t, s, store.MessageQuery{Query: query})), ids)
	}
}

func TestNoTextAndNoQuestionPassesForAFilter(t *testing.T) {
	s := open(t, t.TempDir())
	save(t, s, said(ada, ada, "M1", "Λc1 Λs1 Λkimage", 1), said(bob, bob, "M2", "plain", 2))
	for _, question := range []string{"Λc1", `"Λs1"`, "Λ*", "Λkimage"} {
		want(t, question, idsOf(list(t, s, store.MessageQuery{Query: question})), "M1")
	}
	want(t, "of bob", idsOf(list(t, s, store.MessageQuery{Query: "Λc1", Chat: bob})), "")
	want(t, "images", idsOf(list(t, s, store.MessageQuery{MediaType: "image"})), "")
}

func TestASnippetShowsTheHit(t *testing.T) {
	s := newStore(t)
	save(t, s, said(ada, ada, "M1", strings.Repeat("before ", 40)+"die STRASSE :) am See "+strings.Repeat("after ", 40), 0))
	got := list(t, s, store.MessageQuery{Query: "straße see :)"}).Messages[0].Snippet
	if !strings.HasPrefix(got, "…") || !strings.Contains(got, "die [STRASSE] [:)] am [See]") || !strings.HasSuffix(got, "…") || len([]rune(got)) > 180 {
		t.Errorf("%q", got)
	}
}

func TestTheBestFitComesFirstByRelevance(t *testing.T) {
	s := newStore(t)
	save(t, s, said(ada, ada, "long", "a lantern among very many other words that have nothing to do with it at all", 5),
		said(ada, ada, "short", "lantern lantern", 1))
	want(t, "order", idsOf(list(t, s, store.MessageQuery{Query: "lantern", Sort: "relevance"})), "short long")
}

func FuzzSearch(f *testing.F) {
	for _, seed := range []string{`foo-bar c++ "`, `"a b" OR -c* :)`, "会议 👍🏽", "a AND b NOT c NEAR(x)", `-"`, "{text}: x", "^a + b", "OR OR OR", "*", "a* \"b\"*", "\x00\xff"} {
		f.Add(seed)
	}
	s, err := store.Open(context.Background(), f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := s.Close(); err != nil {
			f.Error(err)
		}
	})
	if err := s.SaveMessage(context.Background(), said(ada, ada, "M1", `foo-bar c++ "quoted" 会议 👍`, 0)); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, query := range []store.MessageQuery{
			{Query: text}, {Query: text, Sort: "relevance", Chat: ada}, {Query: text, Sender: ada, MediaType: "image"},
		} {
			if _, err := s.ListMessages(context.Background(), query); err != nil && text != "" {
				t.Errorf("%q: %v", text, err)
			}
		}
		if _, err := s.ListChats(context.Background(), store.ChatQuery{Query: text}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := s.Resolve(context.Background(), text); fault.CodeOf(err) == fault.Internal {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := s.ListMessages(context.Background(), store.MessageQuery{Cursor: text}); fault.CodeOf(err) == fault.Internal {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func TestAWordIsFoundInItsChatWhetherItIsRareOrNot(t *testing.T) {
	s := newStore(t)
	const common = 100
	for n := range common {
		chat, id := ada, fmt.Sprintf("A%03d", n)
		if n%2 == 1 {
			chat, id = bob, fmt.Sprintf("B%03d", n)
		}
		text := "lantern amber"
		if n%10 < 2 {
			text = "lantern comet"
		}
		save(t, s, said(chat, chat, id, text, int64(n)))
	}
	for word, every := range map[string]int{"lantern": 2, "comet": 10} {
		for _, sort := range []string{store.SortNewest, store.SortRelevance} {
			var wanted []string
			for n := common - every; n >= 0; n -= every {
				wanted = append(wanted, fmt.Sprintf("A%03d", n))
			}
			found := list(t, s, store.MessageQuery{Query: word, Chat: ada, Sort: sort, Limit: common})
			want(t, word+" by "+sort, idsOf(found), strings.Join(wanted, " "))
		}
	}
}

func TestWhatIsExcludedIsLeftOutAlsoByRelevance(t *testing.T) {
	s := newStore(t)
	save(t, s, said(ada, ada, "1", "a lantern", 0), said(ada, ada, "2", "a comet", 1))
	for _, sort := range []string{store.SortNewest, store.SortRelevance} {
		want(t, sort, idsOf(list(t, s, store.MessageQuery{Query: "-lantern", Sender: ada, Sort: sort})), "2")
	}
}
