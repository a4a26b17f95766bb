// Package world is the emulator's own truth: one WhatsApp account, the people
// and groups around it, and every message ever exchanged. It knows nothing of
// sockets, keys or stanzas; the protocol reads from it and appends to it, and
// the tests compare what the bridges stored with it.
//
// One person has two addresses, a phone number (PN, ...@s.whatsapp.net) and a
// LID (...@lid). Inside the world people and direct chats are always named by
// their LID; each look-up takes either form, with or without a device.
package world

import (
	"go.mau.fi/whatsmeow/types"
)

// Account is the person whose phone this is.
type Account struct {
	Name string
	PN   types.JID
	LID  types.JID
}

// Contact is somebody else.
type Contact struct {
	// Name is what scenarios and tests call them, and what the address book says if Saved.
	Name string
	// PushName is what they call themselves on WhatsApp.
	PushName string
	PN       types.JID
	LID      types.JID
	// Saved contacts are in the account's address book; of the others only the push name is known.
	Saved    bool
	About    string
	Picture  *Picture
	Hides    Hidden
	Business *Business
	// PNHidden contacts appear by LID only, in history and in member lists, until World.RevealPN.
	PNHidden bool
}

// Role is a member's rank in a group; the values are those of the wire.
type Role string

// The three ranks.
const (
	RoleMember     Role = ""
	RoleAdmin      Role = "admin"
	RoleSuperAdmin Role = "superadmin"
)

// Participant is a member of a group. PN is empty while it is hidden.
type Participant struct {
	LID  types.JID
	PN   types.JID
	Role Role
}

// Group is a group chat, alone or inside a community.
type Group struct {
	JID  types.JID
	Name string
	// Topic is the group's description.
	Topic string
	// Community is the parent's JID, empty for a group of its own.
	Community types.JID
	// Announcement marks the community's announcement group, where only admins write.
	Announcement bool
	// Joined tells whether the account is a member. Groups of a community that are not joined are listed but hold no messages.
	Joined bool
	// Created is in Unix seconds.
	Created int64
	// Creator is a LID.
	Creator types.JID
	Picture *Picture
	// Participants includes the account itself if Joined.
	Participants []Participant
}

// Community is the parent of groups. Its JID is a group JID that holds no messages.
type Community struct {
	JID     types.JID
	Name    string
	Topic   string
	Created int64
	Creator types.JID
	Picture *Picture
}

// Kind says what a message is.
type Kind string

// Kinds that stand in a chat, and the three that change another message of it.
const (
	KindText     Kind = "text"
	KindImage    Kind = "image"
	KindVideo    Kind = "video"
	KindAudio    Kind = "audio"
	KindVoice    Kind = "voice"
	KindDocument Kind = "document"
	KindSticker  Kind = "sticker"
	KindContact  Kind = "contact"
	KindLocation Kind = "location"

	KindReaction Kind = "reaction"
	KindEdit     Kind = "edit"
	KindRevoke   Kind = "revoke"
)

// Changes reports whether messages of this kind change another one rather than stand in the chat.
func (k Kind) Changes() bool {
	return k == KindReaction || k == KindEdit || k == KindRevoke
}

// Message is one message as it stands now: with its edit, its reactions, or revoked.
type Message struct {
	// Chat is the other person's LID, or a group.
	Chat types.JID
	// ID is unique within its chat only, as on WhatsApp.
	ID string
	// Sender is a LID, the account's own if FromMe.
	Sender types.JID
	FromMe bool
	// Timestamp is in Unix seconds.
	Timestamp int64
	Kind      Kind
	// Text is the text, the caption, or the emoji of a KindReaction ("" takes it back).
	Text string
	// Target is the ID that a KindReaction, KindEdit or KindRevoke changes.
	Target string
	// QuotedID is the message of the same chat that this one answers.
	QuotedID string
	// Media is set for media kinds only, Cards for a KindContact, Place for a KindLocation.
	Media *Media
	Cards []Card
	Place *Place
	// Mentions are people named in the text, by the JID that the sender gave.
	Mentions []string
	// EditedAt and RevokedAt are in Unix seconds, 0 when it never happened. A revoked message has lost its text and media.
	EditedAt  int64
	RevokedAt int64
	// EditID is the ID of the KindEdit that was applied last.
	EditID string
	// Reactions holds at most one per person.
	Reactions []Reaction
}

// Media describes an attachment the way a message carries it.
type Media struct {
	Mime            string
	FileName        string
	Size            uint64
	DurationSeconds uint32
	DirectPath      string
	Key             []byte
	SHA256          []byte
	EncSHA256       []byte
	// Width and Height are in pixels. Moves tells a sticker that does.
	Width, Height uint32
	Moves         bool
	// Thumbnail is a JPEG, Waveform the 64 bars of a voice note.
	Thumbnail, Waveform []byte
}

// Card is a contact that somebody passes on.
type Card struct {
	Name, VCard string
}

// Place is a location in degrees.
type Place struct {
	Latitude, Longitude float64
	Name, Address       string
}

// Reaction is one person's emoji on a message.
type Reaction struct {
	Sender    types.JID
	Emoji     string
	Timestamp int64
}

// Anchor is a position in a chat: the message that a history request starts behind.
// The zero Anchor is the end of the chat. An unknown ID falls back to Timestamp (Unix seconds).
type Anchor struct {
	ID        string
	Timestamp int64
}

// ChatState is what the account's devices agree on about a chat.
type ChatState struct {
	Unread   int
	Archived bool
	Pinned   bool
	// MutedUntil is in Unix seconds, 0 when not muted, -1 for ever.
	MutedUntil int64
}

// ChatSummary is a row of the chat list.
type ChatSummary struct {
	JID types.JID
	// PN is the other person's phone number in a direct chat, empty while hidden and in groups.
	PN   types.JID
	Name string
	ChatState
	Messages int
	// Pushed is how many of the newest messages linking a device brings by itself; older ones only come on demand.
	Pushed int
	// LastAt is the newest message's Unix second, 0 in an empty chat.
	LastAt int64
}
