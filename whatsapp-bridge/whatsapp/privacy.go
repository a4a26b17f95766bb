package whatsapp

import (
	"context"

	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// PrivacySetting is one of the account's settings of who may see or do something.
type PrivacySetting types.PrivacySettingType

// The settings that can be changed.
const (
	LastSeen       = PrivacySetting(types.PrivacySettingTypeLastSeen)
	ProfilePicture = PrivacySetting(types.PrivacySettingTypeProfile)
	About          = PrivacySetting(types.PrivacySettingTypeStatus)
	Online         = PrivacySetting(types.PrivacySettingTypeOnline)
)

// PrivacySettings are all settings that the server names, in its own words. What it does not name is left out.
type PrivacySettings struct {
	LastSeen       types.PrivacySetting `json:"last_seen,omitempty"`
	Online         types.PrivacySetting `json:"online,omitempty"`
	ProfilePicture types.PrivacySetting `json:"profile_picture,omitempty"`
	About          types.PrivacySetting `json:"about,omitempty"`
	ReadReceipts   types.PrivacySetting `json:"read_receipts,omitempty"`
	Groups         types.PrivacySetting `json:"groups,omitempty"`
	Calls          types.PrivacySetting `json:"calls,omitempty"`
	Messages       types.PrivacySetting `json:"messages,omitempty"`
	Stickers       types.PrivacySetting `json:"stickers,omitempty"`
	Defense        types.PrivacySetting `json:"defense,omitempty"`
}

// PrivacyChange is what setting one did: the settings are as the server gives them afterwards.
type PrivacyChange struct {
	Status   string          `json:"status"`
	Settings PrivacySettings `json:"settings"`
}

// Privacy asks the server for the privacy settings.
func (c *Client) Privacy(ctx context.Context) (PrivacySettings, error) {
	library, err := c.ready()
	if err != nil {
		return PrivacySettings{}, err
	}
	// whatsmeow's memory follows changes on the phone only while it is connected.
	found, err := library.TryFetchPrivacySettings(ctx, true)
	if err != nil {
		return PrivacySettings{}, refusal(err)
	}
	return privacyOf(found), nil
}

// SetPrivacy changes a setting and reads all of them back. The value is one of those that the setting knows.
func (c *Client) SetPrivacy(ctx context.Context, setting PrivacySetting, value string) (PrivacyChange, error) {
	known, err := c.Privacy(ctx)
	if err != nil {
		return PrivacyChange{}, err
	}
	wanted := types.PrivacySetting(value)
	if known.of(setting) == wanted {
		return PrivacyChange{Status: statusUnchanged, Settings: known}, nil
	}
	if _, err := c.library().SetPrivacySetting(ctx, types.PrivacySettingType(setting), wanted); err != nil {
		return PrivacyChange{}, refusal(err)
	}
	now, err := c.Privacy(ctx)
	if err != nil {
		return PrivacyChange{}, err
	}
	if now.of(setting) != wanted {
		return PrivacyChange{}, fault.New(fault.WhatsappAPIError, "WhatsApp took the change and kept the old value.").
			WithResolution("Look with get_privacy_settings; change it on the phone.")
	}
	return PrivacyChange{Status: statusChanged, Settings: now}, nil
}

func (s PrivacySettings) of(setting PrivacySetting) types.PrivacySetting {
	switch setting {
	case LastSeen:
		return s.LastSeen
	case ProfilePicture:
		return s.ProfilePicture
	case About:
		return s.About
	case Online:
		return s.Online
	}
	return types.PrivacySettingUndefined
}

func privacyOf(found *types.PrivacySettings) PrivacySettings {
	return PrivacySettings{
		LastSeen: found.LastSeen, Online: found.Online, ProfilePicture: found.Profile, About: found.Status,
		ReadReceipts: found.ReadReceipts, Groups: found.GroupAdd, Calls: found.CallAdd, Messages: found.Messages,
		Stickers: found.Stickers, Defense: found.Defense,
	}
}
