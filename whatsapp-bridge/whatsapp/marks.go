package whatsapp

import (
	"context"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

const (
	// mostPins is the limit of the phone's chat list. The server does not hold it.
	mostPins = 3
	// sameMute is how far two ends of a mute may lie apart and still be the same wish, told twice.
	sameMute     = 60
	mutedForEver = -1
)

// ChatMarks is a chat's marks after a call. MutedUntil is left out where the chat is not muted.
type ChatMarks struct {
	Status     string     `json:"status"`
	ChatJID    string     `json:"chat_jid"`
	Name       string     `json:"name"`
	Archived   bool       `json:"archived"`
	Pinned     bool       `json:"pinned"`
	MutedUntil store.Time `json:"muted_until,omitempty"`
}

// What a call that sets something did.
const (
	statusChanged   = "changed"
	statusUnchanged = "unchanged"
)

// marking is one change of a chat's marks: nothing is sent when it is there already.
type marking struct {
	there func(chat store.Chat) bool
	// allowed says what forbids it; nil allows.
	allowed func(ctx context.Context, chat store.Chat) error
	patch   func(ctx context.Context, chat types.JID) (appstate.PatchInfo, error)
	row     store.StoredChat
}

// Archive puts a chat into the archive, which also unpins it, or takes it out.
func (c *Client) Archive(ctx context.Context, text string, archived bool) (ChatMarks, error) {
	row := store.StoredChat{Archived: &archived}
	if archived {
		unpinned := false
		row.Pinned = &unpinned
	}
	return c.mark(ctx, text, marking{
		row:   row,
		there: func(chat store.Chat) bool { return chat.Archived == archived && (!archived || !chat.Pinned) },
		patch: func(ctx context.Context, chat types.JID) (appstate.PatchInfo, error) {
			last, err := c.store.LastMessage(ctx, bare(chat))
			if err != nil {
				return appstate.PatchInfo{}, err
			}
			at, key, err := c.lastKey(ctx, chat, last)
			return appstate.BuildArchive(chat, archived, at, key), err
		},
	})
}

// Pin pins a chat to the top of the list, or unpins it. MAX_PINS_REACHED with the chats that are pinned.
func (c *Client) Pin(ctx context.Context, text string, pinned bool) (ChatMarks, error) {
	wish := marking{
		row:   store.StoredChat{Pinned: &pinned},
		there: func(chat store.Chat) bool { return chat.Pinned == pinned },
		patch: func(_ context.Context, chat types.JID) (appstate.PatchInfo, error) {
			return appstate.BuildPin(chat, pinned), nil
		},
	}
	if pinned {
		wish.allowed = c.roomForAPin
	}
	return c.mark(ctx, text, wish)
}

func (c *Client) roomForAPin(ctx context.Context, chat store.Chat) error {
	if chat.Archived {
		return fault.Argument("chat_jid", "is archived, and the archive has no pins").
			WithResolution("Take it out of the archive first: unarchive_chat.")
	}
	pinned, err := c.store.Pinned(ctx)
	if err != nil || len(pinned) < mostPins {
		return err
	}
	return fault.New(fault.MaxPinsReached, "").WithDetails(fault.Details{Chats: pinned}).
		WithResolution("Unpin one of details.chats with unpin_chat first.")
}

// Mute silences a chat for so long, 0 for ever.
func (c *Client) Mute(ctx context.Context, text string, duration time.Duration) (ChatMarks, error) {
	until, end := int64(mutedForEver), (*int64)(nil)
	if duration > 0 {
		at := time.Now().Add(duration)
		milliseconds := at.UnixMilli()
		until, end = at.Unix(), &milliseconds
	}
	return c.mark(ctx, text, marking{
		row: store.StoredChat{MutedUntil: &until},
		there: func(chat store.Chat) bool {
			known := int64(chat.MutedUntil)
			if until == mutedForEver {
				return chat.MutedUntil == store.Forever
			}
			return known > until-sameMute && known < until+sameMute
		},
		patch: func(_ context.Context, chat types.JID) (appstate.PatchInfo, error) {
			return appstate.BuildMuteAbs(chat, true, end), nil
		},
	})
}

// Unmute lets a chat make itself heard again.
func (c *Client) Unmute(ctx context.Context, text string) (ChatMarks, error) {
	none := int64(0)
	return c.mark(ctx, text, marking{
		row:   store.StoredChat{MutedUntil: &none},
		there: func(chat store.Chat) bool { return !muted(chat.MutedUntil) },
		patch: func(_ context.Context, chat types.JID) (appstate.PatchInfo, error) {
			return appstate.BuildMute(chat, false, 0), nil
		},
	})
}

// muted tells whether a mute has not ended by itself.
func muted(until store.Time) bool { return int64(until) > time.Now().Unix() }

// mark makes a change of a chat's marks known to all devices, and stores it before it answers.
//
// Errors: those of ResolveChat, NOT_PAIRED and its like, INVALID_ARGUMENT for what is no person's or group's chat.
func (c *Client) mark(ctx context.Context, text string, wish marking) (ChatMarks, error) {
	library, err := c.ready()
	if err != nil {
		return ChatMarks{}, err
	}
	address, err := c.chat(ctx, text)
	if err != nil {
		return ChatMarks{}, err
	}
	// Two calls at a time could both find room for the last pin.
	c.marks.turn.Lock()
	defer c.marks.turn.Unlock()
	chat, err := c.store.Chat(ctx, address.JID)
	if err != nil {
		return ChatMarks{}, err
	}
	if chat.Kind != store.ChatDirect && chat.Kind != store.ChatGroup {
		return ChatMarks{}, fault.Argument("chat_jid", "is a "+chat.Kind+"; only chats with people and groups have these marks")
	}
	if wish.there(chat) {
		return marksOf(chat, statusUnchanged), nil
	}
	if wish.allowed != nil {
		if err := wish.allowed(ctx, chat); err != nil {
			return ChatMarks{}, err
		}
	}
	if err := c.sendMark(ctx, library, chat.JID, wish); err != nil {
		return ChatMarks{}, err
	}
	if chat, err = c.store.Chat(ctx, chat.JID); err != nil {
		return ChatMarks{}, err
	}
	return marksOf(chat, statusChanged), nil
}

func (c *Client) sendMark(ctx context.Context, library *whatsmeow.Client, canonical string, wish marking) error {
	ctx, cancel := lasting(ctx, sendTime)
	defer cancel()
	chat, err := c.wire(ctx, canonical)
	if err != nil {
		return err
	}
	patch, err := wish.patch(ctx, chat)
	if err != nil {
		return err
	}
	patch.Timestamp = time.Now()
	c.marks.expect(patch)
	if err := c.sendState(ctx, library, patch); err != nil {
		c.marks.forget(patch)
		return err
	}
	row := wish.row
	row.JID = canonical
	return c.store.SaveChat(ctx, row)
}

func marksOf(chat store.Chat, status string) ChatMarks {
	marks := ChatMarks{
		Status: status, ChatJID: chat.JID, Name: chat.Name, Archived: chat.Archived, Pinned: chat.Pinned,
	}
	if muted(chat.MutedUntil) {
		marks.MutedUntil = chat.MutedUntil
	}
	return marks
}

// ownMarks are the marks that this device set itself. They come back as events, some time later: what is stored by then
// must not be stored once more, over a change that was made in between.
type ownMarks struct {
	turn sync.Mutex

	mu       sync.Mutex
	expected map[ownMark]bool
}

// ownMark is a change of app state; at is in milliseconds, as patches have it.
type ownMark struct {
	kind string
	chat types.JID
	at   int64
}

func (m *ownMarks) expect(patch appstate.PatchInfo) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.expected == nil {
		m.expected = map[ownMark]bool{}
	}
	for _, mark := range marksIn(patch) {
		m.expected[mark] = true
	}
}

func (m *ownMarks) forget(patch appstate.PatchInfo) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, mark := range marksIn(patch) {
		delete(m.expected, mark)
	}
}

// take tells whether an event is the echo of an own mark. Each comes once.
func (m *ownMarks) take(kind string, chat types.JID, at time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	mark := ownMark{kind, chat, at.UnixMilli()}
	own := m.expected[mark]
	delete(m.expected, mark)
	return own
}

func marksIn(patch appstate.PatchInfo) []ownMark {
	marks := make([]ownMark, 0, len(patch.Mutations))
	for _, mutation := range patch.Mutations {
		// The index of such a mutation is its kind and the chat; a chat that is none is never asked for.
		chat, _ := types.ParseJID(mutation.Index[1])
		marks = append(marks, ownMark{mutation.Index[0], chat, patch.Timestamp.UnixMilli()})
	}
	return marks
}

// keepMark stores a mark that another device set.
func (c *Client) keepMark(ctx context.Context, kind string, at time.Time, row store.StoredChat, chat types.JID) error {
	if c.marks.take(kind, chat, at) {
		return nil
	}
	row.JID = bare(chat)
	return c.store.SaveChat(ctx, row)
}
