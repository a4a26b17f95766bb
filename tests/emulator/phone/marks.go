package phone

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/world"
)

// Marks are what somebody sets on a chat with the phone in hand; what is nil stays. MutedUntil is as in View.
type Marks struct {
	Archived   *bool
	Pinned     *bool
	MutedUntil *int64
}

// Mark archives, pins or mutes a chat on the phone, and tells all companions.
func (p *Phone) Mark(ctx context.Context, chat types.JID, marks Marks) error {
	var patches []appstate.PatchInfo
	if marks.Archived != nil {
		at, key := lastKey(chat, p.World.History(chat, world.Anchor{}, 1))
		patches = append(patches, appstate.BuildArchive(chat, *marks.Archived, at, key))
	}
	if marks.Pinned != nil {
		patches = append(patches, appstate.BuildPin(chat, *marks.Pinned))
	}
	if marks.MutedUntil != nil {
		on := *marks.MutedUntil != 0
		end := muteEnd(*marks.MutedUntil)
		if !on {
			end = nil
		}
		patches = append(patches, appstate.BuildMuteAbs(chat, on, end))
	}
	for _, patch := range patches {
		if err := p.state.write(ctx, patch); err != nil {
			return err
		}
	}
	return nil
}

// lastKey names the newest of a chat's messages, newest first, as app state does.
func lastKey(chat types.JID, newest []world.Message) (time.Time, *waCommon.MessageKey) {
	if len(newest) == 0 {
		return time.Time{}, nil
	}
	last := newest[0]
	key := &waCommon.MessageKey{RemoteJID: proto.String(chat.String()), ID: proto.String(last.ID), FromMe: proto.Bool(last.FromMe)}
	if chat.Server == types.GroupServer && !last.FromMe {
		key.Participant = proto.String(last.Sender.String())
	}
	return time.Unix(last.Timestamp, 0), key
}
