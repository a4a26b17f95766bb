package whatsapp

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/proto/waWeb"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// newest is the time of the newest message of the fake phone, message 0; each older one is a second older.
const newest = int64(1_780_000_000)

type asked struct {
	id, address string
	from        store.AnchorMessage
	count       int64
}

// fakePhone holds a chat of some messages and answers as a phone does, in chunks that the client takes as it takes every
// chunk. While silent it keeps the requests, and release answers them.
type fakePhone struct {
	t      *testing.T
	client *Client
	held   int64
	chunks int
	knows  string // the address under which it keeps the chat

	mu     sync.Mutex
	away   bool
	silent bool
	ids    int
	seen   []asked
	owed   []asked
}

// withPhone is a client whose jobs ask a fake phone that holds so many of Ana's messages; the newest is stored.
func withPhone(t *testing.T, held int64) (*Client, *fakePhone) {
	t.Helper()
	client := link(t)
	phone := &fakePhone{t: t, client: client, held: held, chunks: 1, knows: ana}
	client.jobs.phone = phone
	client.jobs.pace = jobPace{step: 50, atOnce: 2, answer: time.Minute, part: 20 * time.Millisecond, empty: 40 * time.Millisecond}
	t.Cleanup(client.jobs.stop)
	if err := client.keepHistory(t.Context(), &waE2E.HistorySyncNotification{}, phone.chunk(0, 1, waHistorySync.HistorySync_RECENT, false)); err != nil {
		t.Fatal(err)
	}
	return client, phone
}

func (p *fakePhone) connected() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.away
}

func (p *fakePhone) newID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ids++
	return fmt.Sprintf("ASK%d", p.ids)
}

func (p *fakePhone) addresses(context.Context, string) []string { return []string{anaLID, ana} }

func (p *fakePhone) request(_ context.Context, id, address string, from store.AnchorMessage, count int64) error {
	p.mu.Lock()
	request := asked{id, address, from, count}
	p.seen = append(p.seen, request)
	silent := p.silent
	if silent {
		p.owed = append(p.owed, request)
	}
	p.mu.Unlock()
	if !silent {
		p.answer(request)
	}
	return nil
}

func (p *fakePhone) requests() []asked {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]asked{}, p.seen...)
}

func (p *fakePhone) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// release answers what it was silent to.
func (p *fakePhone) release() {
	p.mu.Lock()
	owed := p.owed
	p.owed, p.silent = nil, false
	p.mu.Unlock()
	for _, request := range owed {
		p.answer(request)
	}
}

func (p *fakePhone) answer(request asked) {
	first := newest - request.from.Timestamp + 1
	end := min(first+request.count, p.held)
	if request.address != p.knows {
		end = first
	}
	size := max(1, (end-first+int64(p.chunks)-1)/int64(p.chunks))
	for start := first; start == first || start < end; start += size {
		stop := min(start+size, end)
		chunk := p.chunk(start, stop, waHistorySync.HistorySync_ON_DEMAND, false)
		if request.address == p.knows && end == p.held && stop == end && p.chunks > 1 {
			chunk = p.chunk(start, stop, waHistorySync.HistorySync_ON_DEMAND, true)
		}
		notice := &waE2E.HistorySyncNotification{PeerDataRequestSessionID: proto.String(request.id)}
		if err := p.client.keepHistory(context.WithoutCancel(p.t.Context()), notice, chunk); err != nil {
			p.t.Error(err)
		}
	}
}

// chunk holds the messages from start up to, not including, stop, counted from the newest.
func (p *fakePhone) chunk(start, stop int64, kind waHistorySync.HistorySync_HistorySyncType, end bool) *waHistorySync.HistorySync {
	chat := &waHistorySync.Conversation{ID: proto.String(ana)}
	for n := start; n < stop; n++ {
		chat.Messages = append(chat.Messages, &waHistorySync.HistorySyncMsg{Message: &waWeb.WebMessageInfo{
			Key:     &waCommon.MessageKey{ID: proto.String(fmt.Sprintf("M%d", n)), RemoteJID: proto.String(ana), FromMe: proto.Bool(false)},
			Message: text(fmt.Sprintf("message %d", n)), MessageTimestamp: proto.Uint64(uint64(newest - n)),
		}})
	}
	if end {
		chat.EndOfHistoryTransferType = waHistorySync.Conversation_COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY.Enum()
	}
	return &waHistorySync.HistorySync{SyncType: kind.Enum(), Conversations: []*waHistorySync.Conversation{chat}}
}
