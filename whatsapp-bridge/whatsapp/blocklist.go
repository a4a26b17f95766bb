package whatsapp

import (
	"context"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// Blocking is a person after being blocked or unblocked.
type Blocking struct {
	Status  string `json:"status"`
	Blocked bool   `json:"blocked"`
	store.Person
}

// BlockedPeople are everybody whom the account blocks.
type BlockedPeople struct {
	Contacts []store.Person `json:"contacts"`
	Total    int            `json:"total"`
}

// Blocked asks the server whom the account blocks. The server's list holds LIDs; people whose number is known come with
// both.
func (c *Client) Blocked(ctx context.Context) (BlockedPeople, error) {
	library, err := c.ready()
	if err != nil {
		return BlockedPeople{}, err
	}
	listed, err := c.refreshBlocklist(ctx, library)
	if err != nil {
		return BlockedPeople{}, err
	}
	people, err := c.store.People(ctx, texts(listed))
	return BlockedPeople{Contacts: people, Total: len(people)}, err
}

// Block blocks a person, or lets them in again. The address is one of a person.
func (c *Client) Block(ctx context.Context, address store.Address, blocked bool) (Blocking, error) {
	if address.JID == bare(c.Own().JID) {
		return Blocking{}, fault.Argument("contact_jid", "is the account itself")
	}
	library, err := c.ready()
	if err != nil {
		return Blocking{}, err
	}
	lid, err := c.lid(ctx, library, address.JID)
	if err != nil {
		return Blocking{}, err
	}
	if _, err := c.refreshBlocklist(ctx, library); err != nil {
		return Blocking{}, err
	}
	// Asked by the store, because the list may hold the person under either address.
	known, err := c.store.Profile(ctx, address.JID)
	if err != nil {
		return Blocking{}, err
	}
	done := Blocking{Status: statusUnchanged, Blocked: blocked, Person: known.Person}
	if known.Blocked == blocked {
		return done, nil
	}
	done.Status = statusChanged
	return done, c.sendBlocked(ctx, library, lid, blocked)
}

func (c *Client) sendBlocked(ctx context.Context, library *whatsmeow.Client, lid types.JID, blocked bool) error {
	ctx, cancel := lasting(ctx, sendTime)
	defer cancel()
	action := events.BlocklistChangeActionUnblock
	if blocked {
		action = events.BlocklistChangeActionBlock
	}
	now, err := library.UpdateBlocklist(ctx, lid, action)
	if err != nil {
		return refusal(err)
	}
	return c.store.ReplaceBlocked(ctx, texts(people(now.JIDs)))
}

// refreshBlocklist stores the list as the server has it.
func (c *Client) refreshBlocklist(ctx context.Context, library *whatsmeow.Client) ([]types.JID, error) {
	listed, err := library.GetBlocklist(ctx)
	if err != nil {
		return nil, refusal(err)
	}
	blocked := people(listed.JIDs)
	return blocked, c.store.ReplaceBlocked(ctx, texts(blocked))
}

// keepBlocklist stores that another device blocked somebody, or let them in again.
func (c *Client) keepBlocklist(ctx context.Context, event *events.Blocklist) error {
	// The server names no change where there were many.
	if event.Action == events.BlocklistActionModify || len(event.Changes) == 0 {
		_, err := c.refreshBlocklist(ctx, c.library())
		return err
	}
	for _, change := range event.Changes {
		blocked := change.Action == events.BlocklistChangeActionBlock
		if err := c.store.SetBlocked(ctx, bare(change.JID), blocked); err != nil {
			return err
		}
	}
	return nil
}

// people leaves out what is no person.
func people(jids []types.JID) []types.JID {
	var found []types.JID
	for _, jid := range jids {
		if jid.Server == types.HiddenUserServer || jid.Server == types.DefaultUserServer {
			found = append(found, jid.ToNonAD())
		}
	}
	return found
}

func texts(jids []types.JID) []string {
	out := make([]string, len(jids))
	for i, jid := range jids {
		out[i] = bare(jid)
	}
	return out
}
