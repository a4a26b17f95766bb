package store

import (
	"encoding/json"
	"time"
)

// Time is a moment in whole seconds since 1970, UTC, as WhatsApp and the database have it. In JSON it is RFC 3339
// with Z. Zero means unknown and is left out.
type Time int64

// MarshalJSON writes RFC 3339 in UTC.
func (t Time) MarshalJSON() ([]byte, error) {
	return json.Marshal(t.String())
}

// String gives RFC 3339 in UTC, whole seconds.
func (t Time) String() string { return time.Unix(int64(t), 0).UTC().Format(time.RFC3339) }

// Kinds of messages. Anything that is not understood is UnsupportedPrefix and the name of its type.
const (
	KindText          = "text"
	KindImage         = "image"
	KindVideo         = "video"
	KindAudio         = "audio"
	KindVoice         = "voice"
	KindDocument      = "document"
	KindSticker       = "sticker"
	KindContact       = "contact"
	KindLocation      = "location"
	KindPoll          = "poll"
	KindSystem        = "system"
	KindRevoked       = "revoked"
	UnsupportedPrefix = "unsupported:"
)

// Kinds of chats.
const (
	ChatDirect     = "direct"
	ChatGroup      = "group"
	ChatCommunity  = "community"
	ChatNewsletter = "newsletter"
	ChatBroadcast  = "broadcast"
	ChatStatus     = "status"
)

// Rows that come in. JIDs may have any form (LID, phone number, device suffix); times are seconds.

// StoredMessage is a message on its way into the store: from a live event, pushed history or a batch.
type StoredMessage struct {
	ChatJID         string       `json:"chat_jid"`
	ID              string       `json:"id"`
	SenderJID       string       `json:"sender_jid"`
	FromMe          bool         `json:"from_me"`
	Timestamp       int64        `json:"timestamp"`
	Kind            string       `json:"kind"`
	Text            string       `json:"text,omitempty"`
	QuotedID        string       `json:"quoted_id,omitempty"`
	QuotedSenderJID string       `json:"quoted_sender_jid,omitempty"`
	Forwarded       bool         `json:"forwarded,omitempty"`
	EditedAt        int64        `json:"edited_at,omitempty"`
	RevokedAt       int64        `json:"revoked_at,omitempty"`
	Starred         bool         `json:"starred,omitempty"`
	Media           *StoredMedia `json:"media,omitempty"`
	Payload         []byte       `json:"payload,omitempty"` // the waE2E.Message protobuf, base64 in JSON
	Read            *bool        `json:"read,omitempty"`    // nil: the source does not know
}

// StoredMedia is the file of a message. Bytes are base64 in JSON.
type StoredMedia struct {
	Mime          string `json:"mime,omitempty"`
	FileName      string `json:"file_name,omitempty"`
	Size          int64  `json:"size,omitempty"`
	DirectPath    string `json:"direct_path,omitempty"` // verbatim, with its query
	MediaKey      []byte `json:"media_key,omitempty"`
	FileSHA256    []byte `json:"file_sha256,omitempty"`
	FileEncSHA256 []byte `json:"file_enc_sha256,omitempty"`
	DurationS     int64  `json:"duration_s,omitempty"`
}

// StoredReaction is one person's reaction to a message. An empty emoji takes it back.
type StoredReaction struct {
	ChatJID   string `json:"chat_jid"`
	MessageID string `json:"message_id"`
	SenderJID string `json:"sender_jid"`
	Emoji     string `json:"emoji"`
	Timestamp int64  `json:"timestamp"`

	// TimestampMS is the same time in milliseconds where the source knows them: two reactions may lie in one second.
	TimestampMS int64 `json:"-"`
}

// StoredChat is what a source knows of a chat; nil and "" are unknown.
type StoredChat struct {
	JID          string `json:"jid"`
	Name         string `json:"name,omitempty"`
	Kind         string `json:"kind,omitempty"`
	CommunityJID string `json:"community_jid,omitempty"`
	UnreadCount  *int64 `json:"unread_count,omitempty"`
	Archived     *bool  `json:"archived,omitempty"`
	Pinned       *bool  `json:"pinned,omitempty"`
	MutedUntil   *int64 `json:"muted_until,omitempty"` // seconds; -1 for ever, 0 not muted
	LastReadAt   *int64 `json:"last_read_at,omitempty"`
}

// StoredContact is what a source knows of a person; "" is unknown.
type StoredContact struct {
	JID          string `json:"jid"`
	FullName     string `json:"full_name,omitempty"`
	FirstName    string `json:"first_name,omitempty"`
	PushName     string `json:"push_name,omitempty"`
	BusinessName string `json:"business_name,omitempty"`
}

// StoredAlias says that two JIDs are one person or chat.
type StoredAlias struct {
	Alias     string `json:"alias"`
	Canonical string `json:"canonical"`
}

// StoredCheckpoint is how far back a chat's history was fetched.
type StoredCheckpoint struct {
	ChatJID         string `json:"chat_jid"`
	OldestID        string `json:"oldest_id,omitempty"`
	OldestTimestamp int64  `json:"oldest_timestamp,omitempty"`
	OldestSenderJID string `json:"oldest_sender_jid,omitempty"`
	MessagesSynced  int64  `json:"messages_synced"`
	State           string `json:"state"`
	Exhausted       bool   `json:"exhausted"`
	Error           string `json:"error,omitempty"`
}

// Edit is a message's new text. EditedAtMS is in milliseconds, as WhatsApp gives it, because two edits may lie in
// one second.
type Edit struct {
	ChatJID, MessageID, SenderJID string
	FromMe                        bool
	Text                          string
	EditedAtMS                    int64
}

// Revoke takes a message back for everyone. In groups an admin may take back other people's messages.
type Revoke struct {
	ChatJID, MessageID, SenderJID string
	FromMe                        bool
	RevokedAt                     int64
}

// Receipt types: how far an own message came with one reader.
const (
	ReceiptDelivered = "delivered"
	ReceiptRead      = "read"
	ReceiptPlayed    = "played"
)

// Receipt says that somebody else received, read or played own messages.
type Receipt struct {
	ChatJID    string
	MessageIDs []string
	ReaderJID  string
	Type       string
	Timestamp  int64
}

// Group is a group as the server describes it. Members nil means not asked, and leaves the known ones alone.
type Group struct {
	JID, Name, CommunityJID string
	Community               bool // the JID is a community, not a group in one
	Announcement            bool // the community's announcement group
	Joined                  bool
	Members                 []Member
}

// Roles of members.
const (
	RoleMember     = "member"
	RoleAdmin      = "admin"
	RoleSuperAdmin = "superadmin"
)

// Member is one participant of a group; Role is "member", "admin" or "superadmin".
type Member struct {
	JID  string
	Role string
}

// Rows are what a history push or a batch carries.
type Rows struct {
	Aliases     []StoredAlias      `json:"aliases,omitempty"`
	Contacts    []StoredContact    `json:"contacts,omitempty"`
	Chats       []StoredChat       `json:"chats,omitempty"`
	Messages    []StoredMessage    `json:"messages,omitempty"`
	Reactions   []StoredReaction   `json:"reactions,omitempty"`
	Checkpoints []StoredCheckpoint `json:"checkpoints,omitempty"`
}

// Batch is a page of baileys_temp.db: the rows after FromSeq up to and with ToSeq of the file that Origin names.
type Batch struct {
	Source  string `json:"source"`
	Origin  string `json:"origin"`
	FromSeq int64  `json:"from_seq"`
	ToSeq   int64  `json:"to_seq"`
	Rows
}

// BatchReport is what became of the rows. Inserted, Filled, Duplicates and Conflicts count messages and reactions.
type BatchReport struct {
	Inserted     int      `json:"inserted"`
	Filled       int      `json:"filled"`
	Duplicates   int      `json:"duplicates"`
	Conflicts    int      `json:"conflicts"`
	Refused      int      `json:"refused"`
	ChatsTouched []string `json:"chats_touched"`
	Watermark    int64    `json:"watermark"`
}

// HistoryReport is what became of pushed history; New are the messages that were new to its job.
type HistoryReport struct {
	BatchReport

	New int64
}

// Watermark is the last seq taken from a source, 0 when nothing was, and which file it was counted in.
type Watermark struct {
	Source string `json:"source"`
	Seq    int64  `json:"seq"`
	Origin string `json:"origin,omitempty"`
}

// Send is one outgoing message under its idempotency key. Fingerprint is a hash of the request's body; Status is
// SendPending until FinishSend.
type Send struct {
	Key, Fingerprint   string
	ChatJID, MessageID string
	Status             string
	SentAt             int64
}

// States of a send.
const (
	SendPending        = "pending"
	SendSent           = "sent"
	SendUnacknowledged = "unacknowledged"
)

// Counts are the sizes that the status shows.
type Counts struct {
	Messages, Chats int64
}
