package whatsapp

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// storeTimeout bounds what one event may take to store; history has its own.
const storeTimeout = 30 * time.Second

// handle takes every event of the library client of that generation. It returns false when the event could not be
// stored: then it is not acknowledged, and WhatsApp's server gives it again after the next login.
func (c *Client) handle(generation int, event any) bool {
	if generation != c.currentGeneration() {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	if c.handleLink(ctx, generation, event) {
		return true
	}
	c.begin()
	defer c.end()
	err := c.keep(ctx, event)
	if err == nil {
		return true
	}
	if refused := fault.From(err); refused.Status < http.StatusInternalServerError {
		// It will be as wrong the next time: left unacknowledged, it would come again for ever.
		c.log.Warn("an event was refused", "event", fmt.Sprintf("%T", event), "error", err)
		return true
	}
	c.notStored(fault.From(err).Message)
	c.log.Error("an event could not be stored, so it is not acknowledged",
		"event", fmt.Sprintf("%T", event), "error", err)
	return false
}

func (c *Client) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.activity.Pending++
	c.activity.LastEventAt = time.Now()
}

func (c *Client) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.activity.Pending--
}

// handleLink takes the events that are about the link itself, and tells the supervisor.
func (c *Client) handleLink(ctx context.Context, generation int, event any) bool {
	news := signal{generation: generation}
	switch event := event.(type) {
	case *events.QR:
		news.kind, news.codes = codesCame, event.Codes
	case *events.PairSuccess:
		c.setOwn(ctx, Own{JID: event.ID.ToNonAD(), LID: event.LID.ToNonAD()})
		news.kind = linked
	case *events.PairError:
		news.kind, news.reason = linkFailed, event.Error.Error()
	case *events.QRScannedWithoutMultidevice:
		c.log.Warn("the phone that scanned the code has no linked devices: update WhatsApp on it and scan again")
		return true
	case *events.Connected:
		news.kind = loggedIn
		go c.lookAround(generation)
	case *events.ManualLoginReconnect:
		news.kind = loginAgain
	case *events.Disconnected:
		news.kind, news.reason = dropped, "the connection was closed"
	case *events.StreamError:
		news.kind, news.reason = dropped, "WhatsApp closed the stream: "+event.Code
	case *events.ConnectFailure:
		news.kind, news.reason = dropped, fmt.Sprintf("WhatsApp refused the login: %d", int(event.Reason))
	case *events.KeepAliveTimeout:
		if event.ErrorCount < 3 {
			return true
		}
		news.kind, news.reason = dropped, "WhatsApp no longer answers"
	case *events.KeepAliveRestored:
		return true
	default:
		condition, over := ending(event)
		if !over {
			return false
		}
		news.kind, news.condition = ended, condition
	}
	if err := c.post(ctx, news); err != nil {
		c.log.Error("the bridge is too busy to follow its own connection", "error", err)
	}
	return true
}

// keep stores what an event says. Events that say nothing a store keeps are passed over.
func (c *Client) keep(ctx context.Context, event any) error {
	switch event := event.(type) {
	case *events.Message:
		return c.keepMessage(ctx, event)
	case *events.UndecryptableMessage:
		return c.keepUnavailable(ctx, event)
	case *events.Receipt:
		return c.keepReceipt(ctx, event)
	case *events.PushName:
		return c.store.SaveContacts(ctx, []store.StoredContact{{JID: bare(event.JID), PushName: event.NewPushName}})
	case *events.UserAbout:
		return c.store.SaveAbout(ctx, bare(event.JID), event.Status)
	case *events.BusinessName:
		return c.store.SaveContacts(ctx, []store.StoredContact{{JID: bare(event.JID), BusinessName: event.NewBusinessName}})
	case *events.Contact:
		return c.keepContact(ctx, event)
	case *events.PushNameSetting:
		c.setPushName(event.Action.GetName())
		return nil
	case *events.Archive:
		archived := event.Action.GetArchived()
		return c.keepMark(ctx, appstate.IndexArchive, event.Timestamp, store.StoredChat{Archived: &archived}, event.JID)
	case *events.Pin:
		pinned := event.Action.GetPinned()
		return c.keepMark(ctx, appstate.IndexPin, event.Timestamp, store.StoredChat{Pinned: &pinned}, event.JID)
	case *events.Mute:
		until := mutedUntil(event.Action.GetMuted(), event.Action.GetMuteEndTimestamp())
		return c.keepMark(ctx, appstate.IndexMute, event.Timestamp, store.StoredChat{MutedUntil: &until}, event.JID)
	case *events.Star:
		return c.store.SetStarred(ctx, bare(event.ChatJID), event.MessageID, event.Action.GetStarred())
	case *events.MarkChatAsRead:
		return c.keepChatRead(ctx, event)
	case *events.MediaRetry:
		c.retries.answer(event)
		return nil
	case *events.JoinedGroup:
		return c.keepGroup(ctx, &event.GroupInfo)
	case *events.GroupInfo:
		return c.keepGroupChange(ctx, event)
	case *events.Blocklist:
		return c.keepBlocklist(ctx, event)
	}
	return nil
}

func (c *Client) keepContact(ctx context.Context, event *events.Contact) error {
	contact := store.StoredContact{
		JID: bare(event.JID), FullName: event.Action.GetFullName(), FirstName: event.Action.GetFirstName(),
	}
	// The same person's other address comes with the contact, before any message needs it.
	if lid, err := types.ParseJID(event.Action.GetLidJID()); err == nil && event.JID.Server == types.DefaultUserServer &&
		lid.Server == types.HiddenUserServer {
		if err := c.store.LearnAlias(ctx, bare(lid), contact.JID); err != nil {
			return err
		}
	}
	return c.store.SaveContacts(ctx, []store.StoredContact{contact})
}

func (c *Client) setPushName(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.own.PushName = name
}

// mutedUntil gives seconds: 0 not muted, -1 for ever. WhatsApp gives milliseconds, and -1 or 0 for ever.
func mutedUntil(muted bool, endMS int64) int64 {
	switch {
	case !muted:
		return 0
	case endMS <= 0:
		return -1
	default:
		return endMS / 1000
	}
}

// bare is a JID's text without device, as every row has it.
func bare(jid types.JID) string { return jid.ToNonAD().String() }
