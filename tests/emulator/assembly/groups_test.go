package assembly_test

import (
	"errors"
	"slices"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/inbox"
)

func TestGroupMessagesGoBothWaysUnderSenderKeys(t *testing.T) {
	r := start(t)
	first, second := r.link(), r.link()
	author := r.memberOf(football)
	group := r.jid(football)
	r.say(author, football, "who brings the ball?")
	for _, c := range []*companion{first, second} {
		m := await(c, saying("who brings the ball?"))
		if m.Info.Chat != group || m.Info.Sender != r.jid(author) || m.Info.AddressingMode != types.AddressingModeLID {
			t.Errorf("device %d got %+v", c.device, m.Info)
		}
	}
	sent := first.send(group, text("I do"))
	r.received(author, func(e inbox.Entry) bool { return e.ID == sent.ID && e.Text == "I do" && e.Chat == group.String() })
	r.onPhone(func(e inbox.Entry) bool { return e.Kind == inbox.Copy && e.ID == sent.ID && e.Text == "I do" })
	if m := await(second, saying("I do")); !m.Info.IsFromMe || m.Info.Sender.User != first.Store.LID.User {
		t.Errorf("the other companion got %+v", m.Info)
	}
	r.do("/admin/phone/say", words{"chat": football, "text": "from the phone"})
	await(first, saying("from the phone"))
}

func TestAGroupsAdminTakesBackWhatSomebodyElseSaid(t *testing.T) {
	r := start(t)
	c := r.link()
	const author, family = "Grandma Rose", "Family 🏡"
	group := r.jid(family)
	said := r.say(author, family, "not for everybody")
	await(c, saying("not for everybody"))
	c.send(group, c.BuildRevoke(group, r.jid(author), said.ID))
	seen := r.received(author, func(e inbox.Entry) bool { return e.Kind == inbox.Revoke && e.Target == said.ID })
	if seen.Author != r.jid(author).String() || seen.From != c.Store.LID.String() {
		t.Errorf("%+v", seen)
	}
}

func TestAReactionInAnAnnouncementGroupIsEncryptedOnceMore(t *testing.T) {
	r := start(t)
	c := r.link()
	author, group := r.memberOf(announcement), r.jid(announcement)
	said := r.say(author, announcement, "the bridge is closed")
	m := await(c, saying("the bridge is closed"))
	hidden, err := c.EncryptReaction(t.Context(), &m.Info, c.BuildReaction(group, m.Info.Sender, said.ID, "🌉").GetReactionMessage())
	if err != nil {
		t.Fatal(err)
	}
	c.send(group, &waE2E.Message{EncReactionMessage: hidden})
	seen := r.received(author, func(e inbox.Entry) bool { return e.Kind == inbox.Reaction && e.Target == said.ID })
	if seen.Text != "🌉" || seen.Author != m.Info.Sender.String() {
		t.Errorf("%+v", seen)
	}
}

func TestAGroupMessageThatCannotBeDecryptedIsSentAgain(t *testing.T) {
	r := start(t)
	c := r.link()
	author := r.memberOf(football)
	r.say(author, football, "before")
	await(c, saying("before"))
	sender := r.jid(author)
	if err := c.Store.Sessions.DeleteSession(t.Context(), sender.SignalAddress().String()); err != nil {
		t.Fatal(err)
	}
	c.send(r.jid(author), text("hello"))
	r.received(author, func(e inbox.Entry) bool { return e.Text == "hello" })
	if err := c.Store.Sessions.DeleteSession(t.Context(), sender.SignalAddress().String()); err != nil {
		t.Fatal(err)
	}
	r.say(author, football, "after the session was lost")
	await(c, saying("after the session was lost"))
}

func TestJoinedGroupsAndCommunitiesAreListedWithTheirMembers(t *testing.T) {
	r := start(t)
	c := r.link()
	groups, err := c.GetJoinedGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w := r.world()
	wanted := len(w.Communities)
	for _, g := range w.Groups {
		if g.Joined {
			wanted++
		}
	}
	if len(groups) != wanted {
		t.Errorf("%d groups, expected %d", len(groups), wanted)
	}
	i := slices.IndexFunc(groups, func(g *types.GroupInfo) bool { return g.Name == announcement })
	if i < 0 || !groups[i].IsAnnounce || !groups[i].IsDefaultSubGroup || groups[i].LinkedParentJID.IsEmpty() {
		t.Fatalf("the announcement group is %+v", groups[i])
	}
	me := slices.IndexFunc(groups[i].Participants, func(p types.GroupParticipant) bool { return p.LID == c.Store.LID.ToNonAD() })
	if me < 0 || groups[i].Participants[me].PhoneNumber != c.Store.ID.ToNonAD() {
		t.Errorf("the account is not among %+v", groups[i].Participants)
	}
}

func TestACommunitysGroupsAreListedEvenThoseNotJoined(t *testing.T) {
	r := start(t)
	c := r.link()
	w := r.world()
	outside := slices.IndexFunc(w.Groups, func(g groupRow) bool { return !g.Joined && g.CommunityJID != "" })
	if outside < 0 {
		t.Fatal("the demo has no group that is not joined")
	}
	community, err := types.ParseJID(w.Groups[outside].CommunityJID)
	if err != nil {
		t.Fatal(err)
	}
	subs, err := c.GetSubGroups(t.Context(), community)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, sub := range subs {
		names = append(names, sub.Name)
	}
	if !slices.Contains(names, w.Groups[outside].Name) || !subs[0].IsDefaultSubGroup {
		t.Errorf("the groups are %v", names)
	}
	members, err := c.GetLinkedGroupsParticipants(t.Context(), community)
	if err != nil || len(members) < 2 {
		t.Errorf("the members are %v, %v", members, err)
	}
	info, err := c.GetGroupInfo(t.Context(), community)
	if err != nil || !info.IsParent {
		t.Errorf("the community is %+v, %v", info, err)
	}
	if _, err := c.GetGroupInfo(t.Context(), r.jid(w.Groups[outside].Name)); !errors.Is(err, whatsmeow.ErrNotInGroup) {
		t.Errorf("asked about a group that is not joined: %v", err)
	}
	if _, err := c.GetGroupInfo(t.Context(), types.NewJID("120363999999999999", types.GroupServer)); !errors.Is(err, whatsmeow.ErrGroupNotFound) {
		t.Errorf("asked about a group that does not exist: %v", err)
	}
}
