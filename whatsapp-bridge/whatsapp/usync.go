package whatsapp

import (
	"context"
	"net/http"
	"slices"
	"time"

	"go.mau.fi/whatsmeow"
	waBinary "go.mau.fi/whatsmeow/binary"
	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// lookupTime bounds a question to WhatsApp's server about a person.
const lookupTime = 20 * time.Second

// facts are what WhatsApp's server says of a person. What privacy hides is empty; of the about text alone it is told that
// it is hidden.
type facts struct {
	lid         types.JID
	devices     []int
	about       string
	aboutSetAt  store.Time
	aboutHidden bool
	pictureID   string
	business    bool
}

// registered tells whether WhatsApp knows the person: everybody has a phone, device 0.
func (f facts) registered() bool { return len(f.devices) > 0 }

// lookUp asks WhatsApp's server about a person.
//
// It is GetUserInfo but for two things that whatsmeow throws away: the code by which an about text is hidden and not
// empty (401, as Baileys' USyncStatusProtocol has it), and the time at which it was set.
func (c *Client) lookUp(ctx context.Context, library *whatsmeow.Client, jid types.JID) (facts, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	asked := []waBinary.Node{
		{Tag: "business", Content: []waBinary.Node{{Tag: "verified_name"}}},
		{Tag: "status"},
		{Tag: "picture"},
		{Tag: "devices", Attrs: waBinary.Attrs{"version": "2"}},
		{Tag: "lid"},
	}
	list, err := library.DangerousInternals().Usync(ctx, []types.JID{jid}, "full", "background", asked, //nolint:staticcheck // SA1019: see above.
		whatsmeow.UsyncQueryExtras{IncludePrivacyToken: true})
	if err != nil {
		return facts{}, refusal(err)
	}
	var found facts
	for _, user := range list.GetChildrenByTag("user") {
		found = readFacts(user)
	}
	if jid.Server == types.DefaultUserServer && !found.lid.IsEmpty() {
		mapping := []waStore.LIDMapping{{LID: found.lid, PN: jid}}
		if err := library.Store.LIDs.PutManyLIDMappings(ctx, mapping); err != nil {
			c.log.Warn("a LID mapping could not be stored", "error", err)
		}
	}
	return found, nil
}

func readFacts(user waBinary.Node) facts {
	var found facts
	lid := user.GetChildByTag("lid")
	found.lid = lid.AttrGetter().OptionalJIDOrEmpty("val").ToNonAD()
	_, found.business = user.GetOptionalChildByTag("business")
	picture := user.GetChildByTag("picture")
	found.pictureID = picture.AttrGetter().OptionalString("id")
	status := user.GetChildByTag("status")
	about, _ := status.Content.([]byte)
	found.about = string(about)
	found.aboutSetAt = store.Time(status.AttrGetter().OptionalInt("t"))
	found.aboutHidden = status.AttrGetter().OptionalInt("code") == http.StatusUnauthorized
	devices := user.GetChildByTag("devices", "device-list")
	for _, device := range devices.GetChildrenByTag("device") {
		if id, ok := device.AttrGetter().GetInt64("id", true); ok {
			found.devices = append(found.devices, int(id))
		}
	}
	slices.Sort(found.devices)
	return found
}
