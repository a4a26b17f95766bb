package world

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.mau.fi/whatsmeow/types"
)

var digits = regexp.MustCompile(`^[0-9]{5,18}$`)

// builder turns a scenario into a world.
type builder struct {
	world *World
	now   time.Time
}

// Build makes the world, with all times relative to the clock's now. The same scenario gives the same message IDs each time.
func (s Scenario) Build(clock func() time.Time) (*World, error) {
	pn, lid, err := addresses(s.Account.PN, s.Account.LID)
	if err != nil {
		return nil, fmt.Errorf("account %q: %w", s.Account.Name, err)
	}
	if s.Account.Name == "" {
		return nil, errors.New("the account needs a name")
	}
	b := builder{world: New(Account{Name: s.Account.Name, PN: pn, LID: lid}, clock), now: clock()}
	for _, c := range s.Contacts {
		if err := b.contact(c); err != nil {
			return nil, err
		}
	}
	for _, c := range s.Communities {
		if err := b.community(c); err != nil {
			return nil, fmt.Errorf("community %q: %w", c.Name, err)
		}
	}
	for _, g := range s.Groups {
		if err := b.group(g); err != nil {
			return nil, fmt.Errorf("group %q: %w", g.Name, err)
		}
	}
	for _, c := range s.Chats {
		if err := b.chat(c); err != nil {
			return nil, fmt.Errorf("chat %q: %w", c.Chat, err)
		}
	}
	return b.world, nil
}

func addresses(pn, lid string) (pnJID, lidJID types.JID, err error) {
	if !digits.MatchString(pn) || !digits.MatchString(lid) {
		return pnJID, lidJID, fmt.Errorf("pn %q and lid %q must be 5 to 18 digits", pn, lid)
	}
	return types.NewJID(pn, types.DefaultUserServer), types.NewJID(lid, types.HiddenUserServer), nil
}

func groupJID(s string) (types.JID, error) {
	if !digits.MatchString(s) {
		return types.EmptyJID, fmt.Errorf("jid %q must be 5 to 18 digits", s)
	}
	return types.NewJID(s, types.GroupServer), nil
}

func (b builder) contact(c ScenarioContact) error {
	pn, lid, err := addresses(c.PN, c.LID)
	if err != nil {
		return fmt.Errorf("contact %q: %w", c.Name, err)
	}
	if c.Name == "" || c.Name == "me" {
		return fmt.Errorf("contact %s needs a name, and not \"me\"", c.PN)
	}
	if _, err := b.world.Person(c.Name); err == nil {
		return fmt.Errorf("contact %q: two people of that name", c.Name)
	}
	return b.world.AddContact(Contact{
		Name: c.Name, PushName: cmp.Or(c.PushName, c.Name), PN: pn, LID: lid,
		Saved: c.Saved == nil || *c.Saved, About: c.About, Business: c.Business, PNHidden: c.PNHidden,
	})
}

func (b builder) community(c ScenarioCommunity) error {
	jid, err := groupJID(c.JID)
	if err != nil {
		return err
	}
	created, err := b.created(c.Created)
	if err != nil {
		return err
	}
	return b.world.AddCommunity(Community{JID: jid, Name: c.Name, Topic: c.Topic, Created: created})
}

// created defaults to a year ago.
func (b builder) created(at string) (int64, error) {
	t, err := ParseOffset(cmp.Or(at, "-365d"), b.now)
	return t.Unix(), err
}

func (b builder) group(g ScenarioGroup) error {
	jid, err := groupJID(g.JID)
	if err != nil {
		return err
	}
	out := Group{JID: jid, Name: g.Name, Topic: g.Topic, Announcement: g.Announcement, Joined: g.Joined == nil || *g.Joined}
	if out.Created, err = b.created(g.Created); err != nil {
		return err
	}
	if g.Community != "" {
		communities := b.world.Communities()
		i := slices.IndexFunc(communities, func(c Community) bool { return c.Name == g.Community })
		if i < 0 {
			return fmt.Errorf("there is no community %q", g.Community)
		}
		out.Community = communities[i].JID
	}
	if len(g.Admins) == 0 {
		return errors.New("a group needs an admin")
	}
	for i, name := range slices.Concat(g.Admins, g.Members) {
		lid, err := b.person(name)
		if err != nil {
			return err
		}
		role := RoleMember
		switch {
		case i == 0:
			role, out.Creator = RoleSuperAdmin, lid
		case i < len(g.Admins):
			role = RoleAdmin
		}
		if out.has(lid) {
			return fmt.Errorf("%q is in it twice", name)
		}
		out.Participants = append(out.Participants, Participant{LID: lid, Role: role})
	}
	me := b.world.account.LID
	switch {
	case out.Joined && !out.has(me):
		out.Participants = append(out.Participants, Participant{LID: me})
	case !out.Joined && out.has(me):
		return errors.New(`"me" is a member of a group that is not joined`)
	}
	return b.world.AddGroup(out)
}

func (g *Group) has(lid types.JID) bool {
	return slices.ContainsFunc(g.Participants, func(p Participant) bool { return p.LID == lid })
}

// person returns the LID behind a name of the scenario.
func (b builder) person(name string) (types.JID, error) {
	if name == "me" {
		return b.world.account.LID, nil
	}
	c, err := b.world.Person(name)
	return c.LID, err
}

func (b builder) chat(c ScenarioChat) error {
	jid, err := b.world.ChatJID(c.Chat)
	if err != nil {
		return err
	}
	if c.Chatter != nil {
		if err := b.chatter(jid, *c.Chatter); err != nil {
			return fmt.Errorf("chatter: %w", err)
		}
	}
	labels := map[string]string{}
	for i, m := range c.Messages {
		if err := b.message(jid, i, m, labels); err != nil {
			return fmt.Errorf("message %d: %w", i+1, err)
		}
	}
	return b.state(jid, c)
}

func (b builder) state(jid types.JID, c ScenarioChat) error {
	mutedUntil, err := b.mutedUntil(c.Muted)
	if err != nil {
		return err
	}
	if row, ok := b.world.Chat(jid); !ok || c.Unread < 0 || c.Unread > row.Unread {
		return fmt.Errorf("%d unread of %d messages from others", c.Unread, row.Unread)
	}
	if c.Pushed != nil {
		if *c.Pushed < 0 {
			return fmt.Errorf("pushed is %d; leave it out to push all", *c.Pushed)
		}
		if err := b.world.SetPushed(jid, *c.Pushed); err != nil {
			return err
		}
	}
	return b.world.SetState(jid, func(s *ChatState) {
		*s = ChatState{Unread: c.Unread, Archived: c.Archived, Pinned: c.Pinned, MutedUntil: mutedUntil}
	})
}

func (b builder) mutedUntil(muted string) (int64, error) {
	switch muted {
	case "":
		return 0, nil
	case "forever":
		return -1, nil
	}
	d, err := time.ParseDuration(muted)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf(`muted %q: want a duration like "8h", or "forever"`, muted)
	}
	return b.now.Add(d).Unix(), nil
}

func (b builder) message(chat types.JID, i int, m ScenarioMessage, labels map[string]string) error {
	at, err := ParseOffset(m.At, b.now)
	if err != nil {
		return err
	}
	sender, err := b.person(m.From)
	if err != nil {
		return err
	}
	if err := b.maySpeak(chat, sender); err != nil {
		return err
	}
	out := Message{Chat: chat, Sender: sender, Timestamp: at.Unix(), Text: m.Text, ID: cmp.Or(m.ID, scenarioID(chat, "line", i))}
	if m.Quotes != "" {
		if out.QuotedID = labels[m.Quotes]; out.QuotedID == "" {
			return fmt.Errorf("no earlier message of this chat is labelled %q", m.Quotes)
		}
	}
	if m.Image != nil {
		out.Kind, out.Text, out.Media = KindImage, m.Image.Caption, pictureOf(out.ID)
	}
	if out.Text == "" && out.Media == nil {
		return errors.New("it has neither text nor image")
	}
	filed, err := b.world.Append(out)
	if err != nil {
		return err
	}
	if m.As != "" {
		labels[m.As] = filed.ID
	}
	return b.afterwards(filed, m)
}

// afterwards applies what happened to a message later.
func (b builder) afterwards(to Message, m ScenarioMessage) error {
	for _, r := range m.Reactions {
		from, err := b.person(r.From)
		if err != nil {
			return err
		}
		reaction := Message{Chat: to.Chat, Sender: from, Kind: KindReaction, Target: to.ID, Text: r.Emoji, Timestamp: to.Timestamp + 60}
		if _, err := b.world.Append(reaction); err != nil {
			return err
		}
	}
	if m.Edited != nil {
		at, err := ParseOffset(m.Edited.At, b.now)
		if err != nil {
			return err
		}
		edit := Message{Chat: to.Chat, Sender: to.Sender, Kind: KindEdit, Target: to.ID, Text: m.Edited.Text, Timestamp: at.Unix(), ID: scenarioID(to.Chat, "edit of "+to.ID, 0)}
		if _, err := b.world.Append(edit); err != nil {
			return err
		}
	}
	if m.Revoked != "" {
		at, err := ParseOffset(m.Revoked, b.now)
		if err != nil {
			return err
		}
		if _, err := b.world.Append(Message{Chat: to.Chat, Sender: to.Sender, Kind: KindRevoke, Target: to.ID, Timestamp: at.Unix()}); err != nil {
			return err
		}
	}
	return nil
}

// maySpeak refuses messages that could not have been sent: by strangers to the chat, or by members in an announcement group.
func (b builder) maySpeak(chat, sender types.JID) error {
	if g, ok := b.world.Group(chat); ok {
		i := slices.IndexFunc(g.Participants, func(p Participant) bool { return p.LID == sender })
		if i < 0 {
			return fmt.Errorf("%s is not in the group", sender)
		}
		if g.Announcement && g.Participants[i].Role == RoleMember {
			return fmt.Errorf("%s is no admin of the announcement group", sender)
		}
		return nil
	}
	if sender != chat && sender != b.world.account.LID {
		return fmt.Errorf("%s is not in this direct chat", sender)
	}
	return nil
}

// scenarioID is an Android-like message ID that depends on nothing but its place in the scenario.
func scenarioID(chat types.JID, what string, i int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d", chat, what, i))
	return "AC" + strings.ToUpper(hex.EncodeToString(sum[:15]))
}

// pictureOf describes an image nobody ever took: the fields have the right shape, and no host has the bytes.
func pictureOf(id string) *Media {
	part := func(what string) []byte {
		sum := sha256.Sum256([]byte(what + id))
		return sum[:]
	}
	return &Media{
		Mime: "image/jpeg", Size: 40_000 + uint64(part("size")[0])*997,
		DirectPath: "/v/t62.7118-24/" + hex.EncodeToString(part("path")[:12]) + "_n.enc?ccb=11-4&oh=01_none&oe=0&_nc_sid=5e03e0",
		Key:        part("key"), SHA256: part("plain"), EncSHA256: part("sealed"),
	}
}
