package assembly_test

import (
	"errors"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

type postRow struct {
	ServerID  int            `json:"server_id"`
	ID        string         `json:"id"`
	Reactions map[string]int `json:"reactions"`
	Own       string         `json:"own"`
}

type newsletterRow struct {
	JID         string    `json:"jid"`
	Name        string    `json:"name"`
	Invite      string    `json:"invite"`
	Subscribers int       `json:"subscribers"`
	Followed    bool      `json:"followed"`
	Owned       bool      `json:"owned"`
	Posts       []postRow `json:"posts"`
}

const gazette = "River Gazette"

func (r *rig) newsletter(name string) (newsletterRow, types.JID) {
	r.t.Helper()
	var rows []newsletterRow
	r.get("/admin/newsletters", &rows)
	for _, row := range rows {
		if row.Name == name {
			jid, err := types.ParseJID(row.JID)
			if err != nil {
				r.t.Fatal(err)
			}
			return row, jid
		}
	}
	r.t.Fatalf("there is no newsletter %q", name)
	return newsletterRow{}, types.EmptyJID
}

func TestANewsletterIsFollowedAndLeft(t *testing.T) {
	r := start(t)
	c := r.link()
	before, jid := r.newsletter(gazette)
	byInvite, err := c.GetNewsletterInfoWithInvite(t.Context(), "https://whatsapp.com/channel/"+before.Invite)
	if err != nil || byInvite.ID != jid || byInvite.ViewerMeta != nil {
		t.Fatalf("by invite: %+v, %v", byInvite, err)
	}
	r.post("/admin/newsletters/publish", words{"newsletter": gazette, "text": "nobody hears this"}, nil)
	if err := c.FollowNewsletter(t.Context(), jid); err != nil {
		t.Fatal(err)
	}
	info, err := c.GetNewsletterInfo(t.Context(), jid)
	if err != nil || info.ViewerMeta.Role != types.NewsletterRoleSubscriber || info.ThreadMeta.SubscriberCount != before.Subscribers+1 {
		t.Fatalf("after following: %+v, %v", info, err)
	}
	r.post("/admin/newsletters/publish", words{"newsletter": gazette, "text": "the heron sings"}, nil)
	post := await(c, func(m *events.Message) bool { return m.Message.GetConversation() == "the heron sings" })
	if post.Info.Chat != jid || post.Info.ServerID != 104 {
		t.Errorf("the post came as %+v", post.Info)
	}
	followed, err := c.GetSubscribedNewsletters(t.Context())
	if err != nil || len(followed) != 1 {
		t.Errorf("followed are %v, %v", followed, err)
	}
	if err := c.UnfollowNewsletter(t.Context(), jid); err != nil {
		t.Fatal(err)
	}
	if after, _ := r.newsletter(gazette); after.Followed || after.Subscribers != before.Subscribers {
		t.Errorf("after leaving: %+v", after)
	}
}

func TestANewsletterThatIsNotThereIsAGraphQLError(t *testing.T) {
	r := start(t)
	c := r.link()
	_, err := c.GetNewsletterInfo(t.Context(), types.NewJID("120363999999999999", types.NewsletterServer))
	var refused types.GraphQLError
	if !errors.As(err, &refused) || refused.Extensions.ErrorCode != 404 {
		t.Errorf("the error is %v", err)
	}
}

func TestPostsAreNumberedAndCarryReactions(t *testing.T) {
	r := start(t)
	c := r.link()
	_, jid := r.newsletter(gazette)
	posts, err := c.GetNewsletterMessages(t.Context(), jid, &whatsmeow.GetNewsletterMessagesParams{Count: 2, Before: 102})
	if err != nil || len(posts) != 2 || posts[0].MessageServerID != 100 || posts[0].ReactionCounts["👍"] != 31 {
		t.Fatalf("the posts are %v, %v", posts, err)
	}
	if err := c.NewsletterSendReaction(t.Context(), jid, 101, "🐦", ""); err != nil {
		t.Fatal(err)
	}
	r.eventually(func() bool {
		row, _ := r.newsletter(gazette)
		return row.Posts[1].Own == "🐦" && row.Posts[1].Reactions["🐦"] == 1
	})
	if err := c.NewsletterSendReaction(t.Context(), jid, 101, "", ""); err != nil {
		t.Fatal(err)
	}
	r.eventually(func() bool { row, _ := r.newsletter(gazette); return row.Posts[1].Own == "" })
}

func TestACreatedNewsletterIsTheAccountsOwn(t *testing.T) {
	r := start(t)
	c := r.link()
	made, err := c.CreateNewsletter(t.Context(), whatsmeow.CreateNewsletterParams{Name: "Compost Facts", Description: "Warm"})
	if err != nil || made.ViewerMeta.Role != types.NewsletterRoleOwner {
		t.Fatalf("made %+v, %v", made, err)
	}
	if row, jid := r.newsletter("Compost Facts"); !row.Owned || jid != made.ID {
		t.Errorf("the world has %+v", row)
	}
	if err := c.UnfollowNewsletter(t.Context(), made.ID); err == nil {
		t.Error("an owner left")
	}
}

// eventually waits until something holds.
func (r *rig) eventually(holds func() bool) {
	r.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if holds() {
			return
		}
		r.pause()
	}
	r.t.Fatal("it never held")
}
