package phone

import (
	"cmp"

	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/world"
)

// View is what the phone shows about a chat, as far as app state has said it.
type View struct {
	Read     *bool `json:"read,omitempty"`
	Archived *bool `json:"archived,omitempty"`
	Pinned   *bool `json:"pinned,omitempty"`
	// MutedUntil is in Unix seconds, 0 when not muted, -1 for ever.
	MutedUntil *int64 `json:"muted_until,omitempty"`
}

// viewOf is what one action says; it reports false for one that no chat list shows.
func viewOf(action *waSyncAction.SyncActionValue) (v View, shown bool) {
	switch {
	case action.GetMarkChatAsReadAction() != nil:
		v.Read = proto.Bool(action.GetMarkChatAsReadAction().GetRead())
	case action.GetArchiveChatAction() != nil:
		v.Archived = proto.Bool(action.GetArchiveChatAction().GetArchived())
	case action.GetPinAction() != nil:
		v.Pinned = proto.Bool(action.GetPinAction().GetPinned())
	case action.GetMuteAction() != nil:
		v.MutedUntil = proto.Int64(mutedUntil(action.GetMuteAction()))
	default:
		return v, false
	}
	return v, true
}

// with is the view after something more was said.
func (v View) with(said View) View {
	return View{
		Read: cmp.Or(said.Read, v.Read), Archived: cmp.Or(said.Archived, v.Archived),
		Pinned: cmp.Or(said.Pinned, v.Pinned), MutedUntil: cmp.Or(said.MutedUntil, v.MutedUntil),
	}
}

func mutedUntil(action *waSyncAction.MuteAction) int64 {
	switch end := action.GetMuteEndTimestamp(); {
	case !action.GetMuted():
		return 0
	case end <= 0:
		return -1
	default:
		return end / 1000
	}
}

// onto carries what was said over to the world's own state of the chat.
func (v View) onto(state *world.ChatState) {
	if v.Read != nil && *v.Read {
		state.Unread = 0
	}
	if v.Read != nil && !*v.Read && state.Unread == 0 {
		state.Unread = 1
	}
	if v.Archived != nil {
		state.Archived = *v.Archived
	}
	if v.Pinned != nil {
		state.Pinned = *v.Pinned
	}
	if v.MutedUntil != nil {
		state.MutedUntil = *v.MutedUntil
	}
}
