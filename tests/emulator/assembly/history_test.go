package assembly_test

import (
	"strconv"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"whatsapp-mcp/emulator/world"
)

func ofKind(kind waHistorySync.HistorySync_HistorySyncType) func(*events.HistorySync) bool {
	return func(h *events.HistorySync) bool { return h.Data.GetSyncType() == kind }
}

func messagesIn(h *waHistorySync.HistorySync) int {
	count := 0
	for _, conversation := range h.GetConversations() {
		count += len(conversation.GetMessages())
	}
	return count
}

func TestALinkedCompanionGetsItsHistoryAtOnce(t *testing.T) {
	r := start(t)
	c := r.link()
	total := 0
	for _, kind := range []waHistorySync.HistorySync_HistorySyncType{world.Bootstrap, world.PushNames, world.NonBlocking, world.Recent, world.Full} {
		chunk := await(c, ofKind(kind))
		total += messagesIn(chunk.Data)
		external := chunk.Notification.GetDirectPath() != ""
		if external != (kind == world.Recent || kind == world.Full) {
			t.Errorf("%s came by %q", kind, chunk.Notification.GetDirectPath())
		}
	}
	pushed := 0
	for _, chat := range r.world().Chats {
		pushed += chat.Pushed
	}
	if total != pushed {
		t.Errorf("%d messages came, of %d that are pushed", total, pushed)
	}
	c.settled()
}

func TestHistoryIsPushedAgainInAsManyChunksAsAskedFor(t *testing.T) {
	r := start(t)
	c := r.link()
	await(c, ofKind(world.Full))
	for _, external := range []bool{false, true} {
		var pushed struct {
			Chunks int `json:"chunks"`
		}
		r.post("/admin/history", words{"device": c.device, "kind": "recent", "chunks": 20, "external": external}, &pushed)
		if pushed.Chunks < 2 {
			t.Fatalf("pushed %d chunks", pushed.Chunks)
		}
		await(c, func(h *events.HistorySync) bool {
			return h.Data.GetSyncType() == world.Recent && int(h.Data.GetChunkOrder()) == pushed.Chunks-1 &&
				(h.Notification.GetDirectPath() != "") == external
		})
	}
	r.refuses("/admin/history", words{"kind": "everything"}, 400)
}

// oldest is where a companion's knowledge of a chat ends after linking.
func (r *rig) oldest(chat string) *types.MessageInfo {
	r.t.Helper()
	row := r.chat(chat)
	var truth struct {
		Messages []struct {
			ID        string `json:"id"`
			Timestamp int64  `json:"timestamp"`
			FromMe    bool   `json:"from_me"`
		} `json:"messages"`
	}
	r.get("/admin/history?chat="+row.JID+"&limit="+strconv.Itoa(row.Pushed), &truth)
	last := truth.Messages[len(truth.Messages)-1]
	return &types.MessageInfo{
		MessageSource: types.MessageSource{Chat: r.jid(chat), IsFromMe: last.FromMe},
		ID:            last.ID, Timestamp: time.Unix(last.Timestamp, 0),
	}
}

func (c *companion) askHistory(anchor *types.MessageInfo, count int) string {
	c.t.Helper()
	sent, err := c.SendPeerMessage(c.t.Context(), c.BuildHistorySyncRequest(anchor, count))
	if err != nil {
		c.t.Fatal(err)
	}
	return sent.ID
}

func answerTo(id string) func(*events.HistorySync) bool {
	return func(h *events.HistorySync) bool { return h.Notification.GetPeerDataRequestSessionID() == id }
}

func TestOlderMessagesComeOnDemand(t *testing.T) {
	r := start(t)
	c := r.link()
	anchor := r.oldest(football)
	id := c.askHistory(anchor, 50)
	answer := await(c, answerTo(id))
	conversation := answer.Data.GetConversations()[0]
	if answer.Data.GetSyncType() != waHistorySync.HistorySync_ON_DEMAND || len(conversation.GetMessages()) != 50 {
		t.Fatalf("%s with %d messages", answer.Data.GetSyncType(), len(conversation.GetMessages()))
	}
	for _, m := range conversation.GetMessages() {
		if m.GetMessage().GetMessageTimestamp() > uint64(anchor.Timestamp.Unix()) {
			t.Error("a message is newer than the anchor")
		}
	}
}

func TestAnAnswerMayComeInChunks(t *testing.T) {
	r := start(t)
	c := r.link()
	r.post("/admin/history", words{"kind": "on_demand", "chunks": 3}, nil)
	id := c.askHistory(r.oldest(football), 50)
	got := 0
	for order := range uint32(3) {
		chunk := await(c, func(h *events.HistorySync) bool { return answerTo(id)(h) && h.Data.GetChunkOrder() == order })
		got += messagesIn(chunk.Data)
	}
	if got != 50 {
		t.Errorf("%d messages in three chunks", got)
	}
}

func TestAnOfflinePhoneAnswersWhenItIsBack(t *testing.T) {
	r := start(t)
	c := r.link()
	r.fault("phone_offline", nil)
	id := c.askHistory(r.oldest(football), 20)
	r.onPhone(isRequest(id))
	c.settled()
	c.mu.Lock()
	for _, event := range c.seen {
		if h, ok := event.(*events.HistorySync); ok && answerTo(id)(h) {
			t.Error("the phone answered while it was offline")
		}
	}
	c.mu.Unlock()
	r.fault("phone_offline", words{"on": false})
	await(c, answerTo(id))
}

func TestASlowPhoneTakesItsTime(t *testing.T) {
	r := start(t)
	c := r.link()
	anchor := r.oldest(football)
	r.fault("phone_slow", words{"ms": 300, "count": 1})
	asked := time.Now()
	await(c, answerTo(c.askHistory(anchor, 20)))
	if took := time.Since(asked); took < 300*time.Millisecond {
		t.Errorf("the slow phone answered after %s", took)
	}
}

func TestAnEmptyPhoneSaysThatThereIsNoMore(t *testing.T) {
	r := start(t)
	c := r.link()
	r.fault("phone_empty", words{"count": 1})
	answer := await(c, answerTo(c.askHistory(r.oldest(football), 20)))
	conversation := answer.Data.GetConversations()[0]
	if len(conversation.GetMessages()) != 0 ||
		conversation.GetEndOfHistoryTransferType() != waHistorySync.Conversation_COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY {
		t.Errorf("%+v", conversation)
	}
}
