package whatsapp

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

const (
	// postPage and postPages bound how far back a post is looked for by its id.
	postPage, postPages = 100, 5
	shortLinkPrefix     = "https://www.whatsapp.com/channel/"
)

// Newsletter is a channel as its readers see it.
type Newsletter struct {
	JID         string     `json:"jid"`
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	InviteLink  string     `json:"invite_link,omitempty"`
	Subscribers int        `json:"subscribers"`
	Verified    bool       `json:"verified"`
	CreatedAt   store.Time `json:"created_at,omitempty"`
	Followed    bool       `json:"followed"`
	Owned       bool       `json:"owned"`
}

// NewsletterReaction is what became of a reaction: sent, or unacknowledged where the server's word was missed.
type NewsletterReaction struct {
	Status     string `json:"status"`
	Newsletter string `json:"newsletter_jid"`
	MessageID  string `json:"message_id"`
	ServerID   int    `json:"server_id"`
	Emoji      string `json:"emoji"`
}

// Newsletter describes a newsletter that is named by JID, invite link, or the name of one that is followed.
//
// Errors: NEWSLETTER_NOT_FOUND, AMBIGUOUS_RECIPIENT, NOT_PAIRED and its like.
func (c *Client) Newsletter(ctx context.Context, text string) (Newsletter, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	library, err := c.ready()
	if err != nil {
		return Newsletter{}, err
	}
	return c.newsletter(ctx, library, text)
}

func (c *Client) newsletter(ctx context.Context, library *whatsmeow.Client, text string) (Newsletter, error) {
	info, err := c.askNewsletter(ctx, library, strings.TrimSpace(text))
	if err != nil {
		return Newsletter{}, newsletterRefusal(err)
	}
	if info == nil {
		return Newsletter{}, fault.New(fault.NewsletterNotFound, "")
	}
	return newsletterOf(info), nil
}

func (c *Client) askNewsletter(ctx context.Context, library *whatsmeow.Client, text string) (*types.NewsletterMetadata, error) {
	if rest, ok := strings.CutPrefix(text, shortLinkPrefix); ok {
		text = whatsmeow.NewsletterLinkPrefix + rest
	}
	if strings.HasPrefix(text, whatsmeow.NewsletterLinkPrefix) {
		info, err := library.GetNewsletterInfoWithInvite(ctx, strings.TrimSuffix(text, "/"))
		if err != nil || info == nil {
			return nil, err
		}
		// By its link a newsletter does not tell what the account is to it.
		return library.GetNewsletterInfo(ctx, info.ID)
	}
	address, err := c.store.Resolve(ctx, text)
	if code := fault.CodeOf(err); code == fault.ChatNotFound || code == fault.InvalidJID || code == fault.InvalidPhoneFormat {
		return nil, fault.New(fault.NewsletterNotFound, "")
	}
	if err != nil {
		return nil, err
	}
	jid, err := types.ParseJID(address.JID)
	if err != nil || jid.Server != types.NewsletterServer {
		return nil, fault.New(fault.NewsletterNotFound, "That is a chat, but no newsletter.")
	}
	return library.GetNewsletterInfo(ctx, jid)
}

// newsletterRefusal reads what the server's GraphQL side says.
func newsletterRefusal(err error) error {
	var told types.GraphQLError
	if !errors.As(err, &told) {
		return refusal(err)
	}
	if told.Extensions.ErrorCode == http.StatusNotFound {
		return fault.Wrap(fault.NewsletterNotFound, err, "")
	}
	return fault.Wrap(fault.WhatsappAPIError, err, "").WithDetails(fault.Details{Found: told.Extensions.ErrorCode})
}

func newsletterOf(info *types.NewsletterMetadata) Newsletter {
	thread := &info.ThreadMeta
	told := Newsletter{
		JID: info.ID.String(), Name: thread.Name.Text, Description: thread.Description.Text,
		Subscribers: thread.SubscriberCount, Verified: thread.VerificationState == types.NewsletterVerificationStateVerified,
	}
	if thread.InviteCode != "" {
		told.InviteLink = whatsmeow.NewsletterLinkPrefix + thread.InviteCode
	}
	if !thread.CreationTime.IsZero() {
		told.CreatedAt = store.Time(thread.CreationTime.Unix())
	}
	if info.ViewerMeta != nil {
		told.Owned = info.ViewerMeta.Role == types.NewsletterRoleOwner
		told.Followed = told.Owned || info.ViewerMeta.Role == types.NewsletterRoleAdmin ||
			info.ViewerMeta.Role == types.NewsletterRoleSubscriber
	}
	return told
}

// FollowNewsletter follows a newsletter: what it posts from now on is stored. Errors: ALREADY_SUBSCRIBED, those of
// Newsletter.
func (c *Client) FollowNewsletter(ctx context.Context, text string) (Newsletter, error) {
	return c.changeNewsletter(ctx, text, func(library *whatsmeow.Client, known Newsletter, jid types.JID) error {
		if known.Followed {
			return fault.New(fault.AlreadySubscribed, "")
		}
		return library.FollowNewsletter(ctx, jid)
	})
}

// UnfollowNewsletter ends that; stored posts stay. Errors: NOT_SUBSCRIBED, those of Newsletter.
func (c *Client) UnfollowNewsletter(ctx context.Context, text string) (Newsletter, error) {
	return c.changeNewsletter(ctx, text, func(library *whatsmeow.Client, known Newsletter, jid types.JID) error {
		if !known.Followed {
			return fault.New(fault.NotSubscribed, "")
		}
		return library.UnfollowNewsletter(ctx, jid)
	})
}

// changeNewsletter changes what the account is to a newsletter and reads it back from the server.
func (c *Client) changeNewsletter(
	ctx context.Context, text string, change func(*whatsmeow.Client, Newsletter, types.JID) error,
) (Newsletter, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	library, err := c.ready()
	if err != nil {
		return Newsletter{}, err
	}
	known, err := c.newsletter(ctx, library, text)
	if err != nil {
		return Newsletter{}, err
	}
	jid, err := types.ParseJID(known.JID)
	if err != nil {
		return Newsletter{}, fault.Wrap(fault.InvalidJID, err, "")
	}
	if err := change(library, known, jid); err != nil {
		return Newsletter{}, newsletterRefusal(err)
	}
	return c.keepNewsletter(ctx, library, known.JID)
}

func (c *Client) keepNewsletter(ctx context.Context, library *whatsmeow.Client, jid string) (Newsletter, error) {
	now, err := c.newsletter(ctx, library, jid)
	if err != nil || !now.Followed {
		return now, err
	}
	return now, c.store.SaveChat(ctx, store.StoredChat{JID: now.JID, Name: now.Name, Kind: store.ChatNewsletter})
}

// CreateNewsletter makes a newsletter that belongs to the account.
func (c *Client) CreateNewsletter(ctx context.Context, name, description string) (Newsletter, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	library, err := c.ready()
	if err != nil {
		return Newsletter{}, err
	}
	made, err := library.CreateNewsletter(ctx, whatsmeow.CreateNewsletterParams{Name: name, Description: description})
	if err != nil {
		return Newsletter{}, newsletterRefusal(err)
	}
	if made == nil {
		return Newsletter{}, fault.New(fault.WhatsappAPIError, "WhatsApp's server made no newsletter.")
	}
	return c.keepNewsletter(ctx, library, made.ID.String())
}

// ReactToPost reacts to a post of a newsletter, which is named by its id or by the number that the server gave it; ""
// takes the reaction back. Errors: MESSAGE_NOT_FOUND, those of Newsletter.
func (c *Client) ReactToPost(ctx context.Context, text, post, emoji string) (NewsletterReaction, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	library, err := c.ready()
	if err != nil {
		return NewsletterReaction{}, err
	}
	known, err := c.newsletter(ctx, library, text)
	if err != nil {
		return NewsletterReaction{}, err
	}
	if err := c.permitted(ctx, known.JID); err != nil {
		return NewsletterReaction{}, err
	}
	jid, err := types.ParseJID(known.JID)
	if err != nil {
		return NewsletterReaction{}, fault.Wrap(fault.InvalidJID, err, "")
	}
	found, err := findPost(ctx, library, jid, post)
	if err != nil {
		return NewsletterReaction{}, err
	}
	done := NewsletterReaction{
		Newsletter: known.JID, MessageID: found.MessageID, ServerID: found.MessageServerID, Emoji: emoji,
	}
	if done.Status, err = c.sendReactionToPost(ctx, library, jid, found.MessageServerID, emoji); err != nil {
		return NewsletterReaction{}, err
	}
	if done.Status == store.SendUnacknowledged {
		return done, nil
	}
	now := time.Now()
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return done, c.store.SaveReaction(ctx, store.StoredReaction{
		ChatJID: known.JID, MessageID: found.MessageID, SenderJID: bare(c.Own().JID), Emoji: emoji,
		Timestamp: now.Unix(), TimestampMS: now.UnixMilli(),
	})
}

// sendReactionToPost sends a reaction and waits for the server's word on it, which whatsmeow's own call does not.
func (c *Client) sendReactionToPost(
	ctx context.Context, library *whatsmeow.Client, jid types.JID, post types.MessageServerID, emoji string,
) (status string, err error) {
	id := library.GenerateMessageID()
	internals := library.DangerousInternals() //nolint:staticcheck // SA1019: nothing else hears an acknowledgement.
	acknowledged := internals.WaitResponse(id)
	if err := library.NewsletterSendReaction(ctx, jid, post, emoji, id); err != nil {
		internals.CancelResponse(id, acknowledged)
		return "", refusal(err)
	}
	select {
	case ack := <-acknowledged:
		switch code := ack.AttrGetter().OptionalInt("error"); {
		case ack.Tag != "ack":
			// The connection ended first.
			return store.SendUnacknowledged, nil
		case code != 0:
			return "", fault.New(fault.WhatsappAPIError, "WhatsApp's server refused the reaction.").
				WithDetails(fault.Details{Found: code})
		}
		return store.SendSent, nil
	case <-ctx.Done():
		internals.CancelResponse(id, acknowledged)
		return store.SendUnacknowledged, nil
	}
}

// refreshNewsletters names the newsletters that the account follows: their posts come without one.
func (c *Client) refreshNewsletters(ctx context.Context) error {
	followed, err := c.library().GetSubscribedNewsletters(ctx)
	if err != nil {
		return newsletterRefusal(err)
	}
	for _, info := range followed {
		chat := store.StoredChat{JID: bare(info.ID), Name: info.ThreadMeta.Name.Text, Kind: store.ChatNewsletter}
		if err := c.store.SaveChat(ctx, chat); err != nil {
			return err
		}
	}
	return nil
}

// findPost asks the server, which knows every post, also those from before the account followed.
func findPost(ctx context.Context, library *whatsmeow.Client, jid types.JID, post string) (*types.NewsletterMessage, error) {
	number, err := strconv.Atoi(post)
	byNumber := err == nil
	asked := whatsmeow.GetNewsletterMessagesParams{Count: postPage}
	if byNumber {
		asked = whatsmeow.GetNewsletterMessagesParams{Count: 1, Before: number + 1}
	}
	for range postPages {
		posts, err := library.GetNewsletterMessages(ctx, jid, &asked)
		if err != nil {
			return nil, refusal(err)
		}
		for _, one := range posts {
			if byNumber && one.MessageServerID == number || one.MessageID == post {
				return one, nil
			}
			if asked.Before == 0 || one.MessageServerID < asked.Before {
				asked.Before = one.MessageServerID
			}
		}
		if byNumber || len(posts) < postPage {
			break
		}
	}
	return nil, fault.New(fault.MessageNotFound, "The newsletter has no such post among its newest.").
		WithResolution("Find the post with list_messages of the newsletter, or give its server id.")
}
