package world

import (
	"bytes"
	"compress/zlib"
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/media"
)

// companion reads history with whatsmeow's own parser, as a linked device does.
func companion(w *World) *whatsmeow.Client {
	id := w.Account().PN
	id.Device = 1
	return &whatsmeow.Client{Store: &store.Device{ID: &id}}
}

// gathered is what a companion knows: chats by JID, messages by ID.
type gathered map[types.JID]map[string]*waWeb.WebMessageInfo

func (g gathered) add(t *testing.T, w *World, h *waHistorySync.HistorySync) {
	t.Helper()
	cli := companion(w)
	for _, conv := range h.GetConversations() {
		jid, err := types.ParseJID(conv.GetID())
		if err != nil {
			t.Fatal(err)
		}
		if g[jid] == nil {
			g[jid] = map[string]*waWeb.WebMessageInfo{}
		}
		for _, m := range conv.GetMessages() {
			event, err := cli.ParseWebMessage(types.EmptyJID, m.GetMessage())
			if err != nil {
				t.Fatal(err)
			}
			if event.Info.Chat != jid {
				t.Fatalf("a message of %s lies in %s", event.Info.Chat, jid)
			}
			g[jid][event.Info.ID] = m.GetMessage()
		}
	}
}

// expect compares what was gathered of a chat with the truth's newest n messages (all if negative).
func (g gathered) expect(t *testing.T, w *World, chat types.JID, n int) {
	t.Helper()
	cli := companion(w)
	truth := w.History(chat, Anchor{}, n)
	if len(g[chat]) != len(truth) {
		t.Fatalf("%s: %d messages arrived, %d are true", chat, len(g[chat]), len(truth))
	}
	for _, m := range truth {
		raw, ok := g[chat][m.ID]
		if !ok {
			t.Fatalf("%s: %s never arrived", chat, m.ID)
		}
		event, err := cli.ParseWebMessage(types.EmptyJID, raw)
		if err != nil {
			t.Fatal(err)
		}
		sender := event.Info.Sender
		if event.Info.IsFromMe {
			sender = w.Account().LID
		}
		if sender != m.Sender || event.Info.IsFromMe != m.FromMe || event.Info.Timestamp.Unix() != m.Timestamp || len(raw.GetReactions()) != len(m.Reactions) {
			t.Fatalf("%s: %+v is not %+v", chat, event.Info, m)
		}
		if got := said(event.Message); got != m.Text {
			t.Fatalf("%s %s: %q is not %q", chat, m.ID, got, m.Text)
		}
		if revoked := raw.GetMessageStubType() == waWeb.WebMessageInfo_REVOKE; revoked != (m.RevokedAt != 0) || revoked && raw.Message != nil {
			t.Fatalf("%s %s: revoked %v", chat, m.ID, revoked)
		}
	}
}

func said(m *waE2E.Message) string {
	for _, text := range []string{
		m.GetConversation(), m.GetExtendedTextMessage().GetText(), m.GetImageMessage().GetCaption(), m.GetVideoMessage().GetCaption(), m.GetDocumentMessage().GetCaption(),
	} {
		if text != "" {
			return text
		}
	}
	return ""
}

func TestHoweverAPushIsCutAndShuffledItsUnionIsTheTruth(t *testing.T) {
	worlds := map[string]*World{"demo": demo(t)}
	generated, err := Generate(12, 3000, 5, atNoon)
	if err != nil {
		t.Fatal(err)
	}
	worlds["generated"] = generated
	r := rand.New(rand.NewPCG(1, 2))
	for name, w := range worlds {
		for round := range 12 {
			options := PushOptions{PerChat: 1 + r.IntN(60), PerChunk: 1 + r.IntN(400), RecentSince: noon.AddDate(0, 0, -r.IntN(500))}
			if round == 0 {
				options = PushOptions{}
			}
			push := w.PlanPush(options)
			got := gathered{}
			for _, i := range slices.Concat(r.Perm(push.Len()), r.Perm(push.Len())[:push.Len()/3]) {
				h := push.Chunk(i)
				if n := messagesIn(h); options.PerChunk > 0 && n > options.PerChunk {
					t.Fatalf("%s: chunk of %d messages with %+v", name, n, options)
				}
				got.add(t, w, h)
			}
			for _, chat := range w.Chats() {
				got.expect(t, w, chat.JID, chat.Pushed)
			}
		}
	}
}

func messagesIn(h *waHistorySync.HistorySync) int {
	n := 0
	for _, conv := range h.GetConversations() {
		n += len(conv.GetMessages())
	}
	return n
}

func TestWhatLinkingDoesNotBringComesOnDemandInStepsOfFifty(t *testing.T) {
	w := demo(t)
	push := w.PlanPush(PushOptions{})
	got := gathered{}
	for i := range push.Len() {
		got.add(t, w, push.Chunk(i))
	}
	for _, chat := range w.Chats() {
		oldest := w.History(chat.JID, Anchor{}, chat.Pushed)[chat.Pushed-1]
		requests := 0
		for done := false; !done; requests++ {
			chunks, err := w.OnDemand(chat.JID, Anchor{ID: oldest.ID, Timestamp: oldest.Timestamp}, 50, 20)
			if err != nil {
				t.Fatal(err)
			}
			for i, h := range chunks {
				conv := h.GetConversations()[0]
				if h.GetSyncType() != waHistorySync.HistorySync_ON_DEMAND || int(h.GetChunkOrder()) != i || len(conv.GetMessages()) > 20 || conv.GetEndOfHistoryTransfer() != (i == len(chunks)-1) {
					t.Fatalf("chunk %d: %v", i, h)
				}
				got.add(t, w, h)
				done = conv.GetEndOfHistoryTransferType() == endComplete && conv.GetEndOfHistoryTransfer()
			}
			if older := w.History(chat.JID, Anchor{ID: oldest.ID}, 50); len(older) > 0 {
				oldest = older[len(older)-1]
			} else if !done {
				t.Fatalf("%s: nothing is left, and nobody says so", chat.Name)
			}
		}
		if held := chat.Messages - chat.Pushed; held > 100 && requests < 3 {
			t.Errorf("%s: %d messages came in %d requests", chat.Name, held, requests)
		}
		got.expect(t, w, chat.JID, -1)
	}
}

func TestEachChatOfAPushSaysOnceWhetherThePhoneHoldsMore(t *testing.T) {
	w := demo(t)
	push := w.PlanPush(PushOptions{PerChat: 5, PerChunk: 7})
	ends := map[string]waHistorySync.Conversation_EndOfHistoryTransferType{}
	for i := range push.Len() {
		for _, conv := range push.Chunk(i).GetConversations() {
			if _, twice := ends[conv.GetID()]; conv.EndOfHistoryTransferType != nil {
				if twice {
					t.Fatalf("%s ends twice", conv.GetID())
				}
				ends[conv.GetID()] = conv.GetEndOfHistoryTransferType()
			}
		}
	}
	for _, chat := range w.Chats() {
		want := endComplete
		if chat.Pushed < chat.Messages {
			want = endPushed
		}
		if got, ok := ends[chat.JID.String()]; !ok || got != want {
			t.Errorf("%s: %v %v, want %v", chat.Name, got, ok, want)
		}
	}
}

func TestTheFirstChunkTellsChatsStatesAndEveryNumberThatIsNotHidden(t *testing.T) {
	w := demo(t)
	if err := w.SetState(chatNamed(t, w, "Bob"), func(s *ChatState) { s.MutedUntil = noon.Add(time.Hour).Unix() }); err != nil {
		t.Fatal(err)
	}
	first := w.PlanPush(PushOptions{}).Chunk(0)
	byID := map[string]*waHistorySync.Conversation{}
	for _, conv := range first.GetConversations() {
		byID[conv.GetID()] = conv
	}
	bob, tools := byID["213480000000101@lid"], byID["120363040000000104@g.us"]
	if bob.GetPnJID() != "15550101@s.whatsapp.net" || bob.GetName() != "Bob Carver" || bob.GetUnreadCount() != 2 || int64(bob.GetMuteEndTime()) != noon.Add(time.Hour).Unix() {
		t.Error(bob)
	}
	if tools.GetName() != "Tool Library" || tools.GetParentGroupID() != "120363040000000100@g.us" || tools.GetUnreadCount() != 3 || len(tools.GetParticipant()) != 5 {
		t.Error(tools)
	}
	if !byID["120363040000000100@g.us"].GetIsParentGroup() || !byID["120363040000000101@g.us"].GetIsDefaultSubgroup() {
		t.Error("the community is not told")
	}
	if !byID["120363040000000303@g.us"].GetArchived() || byID["120363040000000301@g.us"].GetPinned() == 0 || int64(byID["120363040000000201@g.us"].GetMuteEndTime()) != -1 {
		t.Error("archived, pinned or muted is missing")
	}
	if len(first.GetPhoneNumberToLidMappings()) != 14 || strings.Contains(first.String(), "15550109") {
		t.Error("mappings are missing, or the hidden number is told")
	}
}

func TestPushNamesComeInAChunkOfTheirOwn(t *testing.T) {
	w := demo(t)
	push := w.PlanPush(PushOptions{Kinds: []HistoryKind{PushNames, NonBlocking}})
	if push.Len() != 2 || push.Kind(0) != PushNames || push.Kind(1) != NonBlocking {
		t.Fatal(push.Len())
	}
	names := map[string]string{}
	for _, n := range push.Chunk(0).GetPushnames() {
		names[n.GetID()] = n.GetPushname()
	}
	if len(names) != 14 || names["15550102@s.whatsapp.net"] != "Zoë 🌻" || names["230390000000109@lid"] != "Pete 🚲" {
		t.Fatal(names)
	}
	if push.Chunk(1).GetGlobalSettings() == nil {
		t.Fatal("no settings")
	}
}

func TestChunksAreNumberedPerKindAndProgressEndsAtAHundred(t *testing.T) {
	w := demo(t)
	push := w.PlanPush(PushOptions{PerChunk: 50})
	next, progress := map[HistoryKind]uint32{}, map[HistoryKind]uint32{}
	for i := range push.Len() {
		h := push.Chunk(i)
		if h.GetChunkOrder() != next[h.GetSyncType()] || h.GetProgress() <= progress[h.GetSyncType()] {
			t.Fatalf("%s %d %d", h.GetSyncType(), h.GetChunkOrder(), h.GetProgress())
		}
		next[h.GetSyncType()]++
		progress[h.GetSyncType()] = h.GetProgress()
	}
	if len(progress) != 5 {
		t.Fatal(progress)
	}
	for kind, p := range progress {
		if p != 100 {
			t.Errorf("%s ends at %d", kind, p)
		}
	}
}

func TestAnEditedMessageCarriesItsOriginalsIDInsideAndItsOwnOutside(t *testing.T) {
	w := demo(t)
	street := chatNamed(t, w, "Street Talk")
	i := slices.IndexFunc(w.History(street, Anchor{}, -1), func(m Message) bool { return m.EditedAt != 0 })
	m := w.History(street, Anchor{}, -1)[i]
	chunks, err := w.OnDemand(street, Anchor{}, i+1, 0)
	if err != nil {
		t.Fatal(err)
	}
	raw := chunks[0].GetConversations()[0].GetMessages()[i].GetMessage()
	edit := raw.GetMessage().GetEditedMessage().GetMessage().GetProtocolMessage()
	if raw.GetKey().GetID() != m.EditID || edit.GetKey().GetID() != m.ID || edit.GetTimestampMS() != m.EditedAt*1000 || said(edit.GetEditedMessage()) != m.Text {
		t.Fatal(raw)
	}
	if quote := edit.GetEditedMessage().GetExtendedTextMessage().GetContextInfo(); quote.GetStanzaID() != m.QuotedID || quote.GetQuotedMessage().GetConversation() == "" {
		t.Fatal("the edit lost its quote")
	}
}

func TestAnAnchorIsUnderstoodInSecondsAndMilliseconds(t *testing.T) {
	for _, at := range []int64{1_790_000_000, 1_790_000_000_123} {
		got := AnchorOf(&waE2E.PeerDataOperationRequestMessage_HistorySyncOnDemandRequest{OldestMsgID: proto.String("A"), OldestMsgTimestampMS: proto.Int64(at)})
		if got != (Anchor{ID: "A", Timestamp: 1_790_000_000}) {
			t.Error(got)
		}
	}
}

func TestHistoryOfAChatThatIsNotThereIsAnError(t *testing.T) {
	w := demo(t)
	if _, err := w.OnDemand(types.NewJID("120363999", types.GroupServer), Anchor{}, 50, 0); err == nil {
		t.Fatal("an unknown chat was answered")
	}
}

func TestAChunkTravelsInlineAndAsABlob(t *testing.T) {
	w := demo(t)
	want := w.PlanPush(PushOptions{}).Chunk(0)
	inline, err := Inline(want)
	if err != nil {
		t.Fatal(err)
	}
	host, err := media.Start(media.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	external, err := External(want, host)
	if err != nil {
		t.Fatal(err)
	}
	blob, ok := host.Get(external.GetDirectPath())
	if !ok {
		t.Fatal("no blob")
	}
	opened, err := media.Open(blob, external.GetMediaKey(), whatsmeow.GetMediaType(external))
	if err != nil {
		t.Fatal(err)
	}
	for _, payload := range [][]byte{inline.GetInitialHistBootstrapInlinePayload(), opened} {
		reader, err := zlib.NewReader(bytes.NewReader(payload))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		got := &waHistorySync.HistorySync{}
		if err := proto.Unmarshal(raw, got); err != nil || !proto.Equal(got, want) {
			t.Fatal("another chunk came out", err)
		}
	}
	if external.GetFileLength() != uint64(len(opened)) || external.GetSyncType() != waE2E.HistorySyncType_INITIAL_BOOTSTRAP || external.GetOldestMsgInChunkTimestampSec() == 0 {
		t.Fatal(external)
	}
}
