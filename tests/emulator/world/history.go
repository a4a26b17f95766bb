package world

import (
	"slices"
	"time"

	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// HistoryKind names the chunks of a push: the phone sends them in this order.
type HistoryKind = waHistorySync.HistorySync_HistorySyncType

// The kinds a phone pushes after linking.
const (
	// Bootstrap has every chat with its newest messages, and the LID of every phone number.
	Bootstrap = waHistorySync.HistorySync_INITIAL_BOOTSTRAP
	// PushNames has what people call themselves.
	PushNames = waHistorySync.HistorySync_PUSH_NAME
	// NonBlocking has settings only.
	NonBlocking = waHistorySync.HistorySync_NON_BLOCKING_DATA
	// Recent has the messages of the last months that are not in Bootstrap, Full those before.
	Recent = waHistorySync.HistorySync_RECENT
	Full   = waHistorySync.HistorySync_FULL
)

// PushOptions shape a push; the zero value is what a phone does.
type PushOptions struct {
	// Kinds to send; none means all.
	Kinds []HistoryKind
	// PerChat is how many of a chat's newest messages are in Bootstrap (0: 20).
	PerChat int
	// PerChunk is the most messages a chunk may hold (0: 1000).
	PerChunk int
	// RecentSince divides Recent from Full (zero: 90 days before the world's now).
	RecentSince time.Time
	// Disorder is the seed of a push that comes in no order (0: a phone's own order): see disorder.go.
	Disorder uint64
}

func (o PushOptions) withDefaults(now time.Time) PushOptions {
	if o.PerChat <= 0 {
		o.PerChat = 20
	}
	if o.PerChunk <= 0 {
		o.PerChunk = 1000
	}
	if o.RecentSince.IsZero() {
		o.RecentSince = now.AddDate(0, 0, -90)
	}
	return o
}

// Push is a history push, cut into chunks. It holds positions, not messages: a chunk is built when it is asked for, so that any chunk
// may be sent late, twice or not at all, and a push of a million messages needs the memory of one chunk.
type Push struct {
	world  *World
	chunks []chunk
	// lidOnly leaves the numbers out of the chats, so that the mappings alone tell them.
	lidOnly bool
}

type chunk struct {
	kind HistoryKind
	// order counts within the kind, from 0.
	order, progress int
	pieces          []piece
}

// piece is a stretch of one chat: the positions from start up to, not including, end.
type piece struct {
	chat       types.JID
	start, end int
	// first and last mark the chat's newest and oldest piece of the whole push.
	first, last bool
}

// PlanPush cuts what linking a device brings by itself (see ChatSummary.Pushed) into chunks.
// What is appended after the plan is not in it.
func (w *World) PlanPush(options PushOptions) *Push {
	options = options.withDefaults(w.Now())
	plan := w.pieces(options)
	push := &Push{world: w, lidOnly: options.Disorder != 0}
	for _, kind := range []HistoryKind{Bootstrap, PushNames, NonBlocking, Recent, Full} {
		if len(options.Kinds) > 0 && !slices.Contains(options.Kinds, kind) {
			continue
		}
		var chunks []chunk
		switch kind {
		case PushNames, NonBlocking:
			chunks = []chunk{{}}
		default:
			chunks = pack(plan[kind], options.sizes(kind))
		}
		if kind == Bootstrap && len(chunks) == 0 {
			chunks = []chunk{{}}
		}
		for i := range chunks {
			chunks[i].kind, chunks[i].order = kind, i
			chunks[i].progress = (i + 1) * 100 / len(chunks)
		}
		push.chunks = append(push.chunks, chunks...)
	}
	if options.Disorder != 0 {
		push.chunks = disordered(push.chunks, options.Disorder)
	}
	return push
}

// pieces divides each chat's pushed messages between Bootstrap, Recent and Full.
func (w *World) pieces(options PushOptions) map[HistoryKind][]piece {
	chats := w.Chats()
	w.mu.RLock()
	defer w.mu.RUnlock()
	plan := map[HistoryKind][]piece{}
	for _, summary := range chats {
		jid, c := summary.JID, w.chats[summary.JID]
		if c == nil {
			c = &chat{}
		}
		end := c.len()
		newest := max(c.held, end-options.PerChat)
		recent := min(newest, max(c.held, c.position(Anchor{Timestamp: options.RecentSince.Unix()})))
		plan[Bootstrap] = append(plan[Bootstrap], piece{chat: jid, start: newest, end: end, first: true, last: newest == c.held})
		if recent < newest {
			plan[Recent] = append(plan[Recent], piece{chat: jid, start: recent, end: newest, last: recent == c.held})
		}
		if c.held < recent {
			plan[Full] = append(plan[Full], piece{chat: jid, start: c.held, end: recent, last: true})
		}
	}
	return plan
}

// pack fills chunks with pieces, newest messages first, and cuts pieces that do not fit; size tells the next chunk's room.
func pack(pieces []piece, size func() int) []chunk {
	var chunks []chunk
	room := 0
	for _, p := range pieces {
		for {
			if room == 0 {
				chunks, room = append(chunks, chunk{}), size()
			}
			part := p
			part.start = max(p.start, p.end-room)
			part.last = p.last && part.start == p.start
			room -= part.end - part.start
			last := &chunks[len(chunks)-1]
			last.pieces = append(last.pieces, part)
			if part.start == p.start {
				break
			}
			p.end, p.first = part.start, false
		}
	}
	return chunks
}

// Len is the number of chunks.
func (p *Push) Len() int { return len(p.chunks) }

// Kind tells what chunk i holds.
func (p *Push) Kind(i int) HistoryKind { return p.chunks[i].kind }

// Chunk builds chunk i, 0 <= i < Len, as the world stands now.
func (p *Push) Chunk(i int) *waHistorySync.HistorySync {
	c := p.chunks[i]
	h := &waHistorySync.HistorySync{
		SyncType:   c.kind.Enum(),
		ChunkOrder: unsigned32(c.order),
		Progress:   unsigned32(c.progress),
	}
	w := p.world
	w.mu.RLock()
	defer w.mu.RUnlock()
	switch c.kind {
	case PushNames:
		h.Pushnames = w.pushNames()
	case NonBlocking:
		h.GlobalSettings = &waHistorySync.GlobalSettings{SecurityNotifications: proto.Bool(false), AutoUnarchiveChats: proto.Bool(true)}
	case Bootstrap:
		if c.order == 0 {
			h.PhoneNumberToLidMappings = w.mappings()
			h.Conversations = w.communityConversations()
		}
	}
	for _, piece := range c.pieces {
		conv := w.conversation(piece)
		if p.lidOnly {
			conv.PnJID = nil
		}
		h.Conversations = append(h.Conversations, conv)
	}
	return h
}

// mappings tells the LID of every phone number that is not hidden, the account's own first.
func (w *World) mappings() []*waHistorySync.PhoneNumberToLIDMapping {
	out := []*waHistorySync.PhoneNumberToLIDMapping{mapping(w.account.PN, w.account.LID)}
	for _, c := range w.contacts {
		if !c.PNHidden {
			out = append(out, mapping(c.PN, c.LID))
		}
	}
	return out
}

func mapping(pn, lid types.JID) *waHistorySync.PhoneNumberToLIDMapping {
	return &waHistorySync.PhoneNumberToLIDMapping{PnJID: proto.String(pn.String()), LidJID: proto.String(lid.String())}
}

// pushNames names saved contacts by their number and the others by their LID: companions must cope with either.
func (w *World) pushNames() []*waHistorySync.Pushname {
	var out []*waHistorySync.Pushname
	for _, c := range w.contacts {
		id := c.LID
		if c.Saved && !c.PNHidden {
			id = c.PN
		}
		out = append(out, &waHistorySync.Pushname{ID: proto.String(id.String()), Pushname: proto.String(c.PushName)})
	}
	return out
}
