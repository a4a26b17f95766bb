package whatsapp

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// mostParticipants bounds an answer: a community may have thousands.
const mostParticipants = 100

// ChatMetadata describes a chat beyond its messages. The fields are those of its kind; what is not known is left out.
type ChatMetadata struct {
	store.Person
	Kind string `json:"kind"`

	FullName     string `json:"full_name,omitempty"`
	PushName     string `json:"push_name,omitempty"`
	BusinessName string `json:"business_name,omitempty"`
	About        string `json:"about,omitempty"`
	Blocked      bool   `json:"blocked,omitempty"`

	Topic         string               `json:"topic,omitempty"`
	CreatedAt     store.Time           `json:"created_at,omitempty"`
	Owner         *store.Person        `json:"owner,omitempty"`
	OwnRole       string               `json:"own_role,omitempty"`
	Announcement  bool                 `json:"announcement,omitempty"`
	Locked        bool                 `json:"locked,omitempty"`
	DisappearingS int64                `json:"disappearing_s,omitempty"`
	Community     *store.CommunityName `json:"community,omitempty"`

	Participants      []Participant `json:"participants,omitempty"`
	ParticipantsTotal int           `json:"participants_total,omitempty"`

	InviteLink string `json:"invite_link,omitempty"`
	Verified   bool   `json:"verified,omitempty"`
}

// Participant is a member of a group.
type Participant struct {
	JID  string `json:"jid"`
	Name string `json:"name"`
	Role string `json:"role"`
}

// Metadata describes a chat: people from what is stored, groups, communities and newsletters as the server does.
//
// Errors: those of ResolveChat; for all but people NOT_PAIRED and its like, NOT_GROUP_MEMBER, CHAT_NOT_FOUND for a
// group that is gone, NEWSLETTER_NOT_FOUND.
func (c *Client) Metadata(ctx context.Context, text string) (ChatMetadata, error) {
	address, err := c.chat(ctx, text)
	if err != nil {
		return ChatMetadata{}, err
	}
	jid, err := types.ParseJID(address.JID)
	if err != nil {
		return ChatMetadata{}, fault.Wrap(fault.InvalidJID, err, "")
	}
	found := ChatMetadata{Person: store.Person{JID: address.JID, Name: address.Name}, Kind: chatKind(jid, false)}
	switch found.Kind {
	case store.ChatDirect:
		err = c.describePerson(ctx, &found)
	case store.ChatGroup:
		err = c.describeGroup(ctx, jid, &found)
	case store.ChatNewsletter:
		err = c.describeNewsletter(ctx, jid, &found)
	}
	return found, err
}

func (c *Client) describePerson(ctx context.Context, found *ChatMetadata) error {
	profile, err := c.store.Profile(ctx, found.JID)
	if err != nil {
		return err
	}
	found.Person = profile.Person
	found.FullName, found.PushName, found.BusinessName = profile.FullName, profile.PushName, profile.BusinessName
	found.About, found.Blocked = profile.About, profile.Blocked
	return nil
}

func (c *Client) describeGroup(ctx context.Context, jid types.JID, found *ChatMetadata) error {
	if _, err := c.ready(); err != nil {
		return err
	}
	info, err := c.groupInfo(ctx, jid)
	if errors.Is(err, whatsmeow.ErrGroupNotFound) {
		return fault.New(fault.ChatNotFound, "WhatsApp knows no such group any more.")
	}
	if err != nil {
		return err
	}
	found.Kind = chatKind(jid, info.IsParent)
	found.Name, found.Topic = firstOf(info.Name, found.Name), info.Topic
	if !info.GroupCreated.IsZero() {
		found.CreatedAt = store.Time(info.GroupCreated.Unix())
	}
	// A community's announcement group is one for admins too, whether or not the server says it twice.
	found.Announcement, found.Locked = info.IsAnnounce || info.IsDefaultSubGroup, info.IsLocked
	found.DisappearingS = int64(info.DisappearingTimer)
	if !info.LinkedParentJID.IsEmpty() {
		community := bare(info.LinkedParentJID)
		name, err := c.store.Name(ctx, community)
		if err != nil {
			return err
		}
		found.Community = &store.CommunityName{JID: community, Name: name}
	}
	if err := c.describeOwner(ctx, info, found); err != nil {
		return err
	}
	return c.describeParticipants(ctx, info, found)
}

func (c *Client) describeOwner(ctx context.Context, info *types.GroupInfo, found *ChatMetadata) error {
	owner := info.OwnerJID
	if owner.IsEmpty() {
		owner = info.OwnerPN
	}
	if owner.IsEmpty() {
		return nil
	}
	people, err := c.store.People(ctx, []string{bare(owner)})
	if err != nil {
		return err
	}
	found.Owner = &people[0]
	return nil
}

// describeParticipants lists who decides first, then by name.
func (c *Client) describeParticipants(ctx context.Context, info *types.GroupInfo, found *ChatMetadata) error {
	jids := make([]string, len(info.Participants))
	for i, participant := range info.Participants {
		jids[i] = bare(participant.JID)
	}
	people, err := c.store.People(ctx, jids)
	if err != nil {
		return err
	}
	own := bare(c.Own().JID)
	for i, person := range people {
		role := roleOf(info.Participants[i])
		if person.JID == own {
			found.OwnRole = role
		}
		found.Participants = append(found.Participants, Participant{JID: person.JID, Name: person.Name, Role: role})
	}
	slices.SortFunc(found.Participants, func(a, b Participant) int {
		return cmp.Or(cmp.Compare(rank(a.Role), rank(b.Role)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.JID, b.JID))
	})
	found.ParticipantsTotal = max(info.ParticipantCount, len(found.Participants))
	found.Participants = found.Participants[:min(len(found.Participants), mostParticipants)]
	return nil
}

func rank(role string) int {
	return slices.Index([]string{store.RoleSuperAdmin, store.RoleAdmin, store.RoleMember}, role)
}

func (c *Client) describeNewsletter(ctx context.Context, jid types.JID, found *ChatMetadata) error {
	library, err := c.ready()
	if err != nil {
		return err
	}
	info, err := library.GetNewsletterInfo(ctx, jid)
	if err != nil {
		return newsletterRefusal(err)
	}
	if info == nil {
		return fault.New(fault.NewsletterNotFound, "")
	}
	found.tellNewsletter(info)
	return nil
}

func (m *ChatMetadata) tellNewsletter(info *types.NewsletterMetadata) {
	thread := &info.ThreadMeta
	m.Name, m.Topic = firstOf(thread.Name.Text, m.Name), thread.Description.Text
	if !thread.CreationTime.IsZero() {
		m.CreatedAt = store.Time(thread.CreationTime.Unix())
	}
	m.ParticipantsTotal, m.Verified = thread.SubscriberCount, thread.VerificationState == types.NewsletterVerificationStateVerified
	if thread.InviteCode != "" {
		m.InviteLink = whatsmeow.NewsletterLinkPrefix + thread.InviteCode
	}
	if info.ViewerMeta != nil {
		m.OwnRole = string(info.ViewerMeta.Role)
	}
}
