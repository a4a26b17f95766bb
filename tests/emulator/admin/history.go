package admin

import (
	"fmt"
	"net/http"

	"whatsapp-mcp/emulator/phone"
	"whatsapp-mcp/emulator/server"
	"whatsapp-mcp/emulator/world"
)

// onDemand is the kind of request that pushes nothing but says how later answers are cut.
const onDemand = "on_demand"

var historyKinds = map[string][]world.HistoryKind{
	"":             nil,
	"all":          nil,
	"bootstrap":    {world.Bootstrap},
	"push_name":    {world.PushNames},
	"non_blocking": {world.NonBlocking},
	"recent":       {world.Recent},
	"full":         {world.Full},
}

type historyRequest struct {
	// Device is absent for all companions.
	Device uint16 `json:"device,omitempty"`
	// Kind is bootstrap, push_name, non_blocking, recent, full, or absent for all of these; or on_demand.
	Kind string `json:"kind,omitempty"`
	// Chunks is into about how many the messages are cut; exactly as many for on_demand.
	Chunks int `json:"chunks,omitempty"`
	// External is absent for the phone's own choice.
	External *bool `json:"external,omitempty"`
	// Disorder is a seed: chunks of every size in any order, some twice, the mappings last.
	Disorder uint64 `json:"disorder,omitempty"`
	// OnLink pushes nothing now: it is what companions get that are linked from now on.
	OnLink bool `json:"on_link,omitempty"`
}

type historyPushed struct {
	Chunks int `json:"chunks"`
}

func (a *API) pushHistory(r *http.Request, request historyRequest) (historyPushed, error) {
	if request.Kind == onDemand {
		return historyPushed{Chunks: request.Chunks}, a.Phone.SetDemandChunks(request.Chunks)
	}
	push, err := a.plan(request)
	if err != nil {
		return historyPushed{}, err
	}
	if request.OnLink {
		a.Phone.SetWelcome(push)
		return historyPushed{}, nil
	}
	companions := a.Server.Companions()
	if request.Device != 0 {
		companion, err := a.companion(request.Device)
		if err != nil {
			return historyPushed{}, err
		}
		companions = []*server.Companion{companion}
	}
	var sent historyPushed
	for _, companion := range companions {
		chunks, err := a.Phone.Push(r.Context(), companion, push)
		if err != nil {
			return sent, err
		}
		sent.Chunks += chunks
	}
	return sent, nil
}

func (a *API) plan(request historyRequest) (phone.Push, error) {
	kinds, ok := historyKinds[request.Kind]
	if !ok || request.Chunks < 0 {
		return phone.Push{}, fmt.Errorf("there is no history of kind %q in %d chunks", request.Kind, request.Chunks)
	}
	push := phone.Push{PushOptions: world.PushOptions{Kinds: kinds, Disorder: request.Disorder}}
	if request.Chunks > 0 {
		messages := 0
		for _, chat := range a.World.Chats() {
			messages += chat.Pushed
		}
		push.PerChunk = max(1, (messages+request.Chunks-1)/request.Chunks)
	}
	if request.External != nil {
		push.Way = phone.Inline
		if *request.External {
			push.Way = phone.External
		}
	}
	return push, nil
}

type historyAnswer struct {
	Messages []message `json:"messages"`
}

type message struct {
	ID        string     `json:"id"`
	Timestamp int64      `json:"timestamp"`
	From      string     `json:"from"`
	FromMe    bool       `json:"from_me"`
	Kind      world.Kind `json:"kind"`
	Text      string     `json:"text"`
	QuotedID  string     `json:"quoted_id,omitempty"`
	EditedAt  int64      `json:"edited_at,omitempty"`
	RevokedAt int64      `json:"revoked_at,omitempty"`
	Reactions []reaction `json:"reactions,omitempty"`
}

type reaction struct {
	From  string `json:"from"`
	Emoji string `json:"emoji"`
}

// history is the emulator's own truth about a chat, newest message first: all of it, or as many as limit says.
func (a *API) history(r *http.Request, _ none) (historyAnswer, error) {
	chat, err := a.chatJID(r.URL.Query().Get("chat"))
	if err != nil {
		return historyAnswer{}, err
	}
	limit, err := number(r, "limit")
	if err != nil {
		return historyAnswer{}, err
	}
	if limit == 0 {
		limit = -1
	}
	out := historyAnswer{Messages: []message{}}
	for _, m := range a.World.History(chat, world.Anchor{}, limit) {
		row := message{
			ID: m.ID, Timestamp: m.Timestamp, From: m.Sender.String(), FromMe: m.FromMe, Kind: m.Kind, Text: m.Text,
			QuotedID: m.QuotedID, EditedAt: m.EditedAt, RevokedAt: m.RevokedAt,
		}
		for _, r := range m.Reactions {
			row.Reactions = append(row.Reactions, reaction{From: r.Sender.String(), Emoji: r.Emoji})
		}
		out.Messages = append(out.Messages, row)
	}
	return out, nil
}
