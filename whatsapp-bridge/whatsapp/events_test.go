package whatsapp

import (
	"bytes"
	"compress/zlib"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/proto/waAdv"
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/store"
)

const ana, anaLID, own = "15550101@s.whatsapp.net", "213480000000101@lid", "15550100@s.whatsapp.net"

// link is a client over a real store that is never connected: events are given to it as whatsmeow would.
func link(t *testing.T) *Client {
	t.Helper()
	folder := t.TempDir()
	messages, err := store.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	client, err := Open(t.Context(), Options{
		Folder: folder, Store: messages, Log: slog.New(slog.DiscardHandler), Terminal: io.Discard,
	})
	if err != nil {
		t.Fatal(err)
	}
	device, id := client.devices.fresh(), jid(t, "15550100:1@s.whatsapp.net")
	device.ID, device.LID = &id, jid(t, "210000000000100:1@lid")
	device.Account = &waAdv.ADVSignedDeviceIdentity{
		Details: []byte{}, AccountSignature: make([]byte, 64), AccountSignatureKey: make([]byte, 32), DeviceSignature: make([]byte, 64),
	}
	if err := device.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	client.use(device)
	client.setOwn(t.Context(), Own{JID: jid(t, own), LID: device.LID.ToNonAD(), PushName: "Alex"})
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		if err := messages.Close(); err != nil {
			t.Error(err)
		}
	})
	client.condition = Condition{State: Connecting}
	return client
}

func jid(t *testing.T, text string) types.JID {
	t.Helper()
	parsed, err := types.ParseJID(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func incoming(t *testing.T, chat, sender, id string, message *waE2E.Message) *events.Message {
	t.Helper()
	event := &events.Message{RawMessage: message, Info: types.MessageInfo{
		MessageSource: types.MessageSource{
			Chat: jid(t, chat), Sender: jid(t, sender), IsFromMe: sender == own, IsGroup: jid(t, chat).Server == types.GroupServer,
		},
		ID: id, Timestamp: time.Unix(1_790_000_000, 0),
	}}
	return event.UnwrapRaw()
}

func text(words string) *waE2E.Message { return &waE2E.Message{Conversation: proto.String(words)} }

func key(id string) *waCommon.MessageKey { return &waCommon.MessageKey{ID: proto.String(id)} }

// hear gives the client an event and expects it to be stored, that is, acknowledged.
func hear(t *testing.T, client *Client, event any) {
	t.Helper()
	if !client.handle(client.currentGeneration(), event) {
		t.Fatalf("%T was not stored", event)
	}
}

func onlyMessage(t *testing.T, client *Client, chat string) store.MessageHit {
	t.Helper()
	page, err := client.store.ListMessages(t.Context(), store.MessageQuery{Chat: chat, IncludeMedia: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Messages) != 1 {
		t.Fatalf("%d messages", len(page.Messages))
	}
	return page.Messages[0]
}

func TestAMessageIsStoredBeforeItIsAcknowledgedAndItsFateFollowsIt(t *testing.T) {
	client := link(t)
	hear(t, client, incoming(t, ana, ana, "3EB001", text("the lantern")))
	hear(t, client, incoming(t, ana, ana, "3EB002", &waE2E.Message{EditedMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{
		ProtocolMessage: &waE2E.ProtocolMessage{
			Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), Key: key("3EB001"), EditedMessage: text("the lanterns"),
			TimestampMS: proto.Int64(1_790_000_060_000),
		},
	}}}))
	hear(t, client, incoming(t, ana, own, "3EB003", &waE2E.Message{ReactionMessage: &waE2E.ReactionMessage{
		Key: key("3EB001"), Text: proto.String("🏮"), SenderTimestampMS: proto.Int64(1_790_000_070_000),
	}}))
	got := onlyMessage(t, client, ana)
	if got.Text != "the lanterns" || got.EditedAt != 1_790_000_060 || got.Read || len(got.Reactions) != 1 || got.Reactions[0].SenderJID != own {
		t.Fatalf("got %+v", got)
	}
	hear(t, client, &events.Receipt{
		MessageSource: types.MessageSource{Chat: jid(t, ana), Sender: jid(t, own), IsFromMe: true},
		MessageIDs:    []string{"3EB001"}, Type: types.ReceiptTypeReadSelf, Timestamp: time.Unix(1_790_000_080, 0),
	})
	if !onlyMessage(t, client, ana).Read {
		t.Error("read on the phone, but not here")
	}
	hear(t, client, incoming(t, ana, ana, "3EB004", &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_REVOKE.Enum(), Key: key("3EB001"),
	}}))
	if got := onlyMessage(t, client, ana); got.Kind != store.KindRevoked || got.Text != "" {
		t.Errorf("got %+v", got)
	}
}

func TestNobodyEditsOrRevokesTheMessagesOfOthers(t *testing.T) {
	client, stranger := link(t), "15550109@s.whatsapp.net"
	group := "120363000000000001@g.us"
	hear(t, client, &events.JoinedGroup{GroupInfo: types.GroupInfo{
		JID: jid(t, group), Participants: []types.GroupParticipant{{JID: jid(t, ana), IsAdmin: true}, {JID: jid(t, stranger)}},
	}})
	hear(t, client, incoming(t, group, ana, "3EB001", text("meet at seven")))
	hear(t, client, incoming(t, group, stranger, "3EB002", &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), Key: key("3EB001"), EditedMessage: text("meet at nine"),
	}}))
	hear(t, client, incoming(t, group, stranger, "3EB003", &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_REVOKE.Enum(), Key: key("3EB001"),
	}}))
	if got := onlyMessage(t, client, group); got.Text != "meet at seven" {
		t.Errorf("got %+v", got)
	}
}

func TestALIDThatIsLearntMakesTwoChatsOne(t *testing.T) {
	client := link(t)
	hear(t, client, incoming(t, anaLID, anaLID, "3EB001", text("from the LID")))
	if err := client.library().Store.LIDs.PutLIDMapping(t.Context(), jid(t, anaLID), jid(t, ana)); err != nil {
		t.Fatal(err)
	}
	if got := onlyMessage(t, client, ana); got.ChatJID != ana || got.SenderJID != ana {
		t.Errorf("got %+v", got)
	}
}

func TestWhatIsSetOnThePhoneIsSetHere(t *testing.T) {
	client := link(t)
	hear(t, client, incoming(t, ana, ana, "3EB001", text("hello")))
	hear(t, client, &events.Contact{JID: jid(t, ana), Action: &waSyncAction.ContactAction{
		FullName: proto.String("Ana Sol"), FirstName: proto.String("Ana"), LidJID: proto.String(anaLID),
	}})
	hear(t, client, &events.Pin{JID: jid(t, anaLID), Action: &waSyncAction.PinAction{Pinned: proto.Bool(true)}})
	hear(t, client, &events.Archive{JID: jid(t, ana), Action: &waSyncAction.ArchiveChatAction{Archived: proto.Bool(true)}})
	hear(t, client, &events.Star{ChatJID: jid(t, ana), MessageID: "3EB001", Action: &waSyncAction.StarAction{Starred: proto.Bool(true)}})
	hear(t, client, &events.MarkChatAsRead{JID: jid(t, ana), Timestamp: time.Unix(1_790_000_100, 0), Action: &waSyncAction.MarkChatAsReadAction{
		Read: proto.Bool(true), MessageRange: &waSyncAction.SyncActionMessageRange{LastMessageTimestamp: proto.Int64(1_790_000_000)},
	}})
	chat, err := client.store.Chat(t.Context(), ana)
	if err != nil {
		t.Fatal(err)
	}
	if chat.Name != "Ana Sol" || chat.LID != anaLID || !chat.Pinned || !chat.Archived || chat.UnreadCount != 0 {
		t.Errorf("got %+v", chat)
	}
	if got := onlyMessage(t, client, ana); !got.Starred || !got.Read {
		t.Errorf("got %+v", got)
	}
}

func TestWhatWillNeverBeRightIsAcknowledgedLestItComesForEver(t *testing.T) {
	client := link(t)
	bad := incoming(t, ana, ana, "3EB001", text("from the past"))
	bad.Info.Timestamp = time.Unix(1, 0)
	hear(t, client, bad)
}

func TestAnEventThatCannotBeStoredIsNotAcknowledged(t *testing.T) {
	client := link(t)
	closed, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	client.store = closed
	if client.handle(client.currentGeneration(), incoming(t, ana, ana, "3EB001", text("lost?"))) {
		t.Error("it was acknowledged all the same")
	}
}

func notice(t *testing.T, sender string, blob *waHistorySync.HistorySync) *events.Message {
	t.Helper()
	raw, err := proto.Marshal(blob)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	writer := zlib.NewWriter(&packed)
	if _, err := writer.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return incoming(t, own, sender, "3EB0HISTORY", &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_HISTORY_SYNC_NOTIFICATION.Enum(),
		HistorySyncNotification: &waE2E.HistorySyncNotification{
			SyncType:                          waE2E.HistorySyncType_RECENT.Enum(),
			InitialHistBootstrapInlinePayload: packed.Bytes(),
		},
	}})
}

func pushed() *waHistorySync.HistorySync {
	return &waHistorySync.HistorySync{
		SyncType:                 waHistorySync.HistorySync_RECENT.Enum(),
		PhoneNumberToLidMappings: []*waHistorySync.PhoneNumberToLIDMapping{{PnJID: proto.String(ana), LidJID: proto.String(anaLID)}},
		Conversations: []*waHistorySync.Conversation{{
			ID: proto.String(anaLID), Name: proto.String("Ana Sol"), UnreadCount: proto.Uint32(1),
			Messages: []*waHistorySync.HistorySyncMsg{{Message: &waWeb.WebMessageInfo{
				Key:     &waCommon.MessageKey{ID: proto.String("3EB0OLD"), RemoteJID: proto.String(anaLID), FromMe: proto.Bool(false)},
				Message: text("an old word"), MessageTimestamp: proto.Uint64(1_780_000_000),
				Reactions: []*waWeb.Reaction{{Key: &waCommon.MessageKey{FromMe: proto.Bool(true)}, Text: proto.String("👍"), SenderTimestampMS: proto.Int64(1_780_000_001_000)}},
			}}},
		}},
	}
}

func TestPushedHistoryIsOnDiskBeforeItIsAcknowledgedAndWorkedOffAfterACrash(t *testing.T) {
	client := link(t)
	hear(t, client, notice(t, own, pushed()))
	if kept, err := filepath.Glob(filepath.Join(client.spool, "*"+spoolEnding)); err != nil || len(kept) != 1 {
		t.Fatalf("%d notices on disk, %v", len(kept), err)
	}
	// A second start would find the notice just so.
	if err := client.workOffHistory(t.Context(), map[string]int{}); err != nil {
		t.Fatal(err)
	}
	got := onlyMessage(t, client, ana)
	if got.Text != "an old word" || got.ChatName != "Ana Sol" || len(got.Reactions) != 1 || got.Reactions[0].SenderJID != own {
		t.Errorf("got %+v", got)
	}
	if kept, _ := filepath.Glob(filepath.Join(client.spool, "*")); len(kept) != 0 {
		t.Errorf("left on disk: %v", kept)
	}
}

func TestHistoryThatIsNotFromTheOwnPhoneIsRefused(t *testing.T) {
	client := link(t)
	for _, sender := range []string{ana, "15550100:7@s.whatsapp.net"} {
		event := notice(t, sender, pushed())
		event.Info.IsFromMe = sender != ana
		hear(t, client, event)
	}
	if kept, _ := filepath.Glob(filepath.Join(client.spool, "*")); len(kept) != 0 {
		t.Errorf("kept: %v", kept)
	}
}

func TestEventsOfADeviceThatWasReplacedAreIgnored(t *testing.T) {
	client := link(t)
	old := client.currentGeneration()
	if err := client.newDevice(t.Context()); err != nil {
		t.Fatal(err)
	}
	if client.handle(old, incoming(t, ana, ana, "3EB001", text("late"))) {
		t.Error("an event of the old device was acknowledged")
	}
}
