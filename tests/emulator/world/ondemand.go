package world

import (
	"bytes"
	"compress/zlib"
	"fmt"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/media"
)

// firstMillisecond is above every anchor in seconds and below every one in milliseconds that makes sense (the year 5138, and 1973).
const firstMillisecond = 100_000_000_000

// AnchorOf reads the anchor of an on-demand request. Its oldestMsgTimestampMS holds seconds from whatsmeow (send.go
// BuildHistorySyncRequest) and, some say, milliseconds from others: both are understood.
func AnchorOf(request *waE2E.PeerDataOperationRequestMessage_HistorySyncOnDemandRequest) Anchor {
	at := request.GetOldestMsgTimestampMS()
	if at >= firstMillisecond {
		at /= 1000
	}
	return Anchor{ID: request.GetOldestMsgID(), Timestamp: at}
}

// OnDemand answers a request for up to n messages older than the anchor, in chunks of at most perChunk messages (0: one chunk). There is
// always at least one chunk; the last says whether the phone holds more. Which chats a phone answers for at all is the caller's matter.
func (w *World) OnDemand(chatJID types.JID, before Anchor, n, perChunk int) ([]*waHistorySync.HistorySync, error) {
	canonical, ok := w.CanonicalChat(chatJID)
	if !ok {
		return nil, fmt.Errorf("%s: %w", chatJID, ErrUnknownChat)
	}
	n = max(n, 0)
	if perChunk <= 0 {
		perChunk = max(n, 1)
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	c := w.chats[canonical]
	if c == nil {
		c = &chat{}
	}
	stop := c.position(before)
	chunks := pack([]piece{{chat: canonical, start: max(0, stop-n), end: stop, last: true}}, func() int { return perChunk })
	out := make([]*waHistorySync.HistorySync, len(chunks))
	for i, chunk := range chunks {
		p := chunk.pieces[0]
		last := p.last
		p.last = false
		conv := w.conversation(p)
		if last {
			end(conv, endRequested, p.start > 0)
		}
		out[i] = &waHistorySync.HistorySync{
			SyncType:      waHistorySync.HistorySync_ON_DEMAND.Enum(),
			ChunkOrder:    unsigned32(i),
			Progress:      unsigned32((i + 1) * 100 / len(chunks)),
			Conversations: []*waHistorySync.Conversation{conv},
		}
	}
	return out, nil
}

// Inline packs a chunk into the notification itself.
func Inline(h *waHistorySync.HistorySync) (*waE2E.HistorySyncNotification, error) {
	payload, err := deflate(h)
	if err != nil {
		return nil, err
	}
	n := notification(h)
	n.InitialHistBootstrapInlinePayload = payload
	return n, nil
}

// External packs a chunk into an encrypted blob on the media host; the notification says where and how to open it.
func External(h *waHistorySync.HistorySync, host *media.Server) (*waE2E.HistorySyncNotification, error) {
	payload, err := deflate(h)
	if err != nil {
		return nil, err
	}
	sealed, err := media.Seal(payload, whatsmeow.MediaHistory)
	if err != nil {
		return nil, err
	}
	n := notification(h)
	n.DirectPath = proto.String(host.Put("md-msg-hist", sealed.Blob).DirectPath)
	n.MediaKey, n.FileSHA256, n.FileEncSHA256 = sealed.Key, sealed.SHA256, sealed.EncSHA256
	n.FileLength = proto.Uint64(sealed.Length)
	return n, nil
}

func notification(h *waHistorySync.HistorySync) *waE2E.HistorySyncNotification {
	n := &waE2E.HistorySyncNotification{
		SyncType:   waE2E.HistorySyncType(h.GetSyncType()).Enum(),
		ChunkOrder: proto.Uint32(h.GetChunkOrder()),
		Progress:   proto.Uint32(h.GetProgress()),
	}
	oldest := int64(0)
	for _, conv := range h.GetConversations() {
		for _, m := range conv.GetMessages() {
			at := int64(m.GetMessage().GetMessageTimestamp()) //nolint:gosec // Unix seconds.
			if oldest == 0 || at < oldest {
				oldest = at
			}
		}
	}
	if oldest > 0 {
		n.OldestMsgInChunkTimestampSec = proto.Int64(oldest)
	}
	return n
}

func deflate(h *waHistorySync.HistorySync) ([]byte, error) {
	raw, err := proto.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("history chunk: %w", err)
	}
	var out bytes.Buffer
	packer := zlib.NewWriter(&out)
	if _, err := packer.Write(raw); err != nil {
		return nil, fmt.Errorf("history chunk: %w", err)
	}
	if err := packer.Close(); err != nil {
		return nil, fmt.Errorf("history chunk: %w", err)
	}
	return out.Bytes(), nil
}
