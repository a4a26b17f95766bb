package whatsapp

import (
	"context"
	"errors"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// ready gives the connected library, or the error that says what stands in the way and what mends it.
func (c *Client) ready() (*whatsmeow.Client, error) {
	condition := c.Condition()
	if condition.State == Connected {
		return c.library(), nil
	}
	problem := fault.New(notReady(condition.State), "")
	if condition.Resolution != "" {
		problem = problem.WithResolution(condition.Resolution)
	}
	return nil, problem
}

func notReady(state State) fault.Code {
	switch state {
	case NotPaired:
		return fault.NotPaired
	case LoggedOut:
		return fault.AuthExpired
	case Replaced:
		return fault.SessionReplaced
	case ClientOutdated:
		return fault.ClientOutdated
	case TemporarilyBanned:
		return fault.TemporarilyBanned
	case PasskeyRequired:
		return fault.PasskeyRequired
	case Connecting, Connected:
	}
	return fault.WhatsappNotConnected
}

// refusal turns an error of the library into ours. Its text stays in the log.
func refusal(err error) error {
	var known *fault.Error
	var refused *whatsmeow.IQError
	switch {
	case errors.As(err, &known):
		return err
	case disconnected(err):
		return fault.Wrap(fault.WhatsappNotConnected, err, "")
	case errors.Is(err, whatsmeow.ErrIQRateOverLimit):
		return fault.Wrap(fault.RateLimit, err, "WhatsApp's server asks for fewer requests.").
			WithDetails(fault.Details{RetryAfter: 60})
	case errors.Is(err, whatsmeow.ErrIQTimedOut), errors.Is(err, context.DeadlineExceeded):
		return fault.Wrap(fault.WhatsappAPIError, err, "WhatsApp's server did not answer in time.")
	case errors.As(err, &refused):
		return fault.Wrap(fault.WhatsappAPIError, err, "").WithDetails(fault.Details{Found: refused.Code})
	}
	return fault.Wrap(fault.WhatsappAPIError, err, "")
}

func disconnected(err error) bool {
	var cut *whatsmeow.DisconnectedError
	return errors.As(err, &cut) || errors.Is(err, whatsmeow.ErrNotConnected) || errors.Is(err, whatsmeow.ErrNotLoggedIn)
}

// wire gives a canonical JID in the form in which WhatsApp addresses the chat today: people by their LID, where one
// is known.
func (c *Client) wire(ctx context.Context, canonical string) (types.JID, error) {
	jid, err := types.ParseJID(canonical)
	if err != nil {
		return types.EmptyJID, fault.Wrap(fault.InvalidJID, err, "")
	}
	if jid.Server != types.DefaultUserServer {
		return jid, nil
	}
	lid, err := c.library().Store.LIDs.GetLIDForPN(ctx, jid)
	if err != nil {
		return types.EmptyJID, fault.Wrap(fault.Internal, err, "")
	}
	if lid.IsEmpty() {
		return jid, nil
	}
	return lid, nil
}

// wireSender gives the author of a message as the chat addresses its people. In a group that is still addressed by
// phone numbers, a LID would name nobody.
func (c *Client) wireSender(ctx context.Context, chat types.JID, sender string) (types.JID, error) {
	if chat.Server == types.GroupServer {
		mode, err := c.addressing(ctx, chat)
		if err != nil {
			return types.EmptyJID, err
		}
		if mode != types.AddressingModeLID {
			return types.ParseJID(sender)
		}
	}
	return c.wire(ctx, sender)
}

// Chat resolves what a caller wrote to a chat that is known.
func (c *Client) chat(ctx context.Context, text string) (store.Address, error) {
	return c.store.ResolveChat(ctx, text)
}
