package world

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/scenarios"
)

// noon is when every test happens.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

func demo(t testing.TB) *World {
	t.Helper()
	w, err := Load(scenarios.Demo, atNoon)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func chatNamed(t testing.TB, w *World, name string) types.JID {
	t.Helper()
	jid, err := w.ChatJID(name)
	if err != nil {
		t.Fatal(err)
	}
	return jid
}

func must(t testing.TB, w *World, m Message) Message {
	t.Helper()
	filed, err := w.Append(m)
	if err != nil {
		t.Fatal(err)
	}
	return filed
}

func TestAPersonIsFoundByEveryNameAndAddress(t *testing.T) {
	w := demo(t)
	for _, who := range []string{
		"Bob Carver", "Bob", "15550101", "+15550101", "15550101@s.whatsapp.net", "213480000000101@lid", "213480000000101:7@lid",
	} {
		if c, err := w.Person(who); err != nil || c.Name != "Bob Carver" {
			t.Errorf("%s: %+v %v", who, c, err)
		}
		if jid, err := w.ChatJID(who); err != nil || jid.String() != "213480000000101@lid" {
			t.Errorf("chat %s: %s %v", who, jid, err)
		}
	}
	for _, who := range []string{"", "Nobody", "15550199", "213480000000101@s.whatsapp.net", "not@a@jid"} {
		if _, err := w.Person(who); !errors.Is(err, ErrUnknownPerson) {
			t.Errorf("%q: %v", who, err)
		}
		if _, err := w.ChatJID(who); !errors.Is(err, ErrUnknownChat) {
			t.Errorf("chat %q: %v", who, err)
		}
	}
}

func TestBothAddressesOfThePhonesOwnerAreTheOwner(t *testing.T) {
	w := demo(t)
	me := w.Account()
	for _, jid := range []types.JID{me.PN, me.LID, types.NewADJID(me.LID.User, types.LIDDomain, 3)} {
		if lid, ok := w.LID(jid); !w.IsMe(jid) || !ok || lid != me.LID {
			t.Errorf("%s is not me", jid)
		}
	}
	if pn, ok := w.PN(me.LID); !ok || pn != me.PN {
		t.Fatal("my number is not mine")
	}
}

func TestAChatIsTheSameByNumberAndByLID(t *testing.T) {
	w := demo(t)
	bob, err := w.Person("Bob")
	if err != nil {
		t.Fatal(err)
	}
	m := must(t, w, Message{Chat: bob.PN, FromMe: true, Text: "by number"})
	if got, ok := w.Message(bob.LID, m.ID); !ok || got.Text != "by number" || got.Chat != bob.LID || got.Sender != w.Account().LID {
		t.Fatalf("%+v %v", got, ok)
	}
	if len(w.History(bob.PN, Anchor{}, -1)) != len(w.History(bob.LID, Anchor{}, -1)) {
		t.Fatal("two chats")
	}
}

func TestWhatOthersSayIsUnreadUntilTheChatIsRead(t *testing.T) {
	w := demo(t)
	street := chatNamed(t, w, "Street Talk")
	priya, err := w.Person("Priya")
	if err != nil {
		t.Fatal(err)
	}
	before, _ := w.Chat(street)
	last := must(t, w, Message{Chat: street, Sender: priya.PN, Text: "Milk is on the step"})
	must(t, w, Message{Chat: street, FromMe: true, Text: "Thanks"})
	if after, _ := w.Chat(street); after.Unread != before.Unread+1 {
		t.Fatalf("%d unread, was %d", after.Unread, before.Unread)
	}
	read, err := w.MarkRead(street)
	if err != nil || len(read) != before.Unread+1 || read[len(read)-1].ID != last.ID {
		t.Fatalf("read %d, %v", len(read), err)
	}
	if slices.ContainsFunc(read, func(m Message) bool { return m.FromMe }) || !slices.IsSortedFunc(read, func(a, b Message) int { return int(a.Timestamp - b.Timestamp) }) {
		t.Fatal("own messages or the wrong order")
	}
	if again, err := w.MarkRead(street); err != nil || len(again) != 0 {
		t.Fatalf("read twice: %d %v", len(again), err)
	}
}

func TestHistoryGoesBackFromItsAnchorInStepsThatMeet(t *testing.T) {
	w := demo(t)
	crew := chatNamed(t, w, "Lantern Festival Crew")
	all := w.History(crew, Anchor{}, -1)
	var steps []Message
	for anchor := (Anchor{}); ; {
		step := w.History(crew, anchor, 50)
		if len(step) == 0 {
			break
		}
		steps = append(steps, step...)
		anchor = Anchor{ID: step[len(step)-1].ID}
	}
	if len(all) < 150 || !slices.EqualFunc(all, steps, func(a, b Message) bool { return a.ID == b.ID }) {
		t.Fatalf("%d in one go, %d in steps", len(all), len(steps))
	}
	at := all[10].Timestamp
	for _, m := range w.History(crew, Anchor{ID: "never seen", Timestamp: at}, -1) {
		if m.Timestamp >= at {
			t.Fatal("an unknown anchor must fall back to its time")
		}
	}
}

func TestALateMessageTakesItsPlaceInTime(t *testing.T) {
	w := demo(t)
	bob := chatNamed(t, w, "Bob")
	first := w.History(bob, Anchor{}, 1)[0]
	late := must(t, w, Message{Chat: bob, Sender: bob, Text: "was offline", Timestamp: first.Timestamp - 1})
	same := must(t, w, Message{Chat: bob, Sender: bob, Text: "same second", Timestamp: first.Timestamp})
	got := w.History(bob, Anchor{}, 3)
	if got[0].ID != same.ID || got[1].ID != first.ID || got[2].ID != late.ID {
		t.Fatalf("%q %q %q", got[0].Text, got[1].Text, got[2].Text)
	}
}

func TestReactionsEditsAndRevokesChangeTheirTargetOnly(t *testing.T) {
	w := demo(t)
	street := chatNamed(t, w, "Street Talk")
	kenji, err := w.Person("Kenji")
	if err != nil {
		t.Fatal(err)
	}
	m := must(t, w, Message{Chat: street, Sender: kenji.LID, Text: "Chees"})
	row, _ := w.Chat(street)
	react := func(emoji string) {
		must(t, w, Message{Chat: street, FromMe: true, Kind: KindReaction, Target: m.ID, Text: emoji})
	}
	react("🧀")
	react("😂")
	must(t, w, Message{Chat: street, Sender: kenji.LID, Kind: KindEdit, Target: m.ID, Text: "Cheese", ID: "EDIT1"})
	got, _ := w.Message(street, m.ID)
	if got.Text != "Cheese" || got.EditedAt == 0 || got.EditID != "EDIT1" || len(got.Reactions) != 1 || got.Reactions[0].Emoji != "😂" {
		t.Fatalf("%+v", got)
	}
	react("")
	must(t, w, Message{Chat: street, Sender: kenji.LID, Kind: KindRevoke, Target: m.ID})
	got, _ = w.Message(street, m.ID)
	if got.Text != "" || got.RevokedAt == 0 || len(got.Reactions) != 0 {
		t.Fatalf("%+v", got)
	}
	if after, _ := w.Chat(street); after.Messages != row.Messages || after.Unread != row.Unread {
		t.Fatalf("changes were counted as messages: %+v", after)
	}
}

func TestOnlyTheAuthorEditsAndOnlyAdminsRevokeForOthers(t *testing.T) {
	w := demo(t)
	street := chatNamed(t, w, "Street Talk")
	person := func(name string) types.JID {
		c, err := w.Person(name)
		if err != nil {
			t.Fatal(err)
		}
		return c.LID
	}
	m := must(t, w, Message{Chat: street, Sender: person("Kenji"), Text: "mine"})
	refused := []Message{
		{Chat: street, Sender: person("Priya"), Kind: KindEdit, Target: m.ID, Text: "hers"},
		{Chat: street, Sender: person("Priya"), Kind: KindRevoke, Target: m.ID},
		{Chat: street, Sender: person("Kenji"), Kind: KindEdit, Target: "NOTHING", Text: "x"},
		{Chat: street, Sender: person("Kenji"), ID: m.ID, Text: "same id again"},
		{Chat: street, Sender: types.NewJID("999", types.HiddenUserServer), Text: "stranger"},
		{Chat: types.NewJID("120363999", types.GroupServer), FromMe: true, Text: "nowhere"},
		{Chat: chatOf(w, "Buy, Swap, Give"), FromMe: true, Text: "not joined"},
	}
	for _, r := range refused {
		if _, err := w.Append(r); err == nil {
			t.Errorf("accepted %+v", r)
		}
	}
	if got, _ := w.Message(street, m.ID); got.Text != "mine" {
		t.Fatalf("%+v", got)
	}
	must(t, w, Message{Chat: street, Sender: person("Zoë Müller"), Kind: KindRevoke, Target: m.ID})
}

// chatOf finds a group joined or not.
func chatOf(w *World, name string) types.JID {
	for _, g := range w.Groups() {
		if g.Name == name {
			return g.JID
		}
	}
	return types.EmptyJID
}

func TestAHiddenNumberIsToldOnlyAfterItIsRevealed(t *testing.T) {
	w := demo(t)
	pete, err := w.Person("Pete")
	if err != nil {
		t.Fatal(err)
	}
	number := func() types.JID {
		g, _ := w.Group(chatNamed(t, w, "Tool Library"))
		i := slices.IndexFunc(g.Participants, func(p Participant) bool { return p.LID == pete.LID })
		return g.Participants[i].PN
	}
	if !number().IsEmpty() {
		t.Fatal("the member list tells a hidden number")
	}
	if err := w.RevealPN(pete.LID); err != nil {
		t.Fatal(err)
	}
	if number() != pete.PN {
		t.Fatal("the member list still hides the number")
	}
}

func TestTheChatListHasTheNewestChatFirstAndEmptyJoinedGroupsToo(t *testing.T) {
	w := demo(t)
	chats := w.Chats()
	if !slices.IsSortedFunc(chats, func(a, b ChatSummary) int { return int(b.LastAt - a.LastAt) }) {
		t.Fatal("not newest first")
	}
	if slices.ContainsFunc(chats, func(c ChatSummary) bool { return c.Name == "Buy, Swap, Give" }) {
		t.Fatal("a group that is not joined is no chat")
	}
	empty := Group{JID: types.NewJID("120363777", types.GroupServer), Name: "Empty", Joined: true}
	if err := w.AddGroup(empty); err != nil {
		t.Fatal(err)
	}
	if last := w.Chats()[len(chats)]; last.Name != "Empty" || last.Messages != 0 {
		t.Fatalf("%+v", last)
	}
}

func TestMembersAreTheOthers(t *testing.T) {
	w := demo(t)
	names := func(chat string) string {
		var out []string
		for _, c := range w.Members(chatNamed(t, w, chat)) {
			out = append(out, c.Name)
		}
		return strings.Join(out, ", ")
	}
	if got := names("Tool Library"); got != "Marta, Bob Carver, Pete, Kenji" {
		t.Error(got)
	}
	if got := names("Bob"); got != "Bob Carver" {
		t.Error(got)
	}
}

func TestMessageIDsLookLikeThoseOfTheirDevices(t *testing.T) {
	for id, shape := range map[string]struct {
		prefix string
		length int
	}{NewCompanionID(): {"3EB0", 22}, NewIPhoneID(): {"3A", 20}, NewAndroidID(): {"AC", 32}} {
		if !strings.HasPrefix(id, shape.prefix) || len(id) != shape.length || strings.ToUpper(id) != id {
			t.Errorf("%s", id)
		}
	}
}

func TestManyAtOnceLoseNothing(t *testing.T) {
	w := demo(t)
	bob := chatNamed(t, w, "Bob")
	before := len(w.History(bob, Anchor{}, -1))
	done := make(chan error)
	for range 8 {
		go func() {
			for range 25 {
				if _, err := w.Append(Message{Chat: bob, Sender: bob, Text: "hi"}); err != nil {
					done <- err
					return
				}
				w.Chats()
				w.PlanPush(PushOptions{}).Chunk(0)
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if after := len(w.History(bob, Anchor{}, -1)); after != before+200 {
		t.Fatalf("%d messages, want %d", after, before+200)
	}
}
