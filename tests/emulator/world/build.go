package world

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
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
	for _, n := range s.Newsletters {
		if err := b.newsletter(n); err != nil {
			return nil, fmt.Errorf("newsletter %q: %w", n.Name, err)
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
	hides, err := ParseHidden(c.Hides)
	if err != nil {
		return fmt.Errorf("contact %q: %w", c.Name, err)
	}
	return b.world.AddContact(Contact{
		Name: c.Name, PushName: cmp.Or(c.PushName, c.Name), PN: pn, LID: lid,
		Saved: c.Saved == nil || *c.Saved, About: c.About, Picture: shownIf(c.Picture, c.Name), Hides: hides,
		Business: c.Business, PNHidden: c.PNHidden,
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
	return b.world.AddCommunity(Community{
		JID: jid, Name: c.Name, Topic: c.Topic, Created: created, Picture: shownIf(c.Picture, c.Name),
	})
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
	out := Group{
		JID: jid, Name: g.Name, Topic: g.Topic, Picture: shownIf(g.Picture, g.Name),
		Announcement: g.Announcement, Joined: g.Joined == nil || *g.Joined,
	}
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

func (b builder) newsletter(n ScenarioNewsletter) error {
	if !digits.MatchString(n.JID) || n.Invite == "" {
		return fmt.Errorf("jid %q must be 5 to 18 digits, and it needs an invite", n.JID)
	}
	out := Newsletter{
		JID: types.NewJID(n.JID, types.NewsletterServer), Name: n.Name, Description: n.Description, Invite: n.Invite,
		Verified: n.Verified, Subscribers: n.Subscribers, Role: RoleGuest,
	}
	if n.Followed {
		out.Role = RoleSubscriber
	}
	var err error
	if out.Created, err = b.created(n.Created); err != nil {
		return err
	}
	for i, p := range n.Posts {
		at, err := ParseOffset(p.At, b.now)
		if err != nil {
			return fmt.Errorf("post %d: %w", i+1, err)
		}
		out.Posts = append(out.Posts, Post{
			ID: scenarioID(out.JID, "post", i), Text: p.Text, Timestamp: at.Unix(), Reactions: p.Reactions,
		})
	}
	return b.world.AddNewsletter(out)
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
