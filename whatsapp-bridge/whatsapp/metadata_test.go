package whatsapp

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"whatsapp-mcp/whatsapp-bridge/store"
)

const lake = "120363000000000001@g.us"

func described(t *testing.T, client *Client) ChatMetadata {
	t.Helper()
	found, err := client.Metadata(t.Context(), lake)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// known makes a connected client that has just asked about a group; asking once more would fail, for there is no server.
func known(t *testing.T, members int) *Client {
	t.Helper()
	client := link(t)
	client.condition = Condition{State: Connected}
	info := types.GroupInfo{
		JID: jid(t, lake), GroupName: types.GroupName{Name: "Lake"}, GroupCreated: time.Unix(1_700_000_000, 0),
		OwnerJID: jid(t, anaLID), GroupEphemeral: types.GroupEphemeral{IsEphemeral: true, DisappearingTimer: 86_400},
		GroupLocked: types.GroupLocked{IsLocked: true},
		Participants: []types.GroupParticipant{
			{JID: jid(t, own)}, {JID: jid(t, ana), IsAdmin: true, IsSuperAdmin: true},
		},
	}
	for i := range members - 2 {
		info.Participants = append(info.Participants, types.GroupParticipant{JID: jid(t, fmt.Sprintf("1555%04d@s.whatsapp.net", i+200))})
	}
	hear(t, client, &events.JoinedGroup{GroupInfo: info})
	client.groups.remember(&info)
	return client
}

func TestAGroupIsDescribedFromWhatWasAskedAMinuteAgo(t *testing.T) {
	client := known(t, 2)
	if err := client.store.LearnAlias(t.Context(), anaLID, ana); err != nil {
		t.Fatal(err)
	}
	found := described(t, client)
	if found.Name != "Lake" || found.Kind != store.ChatGroup || found.OwnRole != store.RoleMember || !found.Locked ||
		found.DisappearingS != 86_400 || found.CreatedAt != 1_700_000_000 || found.Owner == nil || found.Owner.JID != ana {
		t.Errorf("%+v", found)
	}
	if len(found.Participants) != 2 || found.Participants[0].JID != ana || found.Participants[1].Name != "You" {
		t.Errorf("participants %+v", found.Participants)
	}
	hear(t, client, &events.GroupInfo{JID: jid(t, lake), Name: &types.GroupName{Name: "Sea"}})
	if _, fresh := client.groups.info(jid(t, lake)); fresh {
		t.Error("a change that the server told of is not asked for")
	}
}

func TestALargeGroupIsCutWithItsTotalAndItsAdminsFirst(t *testing.T) {
	found := described(t, known(t, 300))
	if len(found.Participants) != mostParticipants || found.ParticipantsTotal != 300 || found.Participants[0].Role != store.RoleSuperAdmin {
		t.Errorf("%d of %d, first %+v", len(found.Participants), found.ParticipantsTotal, found.Participants[0])
	}
}

func TestANewsletterTellsItsNameReachAndLink(t *testing.T) {
	var info types.NewsletterMetadata
	if err := json.Unmarshal([]byte(`{"id": "120363000000000007@newsletter", "thread_metadata": {
		"creation_time": "1700000000", "invite": "Ab12", "name": {"text": "River news"}, "description": {"text": "Levels"},
		"subscribers_count": "4096", "verification": "VERIFIED"}, "viewer_metadata": {"mute": "ON", "role": "SUBSCRIBER"}}`), &info); err != nil {
		t.Fatal(err)
	}
	var found ChatMetadata
	found.tellNewsletter(&info)
	if found.Name != "River news" || found.Topic != "Levels" || found.ParticipantsTotal != 4096 || !found.Verified ||
		found.OwnRole != "subscriber" || found.InviteLink != "https://whatsapp.com/channel/Ab12" || found.CreatedAt != 1_700_000_000 {
		t.Errorf("%+v", found)
	}
}
