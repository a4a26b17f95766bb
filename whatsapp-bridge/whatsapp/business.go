package whatsapp

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// askTime bounds one question to WhatsApp's server: whatsmeow's own patience is longer than that of callers.
const askTime = 20 * time.Second

// BusinessProfile is what a business says of itself. whatsmeow reads neither its description nor its websites.
type BusinessProfile struct {
	JID        string         `json:"jid"`
	Name       string         `json:"name,omitempty"`
	Email      string         `json:"email,omitempty"`
	Address    string         `json:"address,omitempty"`
	Categories []string       `json:"categories,omitempty"`
	Timezone   string         `json:"timezone,omitempty"`
	Hours      []OpeningHours `json:"hours,omitempty"`
}

// OpeningHours are those of one day of the week; times are HH:MM in the business's zone.
type OpeningHours struct {
	Day    string `json:"day"`
	Mode   string `json:"mode"`
	Opens  string `json:"opens,omitempty"`
	Closes string `json:"closes,omitempty"`
}

// BusinessProfile asks for the profile of a business account.
//
// Errors: those of Resolve, NOT_PAIRED and its like, NOT_BUSINESS_ACCOUNT.
func (c *Client) BusinessProfile(ctx context.Context, text string) (BusinessProfile, error) {
	library, err := c.ready()
	if err != nil {
		return BusinessProfile{}, err
	}
	address, err := c.store.Resolve(ctx, text)
	if err != nil {
		return BusinessProfile{}, err
	}
	jid, err := types.ParseJID(address.JID)
	if err != nil {
		return BusinessProfile{}, fault.Wrap(fault.InvalidJID, err, "")
	}
	if jid.Server != types.DefaultUserServer && jid.Server != types.HiddenUserServer {
		return BusinessProfile{}, fault.New(fault.NotBusinessAccount, "Only a person's account can be a business.")
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	found, err := library.GetBusinessProfile(ctx, jid)
	switch {
	case noBusiness(err):
		return BusinessProfile{}, fault.New(fault.NotBusinessAccount, "")
	case err != nil:
		return BusinessProfile{}, refusal(err)
	}
	profile := BusinessProfile{
		JID: address.JID, Name: address.Name, Email: found.Email, Address: found.Address, Timezone: found.BusinessHoursTimeZone,
	}
	for _, category := range found.Categories {
		profile.Categories = append(profile.Categories, category.Name)
	}
	for _, day := range found.BusinessHours {
		profile.Hours = append(profile.Hours, OpeningHours{
			Day: day.DayOfWeek, Mode: day.Mode, Opens: minutesOfDay(day.OpenTime), Closes: minutesOfDay(day.CloseTime),
		})
	}
	return profile, nil
}

// noBusiness tells that the answer held no profile, for which whatsmeow has no type of error (user.go, parseBusinessProfile).
func noBusiness(err error) bool {
	return err != nil && err.Error() == "missing jid in business profile"
}

// minutesOfDay turns WhatsApp's minutes since midnight into HH:MM.
func minutesOfDay(text string) string {
	minutes, err := strconv.Atoi(text)
	if err != nil || minutes < 0 {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}
