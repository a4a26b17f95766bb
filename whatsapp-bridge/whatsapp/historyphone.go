package whatsapp

import (
	"context"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// ownPhone is the account's phone as history jobs ask it.
type ownPhone struct{ client *Client }

func (p ownPhone) connected() bool { return p.client.Condition().State == Connected }

func (p ownPhone) newID() string { return p.client.library().GenerateMessageID() }

func (p ownPhone) request(ctx context.Context, id, address string, anchor store.AnchorMessage, count int64) error {
	chat, err := types.ParseJID(address)
	if err != nil {
		return fmt.Errorf("reading the address of a chat: %w", err)
	}
	library, err := p.client.ready()
	if err != nil {
		return err
	}
	oldest := &types.MessageInfo{
		MessageSource: types.MessageSource{Chat: chat, IsFromMe: anchor.FromMe},
		ID:            anchor.ID, Timestamp: time.Unix(anchor.Timestamp, 0),
	}
	_, err = library.SendMessage(ctx, p.client.Own().JID, library.BuildHistorySyncRequest(oldest, int(count)),
		whatsmeow.SendRequestExtra{ID: id, Peer: true})
	return err
}

func (p ownPhone) addresses(ctx context.Context, chat string) []string {
	likely := chat
	if wired, err := p.client.wire(ctx, chat); err == nil {
		likely = bare(wired)
	}
	others := []string{chat}
	if known, err := p.client.store.Anchor(ctx, chat); err == nil {
		others = append(others, known.Aliases...)
	}
	return likelyAddresses(likely, others)
}

// historyConnected lets jobs go on after a login.
func (c *Client) historyConnected(ctx context.Context) {
	if _, err := c.account.resume(ctx); err != nil {
		c.log.Error("the account's history job could not be carried on", "error", err)
	}
	c.jobs.connected()
}

// historyDisconnected pauses jobs until the next login.
func (c *Client) historyDisconnected(ctx context.Context, reason string) {
	if err := c.account.pause(ctx, reason); err != nil && ctx.Err() == nil {
		c.log.Error("the account's history job could not be paused", "error", err)
	}
	c.jobs.disconnected()
}

// historyLinked begins anew: the phone pushes its history to every new link.
func (c *Client) historyLinked(ctx context.Context) {
	if err := c.account.reset(ctx); err != nil {
		c.log.Error("the account's history job could not be begun anew", "error", err)
	}
}

func (c *Client) stopHistory(ctx context.Context) {
	c.historyDisconnected(ctx, "the bridge stopped")
	c.account.stop()
	c.jobs.stop()
}

// HistoryStatus is how far all history jobs are. Nothing waits to be merged here, so that Rows and LastSeq stay 0.
type HistoryStatus struct {
	State       State              `json:"state"`
	Initial     store.HistoryJob   `json:"initial"`
	Rows        int64              `json:"rows"`
	LastSeq     int64              `json:"last_seq"`
	Origin      string             `json:"origin"`
	Jobs        []store.HistoryJob `json:"jobs"`
	TempDBBytes int64              `json:"temp_db_bytes"`
}

const mostJobs = 50

// HistoryStatus gives the account's job and the latest of the chats'.
func (c *Client) HistoryStatus(ctx context.Context) (HistoryStatus, error) {
	initial, err := c.account.job(ctx)
	if err != nil {
		return HistoryStatus{}, err
	}
	jobs, err := c.store.Jobs(ctx, mostJobs)
	return HistoryStatus{State: c.Condition().State, Initial: initial, Origin: store.FileName, Jobs: jobs}, err
}

// RetrieveHistory gives the account's job. Complete, it is told as it is, connected or not.
func (c *Client) RetrieveHistory(ctx context.Context) (store.HistoryJob, error) {
	job, err := c.account.job(ctx)
	if err != nil || job.State == store.JobCompleted {
		return job, err
	}
	if _, err := c.ready(); err != nil {
		return job, err
	}
	return c.account.resume(ctx)
}

// FetchHistory starts the job of a chat, or joins it; it goes on by itself. chat is what the user typed.
func (c *Client) FetchHistory(ctx context.Context, chat string, order JobOrder) (store.HistoryJob, error) {
	if _, err := c.ready(); err != nil {
		return store.HistoryJob{}, err
	}
	found, err := c.store.Resolve(ctx, chat)
	if err != nil {
		return store.HistoryJob{}, err
	}
	return c.jobs.start(ctx, found.JID, order)
}

// CancelHistory ends the job of a chat; what has arrived stays.
func (c *Client) CancelHistory(ctx context.Context, chat string) (store.HistoryJob, error) {
	found, err := c.store.Resolve(ctx, chat)
	if err != nil {
		return store.HistoryJob{}, err
	}
	return c.jobs.cancel(ctx, found.JID)
}
