package whatsapp

import (
	"context"
	"errors"
	"slices"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// RevokeMessage takes a message back for everyone: an own one, or in a group of which the account is an admin anybody's.
//
// Errors: those of MessageByID and of a send, NOT_OWN_MESSAGE.
func (c *Client) RevokeMessage(ctx context.Context, on MessageRef) (SentMessage, error) {
	return c.change(ctx, on, actRevoke, "", func(ctx context.Context, to target, original store.StoredMessage) (*waE2E.Message, error) {
		if original.FromMe {
			return c.library().BuildRevoke(to.jid, types.EmptyJID, original.ID), nil
		}
		if err := c.mayRevokeOthers(ctx, to.jid); err != nil {
			return nil, err
		}
		author, err := c.wireSender(ctx, to.jid, original.SenderJID)
		if err != nil {
			return nil, err
		}
		return c.library().BuildRevoke(to.jid, author, original.ID), nil
	})
}

// mayRevokeOthers asks the server who is an admin: what is stored may be older than the last change of roles.
func (c *Client) mayRevokeOthers(ctx context.Context, chat types.JID) error {
	refused := fault.New(fault.NotOwnMessage, "It was written by somebody else, and only a group's admins can delete the messages of others.").
		WithResolution("Ask an admin of the group, or delete only own messages.")
	if chat.Server != types.GroupServer {
		return refused
	}
	info, err := c.library().GetGroupInfo(ctx, chat)
	switch {
	case errors.Is(err, whatsmeow.ErrNotInGroup):
		return fault.New(fault.NotGroupMember, "")
	case err != nil:
		return refusal(err)
	}
	own := c.Own()
	admin := slices.ContainsFunc(info.Participants, func(p types.GroupParticipant) bool {
		me := p.JID.User == own.JID.User || p.JID.User == own.LID.User
		return me && (p.IsAdmin || p.IsSuperAdmin)
	})
	if !admin {
		return refused
	}
	return nil
}
