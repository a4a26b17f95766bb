package whatsapp

import (
	"context"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// target is where a message goes; devices are the recipient's, empty for groups and newsletters.
type target struct {
	jid     types.JID
	devices []types.JID
}

// deaf tells that WhatsApp's server acknowledged a stanza which was encrypted for no device of the recipient.
func (t target) deaf(ctx context.Context, library *whatsmeow.Client) bool {
	for _, device := range t.devices {
		if known, err := library.Store.ContainsSession(ctx, device.SignalAddress()); err != nil || known {
			return false
		}
	}
	return len(t.devices) > 0
}

// reach finds the devices of the recipient before anything is sent: a stanza for nobody is acknowledged as any other.
func (c *Client) reach(ctx context.Context, library *whatsmeow.Client, address store.Address) (target, error) {
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	jid, err := c.wire(ctx, address.JID)
	if err != nil {
		return target{}, err
	}
	switch jid.Server {
	case types.GroupServer:
		_, err := c.addressing(ctx, jid)
		return target{jid: jid}, err
	case types.NewsletterServer:
		return target{jid: jid}, nil
	case types.DefaultUserServer, types.HiddenUserServer:
	default:
		return target{}, fault.New(fault.RecipientUnreachable, "Only people, groups and newsletters can be written to.")
	}
	if jid, err = c.lid(ctx, library, address.JID); err != nil {
		return target{}, err
	}
	// The account's own devices get a copy. Asked for now, they are known when the message leaves.
	devices, err := library.GetUserDevices(ctx, []types.JID{jid, c.Own().LID})
	if err != nil {
		return target{}, refusal(err)
	}
	to := target{jid: jid}
	for _, device := range devices {
		if device.User == jid.User {
			to.devices = append(to.devices, device)
		}
	}
	if len(to.devices) == 0 {
		return target{}, fault.New(fault.RecipientUnreachable, "")
	}
	return to, nil
}

// lid gives a person's LID, asking the server for the one of a number that is new. RECIPIENT_UNREACHABLE for a number that
// has none.
func (c *Client) lid(ctx context.Context, library *whatsmeow.Client, canonical string) (types.JID, error) {
	jid, err := c.wire(ctx, canonical)
	if err != nil || jid.Server != types.DefaultUserServer {
		return jid, err
	}
	infos, err := library.GetUserInfo(ctx, []types.JID{jid})
	if err != nil {
		return types.EmptyJID, refusal(err)
	}
	if jid = infos[jid].LID.ToNonAD(); jid.IsEmpty() {
		return types.EmptyJID, fault.New(fault.RecipientUnreachable, "")
	}
	return jid, nil
}
