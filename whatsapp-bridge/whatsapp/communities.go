package whatsapp

import (
	"context"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// mostGroups is more than a community can have (WhatsApp allows 100).
const mostGroups = 200

// GroupRead is what became of one group when its community was marked read.
type GroupRead struct {
	JID            string     `json:"jid"`
	Name           string     `json:"name"`
	Status         string     `json:"status"`
	MessagesMarked int        `json:"messages_marked"`
	ReceiptsSent   int        `json:"receipts_sent"`
	ErrorCode      fault.Code `json:"error_code,omitempty"`
	Message        string     `json:"message,omitempty"`
}

// What can become of a group.
const (
	groupRead        = "read"
	groupAlreadyRead = "already_read"
	groupNotJoined   = "not_joined"
	groupFailed      = "failed"
)

// CommunityRead is a community marked read, group by group.
type CommunityRead struct {
	Community      store.CommunityName `json:"community"`
	Groups         []GroupRead         `json:"groups"`
	MessagesMarked int                 `json:"messages_marked"`
}

// Communities lists the account's communities: the server's when connected, else those that are stored.
func (c *Client) Communities(ctx context.Context, query string, limit, page int) (store.CommunityPage, error) {
	if _, err := c.ready(); err == nil {
		if err := c.refreshGroups(ctx); err != nil {
			c.log.Warn("communities are answered from the store", "error", err)
		}
	}
	return c.store.ListCommunities(ctx, query, limit, page)
}

// CommunityGroups lists a community's groups, joined or not.
func (c *Client) CommunityGroups(ctx context.Context, text string, limit, page int) (store.CommunityGroupPage, error) {
	community, err := c.community(ctx, text)
	if err != nil {
		return store.CommunityGroupPage{}, err
	}
	return c.store.CommunityGroups(ctx, community.JID, limit, page)
}

// community finds a community; connected, the server's list of communities and of this one's groups comes first.
func (c *Client) community(ctx context.Context, text string) (store.CommunityName, error) {
	library, notReady := c.ready()
	if notReady == nil {
		if err := c.refreshGroups(ctx); err != nil {
			c.log.Warn("communities are answered from the store", "error", err)
		}
	}
	community, err := c.store.ResolveCommunity(ctx, text)
	if err != nil || notReady != nil {
		return community, err
	}
	if err := c.refreshSubGroups(ctx, library, community.JID); err != nil {
		c.log.Warn("a community's groups are answered from the store", "error", err)
	}
	return community, nil
}

func (c *Client) refreshSubGroups(ctx context.Context, library *whatsmeow.Client, community string) error {
	parent, err := types.ParseJID(community)
	if err != nil {
		return err
	}
	targets, err := library.GetSubGroups(ctx, parent)
	if err != nil {
		return refusal(err)
	}
	groups := make([]store.Group, 0, len(targets))
	for _, target := range targets {
		groups = append(groups, store.Group{
			JID: bare(target.JID), Name: target.Name, CommunityJID: community,
			Announcement: target.IsDefaultSubGroup, Joined: c.groups.isJoined(target.JID),
		})
	}
	return c.store.SaveGroups(ctx, groups)
}

// MarkCommunityRead marks every joined group of the community read. A group that fails does not stop the others.
func (c *Client) MarkCommunityRead(ctx context.Context, text string) (CommunityRead, error) {
	library, err := c.ready()
	if err != nil {
		return CommunityRead{}, err
	}
	community, err := c.community(ctx, text)
	if err != nil {
		return CommunityRead{}, err
	}
	listed, err := c.store.CommunityGroups(ctx, community.JID, mostGroups, 0)
	if err != nil {
		return CommunityRead{}, err
	}
	read := CommunityRead{Community: community, Groups: make([]GroupRead, 0, len(listed.Groups))}
	for _, group := range listed.Groups {
		if err := ctx.Err(); err != nil {
			return read, err
		}
		row := c.markGroupRead(ctx, library, group)
		read.MessagesMarked += row.MessagesMarked
		read.Groups = append(read.Groups, row)
	}
	return read, nil
}

func (c *Client) markGroupRead(ctx context.Context, library *whatsmeow.Client, group store.CommunityGroup) GroupRead {
	row := GroupRead{JID: group.JID, Name: group.Name, Status: groupNotJoined}
	if !group.Joined {
		return row
	}
	done, err := c.markRead(ctx, library, store.Address{JID: group.JID, Name: group.Name, Known: true})
	row.MessagesMarked, row.ReceiptsSent = done.MessagesMarked, done.ReceiptsSent
	switch {
	case err != nil:
		failure := fault.From(err)
		c.log.Warn("a group could not be marked read", "code", failure.Code, "error", err)
		row.Status, row.ErrorCode, row.Message = groupFailed, failure.Code, failure.Message
	case done.AppState == appStateUnchanged && done.MessagesMarked == 0:
		row.Status = groupAlreadyRead
	default:
		row.Status = groupRead
	}
	return row
}
