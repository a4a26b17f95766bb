package world

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"go.mau.fi/whatsmeow/types"
)

var (
	firstNames = []string{
		"Anna", "Ben", "Chloé", "Dmitri", "Élodie", "Farid", "Grace", "Hiroshi", "Inês", "Jörg", "Kofi", "Łucja", "Mei", "Noor",
		"Óscar", "Pia", "Quentin", "Ravi", "Şirin", "Tuğba", "Ulla", "Võ", "Wren", "Xenia", "Yara", "Žofia", "晓明", "さくら", "Ольга", "ليلى",
	}
	lastNames = []string{
		"Abel", "Brandt", "Costa", "Dörr", "Egede", "Fontaine", "Gruber", "Hansen", "Ito", "Jansen", "Kowalska", "Lund", "Moreau", "Nwosu",
		"Özdemir", "Petrov", "Quist", "Rossi", "Sørensen", "Tanaka", "Usman", "Vogel", "Weiß", "Xu", "Yilmaz", "Zeller", "O'Neill", "García",
	}
	groupWords = []string{
		"Family", "Flat", "Team", "Book Club", "Choir", "Parents", "Running", "Allotment", "Board Games", "Office", "Road Trip", "Neighbours",
		"Quiz Night", "Kindergarten", "Rowing", "Film Club", "Projekt", "Wohnung", "Équipe", "読書会",
	}
)

// cast is who is in a generated world, and where.
type cast struct {
	account     Account
	contacts    []Contact
	communities []Community
	groups      []Group
	// chats and speakers are by chat number: what it is called, and who may talk there besides the account.
	chats    []types.JID
	speakers [][]types.JID
}

// inventCast decides who is in a world of so many chats. Of five chats in a row three are direct and two are groups.
func inventCast(chats int, seed uint64) *cast {
	r := seeded(seed, 0xca57)
	c := &cast{account: Account{Name: "Alex", PN: inventPN(0), LID: inventLID(0)}, chats: make([]types.JID, chats), speakers: make([][]types.JID, chats)}
	groups := chats / 5 * 2
	groups += max(0, chats%5-3)
	direct := chats - groups
	for i := range direct + 2*groups {
		c.contacts = append(c.contacts, inventContact(i+1, i < direct))
	}
	nextDirect, nextGroup := 0, 0
	for n := range c.chats {
		if n%5 < 3 {
			contact := c.contacts[nextDirect]
			c.chats[n], c.speakers[n] = contact.LID, []types.JID{contact.LID}
			nextDirect++
			continue
		}
		g := c.inventGroup(nextGroup, r)
		c.groups = append(c.groups, g)
		c.chats[n] = g.JID
		for _, p := range g.Participants {
			if p.LID != c.account.LID && (!g.Announcement || p.Role != RoleMember) {
				c.speakers[n] = append(c.speakers[n], p.LID)
			}
		}
		nextGroup++
	}
	return c
}

// People are numbered from 0, the account. Numbers are in the +1 555 area, which nobody has.
func inventPN(i int) types.JID {
	return types.NewJID(strconv.Itoa(15550100000+i), types.DefaultUserServer)
}

func inventLID(i int) types.JID {
	return types.NewJID(strconv.Itoa(200_000_000_000_000+i*1_000_003), types.HiddenUserServer)
}

func inventGroupJID(i int) types.JID {
	return types.NewJID(strconv.Itoa(120_363_050_000_000_000+i), types.GroupServer)
}

// inventContact makes person i. Whom the account writes with directly is usually saved, the others are known from groups.
func inventContact(i int, direct bool) Contact {
	first, last := firstNames[i%len(firstNames)], lastNames[i/len(firstNames)%len(lastNames)]
	name := first + " " + last
	if round := i / (len(firstNames) * len(lastNames)); round > 0 {
		name += " " + strconv.Itoa(round+1)
	}
	return Contact{Name: name, PushName: first, PN: inventPN(i), LID: inventLID(i), Saved: direct && i%10 != 0}
}

// Of twenty groups in a row the first five are a community, its announcement group first.
const (
	communityEvery = 20
	communitySize  = 5
)

func (c *cast) inventGroup(i int, r *rand.Rand) Group {
	g := Group{
		JID: inventGroupJID(2 * i), Name: fmt.Sprintf("%s %d", groupWords[i%len(groupWords)], i/len(groupWords)+1), Joined: true,
		Participants: []Participant{{LID: c.account.LID}},
	}
	for k, who := range r.Perm(len(c.contacts))[:min(len(c.contacts), 4+r.IntN(36))] {
		p := Participant{LID: c.contacts[who].LID}
		switch k {
		case 0:
			p.Role, g.Creator = RoleSuperAdmin, p.LID
		case 1:
			p.Role = RoleAdmin
		}
		g.Participants = append(g.Participants, p)
	}
	if place := i % communityEvery; place < communitySize {
		number := i / communityEvery
		if place == 0 {
			c.communities = append(c.communities, Community{JID: inventGroupJID(2*i + 1), Name: fmt.Sprintf("Community %d", number+1), Creator: g.Creator})
			g.Announcement, g.Name = true, fmt.Sprintf("Community %d Announcements", number+1)
		}
		g.Community = c.communities[number].JID
	}
	return g
}

// join puts the cast into a world; groups are three years old. Each community also has a group that the account has not joined.
func (c *cast) join(w *World, end int64) error {
	created := end - int64(span.Seconds())
	for _, contact := range c.contacts {
		if err := w.AddContact(contact); err != nil {
			return err
		}
	}
	for i, community := range c.communities {
		community.Created = created
		if err := w.AddCommunity(community); err != nil {
			return err
		}
		c.groups = append(c.groups, Group{
			JID: inventGroupJID(2*len(c.chats) + i), Name: community.Name + " Elsewhere", Community: community.JID,
			Creator: community.Creator, Participants: []Participant{{LID: community.Creator, Role: RoleSuperAdmin}},
		})
	}
	for _, g := range c.groups {
		g.Created = created
		if err := w.AddGroup(g); err != nil {
			return err
		}
	}
	return nil
}
