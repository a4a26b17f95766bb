package whatsapp

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

const (
	lookAroundTime = time.Minute
	// The list of joined groups is asked for again only after this: WhatsApp answers 429 to those who ask often.
	groupsFresh = 30 * time.Second
	// So is a group's own description; a change that the server tells of ends it sooner.
	groupFresh = time.Minute
	mostInfos  = 200
)

// groupFacts remembers how the members of a group are addressed, which groups are announcements, what was just asked of
// groups, and when their list was.
type groupFacts struct {
	mu        sync.Mutex
	modes     map[types.JID]types.AddressingMode
	announced map[types.JID]bool
	infos     map[types.JID]knownGroup
	joined    map[types.JID]bool
	askedAt   time.Time
}

// knownGroup is a group as the server described it at that time.
type knownGroup struct {
	info *types.GroupInfo
	at   time.Time
}

func (f *groupFacts) info(group types.JID) (*types.GroupInfo, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known, found := f.infos[group]
	return known.info, found && time.Since(known.at) < groupFresh
}

func (f *groupFacts) remember(info *types.GroupInfo) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.infos == nil || len(f.infos) >= mostInfos {
		f.infos = map[types.JID]knownGroup{}
	}
	f.infos[info.JID] = knownGroup{info, time.Now()}
}

func (f *groupFacts) learn(info *types.GroupInfo) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.modes == nil {
		f.modes = map[types.JID]types.AddressingMode{}
		f.announced = map[types.JID]bool{}
	}
	f.modes[info.JID] = info.AddressingMode
	f.announced[info.JID] = info.IsAnnounce && info.IsDefaultSubGroup
}

// announcement tells whether a group that was learnt is the announcement group of a community.
func (f *groupFacts) announcement(group types.JID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.announced[group]
}

func (f *groupFacts) mode(group types.JID) (types.AddressingMode, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	mode, known := f.modes[group]
	return mode, known
}

func (f *groupFacts) forget(group types.JID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.modes, group)
	delete(f.infos, group)
	f.askedAt = time.Time{}
}

func (f *groupFacts) setJoined(joined map[types.JID]bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.joined, f.askedAt = joined, time.Now()
}

func (f *groupFacts) fresh() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Since(f.askedAt) < groupsFresh
}

func (f *groupFacts) isJoined(group types.JID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.joined[group]
}

// lookAround learns the account's groups and blocked people after a login, and works off what waited for a connection.
func (c *Client) lookAround(generation int) {
	ctx, cancel := context.WithTimeout(context.Background(), lookAroundTime)
	defer cancel()
	c.wakeHistory()
	if err := c.refreshGroups(ctx); err != nil && generation == c.currentGeneration() {
		c.log.Warn("the account's groups could not be listed", "error", err)
	}
	if err := c.refreshNewsletters(ctx); err != nil && generation == c.currentGeneration() {
		c.log.Warn("the newsletters that the account follows could not be listed", "error", err)
	}
	if _, err := c.refreshBlocklist(ctx, c.library()); err != nil && generation == c.currentGeneration() {
		c.log.Warn("the blocked people could not be listed", "error", err)
	}
}

// refreshGroups stores the joined groups and communities as the server lists them, unless that was done just now.
func (c *Client) refreshGroups(ctx context.Context) error {
	if c.groups.fresh() {
		return nil
	}
	infos, err := c.library().GetJoinedGroups(ctx)
	if err != nil {
		return refusal(err)
	}
	joined := make(map[types.JID]bool, len(infos))
	groups := make([]store.Group, 0, len(infos))
	for _, info := range infos {
		joined[info.JID] = true
		c.groups.learn(info)
		groups = append(groups, groupRow(info))
	}
	if err := c.store.SaveGroups(ctx, groups); err != nil {
		return err
	}
	c.groups.setJoined(joined)
	return nil
}

func groupRow(info *types.GroupInfo) store.Group {
	group := store.Group{
		JID: bare(info.JID), Name: info.Name, Community: info.IsParent,
		Announcement: info.IsDefaultSubGroup, Joined: true,
	}
	if !info.LinkedParentJID.IsEmpty() {
		group.CommunityJID = bare(info.LinkedParentJID)
	}
	if len(info.Participants) > 0 {
		group.Members = make([]store.Member, 0, len(info.Participants))
	}
	for _, participant := range info.Participants {
		group.Members = append(group.Members, store.Member{JID: bare(participant.JID), Role: roleOf(participant)})
	}
	return group
}

func roleOf(participant types.GroupParticipant) string {
	switch {
	case participant.IsSuperAdmin:
		return "superadmin"
	case participant.IsAdmin:
		return "admin"
	default:
		return "member"
	}
}

// keepGroup stores a group that the account joined or was added to.
func (c *Client) keepGroup(ctx context.Context, info *types.GroupInfo) error {
	c.groups.forget(info.JID)
	c.groups.learn(info)
	return c.store.SaveGroups(ctx, []store.Group{groupRow(info)})
}

// keepGroupChange stores a new name and who came, left or changed role.
func (c *Client) keepGroupChange(ctx context.Context, event *events.GroupInfo) error {
	c.groups.forget(event.JID)
	group := bare(event.JID)
	if event.Name != nil {
		if err := c.store.SaveChat(ctx, store.StoredChat{JID: group, Name: event.Name.Name}); err != nil {
			return err
		}
	}
	var set []store.Member
	for _, change := range []struct {
		role    string
		members []types.JID
	}{{"member", event.Join}, {"admin", event.Promote}, {"member", event.Demote}} {
		for _, member := range change.members {
			set = append(set, store.Member{JID: bare(member), Role: change.role})
		}
	}
	var left []string
	for _, member := range event.Leave {
		left = append(left, bare(member))
	}
	if len(set)+len(left) == 0 {
		return nil
	}
	return c.store.ChangeMembers(ctx, group, set, left)
}

// addressing tells how the members of a group are addressed, asking the server where it is not known.
func (c *Client) addressing(ctx context.Context, group types.JID) (types.AddressingMode, error) {
	if mode, known := c.groups.mode(group); known {
		return mode, nil
	}
	info, err := c.groupInfo(ctx, group)
	if errors.Is(err, whatsmeow.ErrGroupNotFound) {
		return "", fault.New(fault.RecipientUnreachable, "WhatsApp knows no such group.")
	}
	if err != nil {
		return "", err
	}
	return info.AddressingMode, nil
}

// groupInfo describes a group that the account is in, as the server did at most a minute ago. Beside our errors it gives
// whatsmeow.ErrGroupNotFound, which means something else to each caller.
func (c *Client) groupInfo(ctx context.Context, group types.JID) (*types.GroupInfo, error) {
	if info, fresh := c.groups.info(group); fresh {
		return info, nil
	}
	info, err := c.library().GetGroupInfo(ctx, group)
	switch {
	case errors.Is(err, whatsmeow.ErrNotInGroup):
		return nil, fault.New(fault.NotGroupMember, "")
	case errors.Is(err, whatsmeow.ErrGroupNotFound):
		return nil, err
	case err != nil:
		return nil, refusal(err)
	}
	c.groups.learn(info)
	c.groups.remember(info)
	return info, c.store.SaveGroups(ctx, []store.Group{groupRow(info)})
}
