package phone

import (
	"context"
	"fmt"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"

	"whatsapp-mcp/emulator/fault"
	"whatsapp-mcp/emulator/server"
	"whatsapp-mcp/emulator/world"
)

// mostPerRequest is how many messages the phone gives for one request, however many are asked for.
const mostPerRequest = 50

// Way says how a chunk travels.
type Way int

// The ways. By choice small first chunks are inline and the rest external, as phones do it.
const (
	ByChoice Way = iota
	Inline
	External
)

// Push says what history a companion gets; the zero Push is what it gets when it is linked, unless SetWelcome said otherwise.
type Push struct {
	world.PushOptions
	Way Way
}

// Push sends history that nobody asked for, and returns the number of chunks.
func (p *Phone) Push(ctx context.Context, to *server.Companion, push Push) (int, error) {
	plan := p.World.PlanPush(push.PushOptions)
	for i := range plan.Len() {
		if err := ctx.Err(); err != nil {
			return i, err
		}
		if err := p.sendChunk(ctx, to, plan.Chunk(i), push.Way, ""); err != nil {
			return i, err
		}
	}
	return plan.Len(), nil
}

func (p *Phone) sendChunk(ctx context.Context, to *server.Companion, chunk *waHistorySync.HistorySync, way Way, request string) error {
	notice, err := p.pack(chunk, way)
	if err != nil {
		return err
	}
	if request != "" {
		notice.PeerDataRequestSessionID = &request
	}
	return p.peer(ctx, to, &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_HISTORY_SYNC_NOTIFICATION.Enum(), HistorySyncNotification: notice,
	})
}

func (p *Phone) pack(chunk *waHistorySync.HistorySync, way Way) (*waE2E.HistorySyncNotification, error) {
	external := way == External
	if way == ByChoice {
		kind := chunk.GetSyncType()
		external = kind == world.Recent || kind == world.Full
	}
	if external {
		return world.External(chunk, p.Media)
	}
	return world.Inline(chunk)
}

// SetDemandChunks says into how many chunks the phone cuts its answers from now on.
func (p *Phone) SetDemandChunks(chunks int) error {
	if chunks < 1 || chunks > mostPerRequest {
		return fmt.Errorf("an answer has 1 to %d chunks, not %d", mostPerRequest, chunks)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.demandChunks = chunks
	return nil
}

// SetWelcome says what companions that are linked from now on get by themselves.
func (p *Phone) SetWelcome(push Push) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.welcome = push
}

func (p *Phone) welcomed() Push {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.welcome
}

func (p *Phone) perChunk(messages int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(1, (messages+p.demandChunks-1)/p.demandChunks)
}

// answerHistory gives a companion older messages of one chat. The answer names the request's message ID.
func (p *Phone) answerHistory(ctx context.Context, to *server.Companion, id string, request *waE2E.PeerDataOperationRequestMessage_HistorySyncOnDemandRequest) error {
	if err := p.pause(ctx); err != nil {
		return err
	}
	chat, err := parseJID(request.GetChatJID())
	if err != nil {
		return fmt.Errorf("history request %s: %w", id, err)
	}
	count := min(int(request.GetOnDemandMsgCount()), mostPerRequest)
	_, nothing := p.Faults.Hit(fault.PhoneEmpty, 0)
	if nothing {
		count = 0
	}
	chunks, err := p.World.OnDemand(chat, world.AnchorOf(request), count, p.perChunk(count))
	if err != nil {
		return fmt.Errorf("history request %s: %w", id, err)
	}
	for _, chunk := range chunks {
		if nothing {
			end := waHistorySync.Conversation_COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY
			chunk.Conversations[0].EndOfHistoryTransferType = &end
		}
		if err := p.sendChunk(ctx, to, chunk, Inline, id); err != nil {
			return err
		}
	}
	return nil
}
