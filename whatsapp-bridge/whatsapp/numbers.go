package whatsapp

import (
	"context"
	"time"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// NumberCheck says whether a phone number is on WhatsApp. Name is how the person is known here, if at all.
type NumberCheck struct {
	Phone        string `json:"phone"`
	Registered   bool   `json:"registered"`
	JID          string `json:"jid,omitempty"`
	LID          string `json:"lid,omitempty"`
	Name         string `json:"name,omitempty"`
	BusinessName string `json:"business_name,omitempty"`
}

// CheckNumber asks WhatsApp's server whether a phone number is registered.
//
// Errors: INVALID_PHONE_FORMAT, RATE_LIMIT, NOT_PAIRED and its like.
func (c *Client) CheckNumber(ctx context.Context, text string) (NumberCheck, error) {
	address, err := c.store.ResolvePhone(ctx, text)
	if err != nil {
		return NumberCheck{}, err
	}
	library, err := c.ready()
	if err != nil {
		return NumberCheck{}, err
	}
	if err := c.checks.take(time.Now(), tooManyChecks); err != nil {
		return NumberCheck{}, err
	}
	profile, err := c.store.Profile(ctx, address.JID)
	if err != nil {
		return NumberCheck{}, err
	}
	done := NumberCheck{Phone: profile.Phone}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	answers, err := library.IsOnWhatsApp(ctx, []string{done.Phone})
	if err != nil {
		return NumberCheck{}, refusal(err)
	}
	for _, answer := range answers {
		if !answer.IsIn {
			continue
		}
		// The answer may name the LID, the number, or both, and only now the store knows that they are one.
		if profile, err = c.store.Profile(ctx, bare(answer.JID)); err != nil {
			return NumberCheck{}, err
		}
		done.Registered, done.JID, done.LID = true, profile.JID, profile.LID
		if answer.VerifiedName != nil {
			done.BusinessName = answer.VerifiedName.Details.GetVerifiedName()
		}
	}
	if address.Known {
		done.Name = address.Name
	}
	return done, nil
}

// strange lets WhatsApp be asked about somebody who was never seen as often as about a number.
func (c *Client) strange(address store.Address) error {
	if address.Known {
		return nil
	}
	return c.checks.take(time.Now(), tooManyChecks)
}
