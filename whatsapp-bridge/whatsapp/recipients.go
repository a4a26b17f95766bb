package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// Recipients are the JIDs of whom this device may write to; nil is everybody.
type Recipients []string

const nobody = "nobody"

// ParseRecipients reads JIDs and phone numbers with commas between them, or the word nobody. What is not understood is an
// error: a list that is half read keeps out fewer than was meant, or lets in others. Names are not taken, since whoever is
// called so can change.
func ParseRecipients(text string) (Recipients, error) {
	if strings.TrimSpace(text) == nobody {
		return Recipients{}, nil
	}
	var named Recipients
	for entry := range strings.SplitSeq(text, ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			return nil, errors.New(`an entry is empty: give JIDs or phone numbers with commas between them, or "nobody"`)
		}
		jid, err := store.AddressOf(entry)
		if err != nil {
			return nil, fmt.Errorf("%q is neither a JID nor a phone number with its country code", entry)
		}
		named = append(named, jid)
	}
	return named, nil
}

// permitted refuses whoever is not named, under whichever of a person's addresses. Errors: RECIPIENT_NOT_ALLOWED.
func (c *Client) permitted(ctx context.Context, jid string) error {
	if c.recipients == nil {
		return nil
	}
	named, err := c.store.IsOneOf(ctx, jid, c.recipients)
	if err != nil || named {
		return err
	}
	return fault.New(fault.RecipientNotAllowed, jid+" is not among the recipients that are allowed")
}
