package world

import (
	"fmt"
	"slices"

	"go.mau.fi/whatsmeow/types"
)

// AddCommunity makes a community known; its groups are added after it.
func (w *World) AddCommunity(c Community) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.community(c.JID) >= 0 || w.group(c.JID) != nil {
		return fmt.Errorf("community %q: %s is taken", c.Name, c.JID)
	}
	w.communities = append(w.communities, c)
	return nil
}

// AddGroup makes a group known. Participants who are contacts get their PN filled in by Group and Groups.
func (w *World) AddGroup(g Group) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.community(g.JID) >= 0 || w.group(g.JID) != nil {
		return fmt.Errorf("group %q: %s is taken", g.Name, g.JID)
	}
	if !g.Community.IsEmpty() && w.community(g.Community) < 0 {
		return fmt.Errorf("group %q: community %s is not known", g.Name, g.Community)
	}
	g.Participants = slices.Clone(g.Participants)
	w.groups = append(w.groups, &g)
	return nil
}

// Groups returns every group, joined or not.
func (w *World) Groups() []Group {
	w.mu.RLock()
	defer w.mu.RUnlock()
	out := make([]Group, len(w.groups))
	for i, g := range w.groups {
		out[i] = w.copyGroup(g)
	}
	return out
}

// Group finds a group by JID.
func (w *World) Group(jid types.JID) (Group, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	g := w.group(jid)
	if g == nil {
		return Group{}, false
	}
	return w.copyGroup(g), true
}

// Communities returns every community the account is in.
func (w *World) Communities() []Community {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return slices.Clone(w.communities)
}

// Community finds a community by JID.
func (w *World) Community(jid types.JID) (Community, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	i := w.community(jid)
	if i < 0 {
		return Community{}, false
	}
	return w.communities[i], true
}

// CommunityGroups returns a community's groups, the announcement group first.
func (w *World) CommunityGroups(community types.JID) []Group {
	groups := slices.DeleteFunc(w.Groups(), func(g Group) bool { return g.Community != community })
	slices.SortStableFunc(groups, func(a, b Group) int {
		switch {
		case a.Announcement == b.Announcement:
			return 0
		case a.Announcement:
			return -1
		default:
			return 1
		}
	})
	return groups
}

func (w *World) group(jid types.JID) *Group {
	for _, g := range w.groups {
		if g.JID == jid {
			return g
		}
	}
	return nil
}

func (w *World) community(jid types.JID) int {
	return slices.IndexFunc(w.communities, func(c Community) bool { return c.JID == jid })
}

func (w *World) copyGroup(g *Group) Group {
	out := *g
	out.Participants = slices.Clone(g.Participants)
	for i, p := range out.Participants {
		switch c := w.byUser[p.LID]; {
		case p.LID == w.account.LID:
			out.Participants[i].PN = w.account.PN
		case c != nil && !c.PNHidden:
			out.Participants[i].PN = c.PN
		}
	}
	return out
}
