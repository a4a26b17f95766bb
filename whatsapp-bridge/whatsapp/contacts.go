package whatsapp

import (
	"context"
	"errors"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// ContactDetails is a person as messages.db and WhatsApp know them. Pointers are nil where WhatsApp was not asked; what
// privacy hides is left out.
type ContactDetails struct {
	store.Person
	Alias        string         `json:"alias,omitempty"`
	FullName     string         `json:"full_name,omitempty"`
	FirstName    string         `json:"first_name,omitempty"`
	PushName     string         `json:"push_name,omitempty"`
	BusinessName string         `json:"business_name,omitempty"`
	Blocked      bool           `json:"blocked"`
	About        string         `json:"about,omitempty"`
	OnWhatsApp   *bool          `json:"on_whatsapp,omitempty"`
	Business     *bool          `json:"business,omitempty"`
	PictureID    string         `json:"picture_id,omitempty"`
	SharedGroups int            `json:"shared_groups"`
	LastMessage  *store.Message `json:"last_message,omitempty"`
	Note         string         `json:"note,omitempty"`
}

// What a caller should know of the answer.
const (
	noteStored = "WhatsApp could not be asked now: this is what is stored."
	noteHidden = "The person's privacy settings hide the about text."
)

// ContactDetails gives what is stored of a person and, when connected, what WhatsApp says. text is what the user typed.
//
// Errors: those of ResolveContact.
func (c *Client) ContactDetails(ctx context.Context, text string) (ContactDetails, error) {
	held, err := c.store.Acquaintance(ctx, text)
	if err != nil {
		return ContactDetails{}, err
	}
	found := ContactDetails{
		Person: held.Person, Alias: held.Alias, FullName: held.FullName, FirstName: held.FirstName, PushName: held.PushName,
		BusinessName: held.BusinessName, Blocked: held.Blocked, About: held.About, SharedGroups: held.SharedGroups,
		LastMessage: held.LastMessage,
	}
	said, err := c.ask(ctx, held.JID)
	if err != nil {
		c.log.Info("a person is described from the store", "code", fault.CodeOf(err), "error", err)
		found.Note = noteStored
		return found, nil
	}
	known := said.registered()
	found.OnWhatsApp, found.Business, found.PictureID, found.About = &known, &said.business, said.pictureID, said.about
	if found.LID == "" && !said.lid.IsEmpty() {
		found.LID = bare(said.lid)
	}
	if said.aboutHidden {
		found.Note = noteHidden
	}
	return found, nil
}

// ask looks a person up at WhatsApp, under the number where it is known, and keeps the about text.
func (c *Client) ask(ctx context.Context, canonical string) (facts, error) {
	library, err := c.ready()
	if err != nil {
		return facts{}, err
	}
	jid, err := types.ParseJID(canonical)
	if err != nil {
		return facts{}, fault.Wrap(fault.InvalidJID, err, "")
	}
	said, err := c.lookUp(ctx, library, jid)
	if err != nil || said.aboutHidden || !said.registered() {
		return said, err
	}
	return said, c.store.SaveAbout(ctx, canonical, said.about)
}

// ContactAbout is the text that a person shows under their name; "" is a person without one.
type ContactAbout struct {
	store.Person
	About string     `json:"about"`
	SetAt store.Time `json:"set_at,omitempty"`
}

// ContactAbout asks WhatsApp for a person's about text.
//
// Errors: those of ResolvePerson, CONTACT_NOT_FOUND for who is not on WhatsApp, PRIVACY_RESTRICTED, RATE_LIMIT for too
// many strangers, NOT_PAIRED and its like.
func (c *Client) ContactAbout(ctx context.Context, text string) (ContactAbout, error) {
	address, err := c.store.ResolvePerson(ctx, text)
	if err != nil {
		return ContactAbout{}, err
	}
	if _, err := c.ready(); err != nil {
		return ContactAbout{}, err
	}
	if err := c.strange(address); err != nil {
		return ContactAbout{}, err
	}
	said, err := c.ask(ctx, address.JID)
	switch {
	case err != nil:
		return ContactAbout{}, err
	case said.aboutHidden:
		return ContactAbout{}, fault.New(fault.PrivacyRestricted, "The person hides the about text from this account.")
	case !said.registered():
		return ContactAbout{}, fault.New(fault.ContactNotFound, "This person is not on WhatsApp.").
			WithResolution("Check the number with check_is_on_whatsapp.")
	}
	profile, err := c.store.Profile(ctx, address.JID)
	return ContactAbout{Person: profile.Person, About: said.about, SetAt: said.aboutSetAt}, err
}

// ContactPicture says where a picture lies for a while. A person or group without one has no URL.
type ContactPicture struct {
	JID  string `json:"jid"`
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
	ID   string `json:"id,omitempty"`
	Type string `json:"type,omitempty"`
}

// ContactPicture asks WhatsApp for the picture of a person, a group or a community.
//
// Errors: those of Resolve, INVALID_ARGUMENT for what has none, PRIVACY_RESTRICTED, RATE_LIMIT for too many strangers,
// NOT_PAIRED and its like.
func (c *Client) ContactPicture(ctx context.Context, text string) (ContactPicture, error) {
	address, err := c.store.Resolve(ctx, text)
	if err != nil {
		return ContactPicture{}, err
	}
	library, err := c.ready()
	if err != nil {
		return ContactPicture{}, err
	}
	jid, err := c.wire(ctx, address.JID)
	if err != nil {
		return ContactPicture{}, err
	}
	params := &whatsmeow.GetProfilePictureParams{}
	switch jid.Server {
	case types.DefaultUserServer, types.HiddenUserServer:
		err = c.strange(address)
	case types.GroupServer:
		params.IsCommunity, err = c.isCommunity(ctx, address.JID)
	default:
		err = fault.Argument("contact_jid", "is no person and no group")
	}
	if err != nil {
		return ContactPicture{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	found := ContactPicture{JID: address.JID, Name: address.Name}
	shown, err := library.GetProfilePictureInfo(ctx, jid, params)
	switch {
	case errors.Is(err, whatsmeow.ErrProfilePictureNotSet):
		return found, nil
	case errors.Is(err, whatsmeow.ErrProfilePictureUnauthorized):
		return ContactPicture{}, fault.New(fault.PrivacyRestricted, "The picture is hidden from this account.")
	case err != nil:
		return ContactPicture{}, refusal(err)
	}
	found.URL, found.ID, found.Type = shown.URL, shown.ID, shown.Type
	return found, nil
}

// isCommunity tells a community from a group, which has the same kind of JID.
func (c *Client) isCommunity(ctx context.Context, jid string) (bool, error) {
	chat, err := c.store.Chat(ctx, jid)
	if fault.CodeOf(err) == fault.ChatNotFound {
		return false, nil
	}
	return chat.Kind == store.ChatCommunity, err
}
