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

// Watermark is the last seq taken from a source, 0 when nothing was, and which file it was counted in.
type Watermark struct {
	Source string `json:"source"`
	Seq    int64  `json:"seq"`
	Origin string `json:"origin,omitempty"`
}

// Answers. They are written as JSON as they are.

// Message is a message as it is shown: names are looked up now, the JIDs are canonical.
type Message struct {
	ID         string     `json:"id"`
	ChatJID    string     `json:"chat_jid"`
	ChatName   string     `json:"chat_name"`
	SenderJID  string     `json:"sender_jid"`
	SenderName string     `json:"sender_name"`
	FromMe     bool       `json:"from_me"`
	Timestamp  Time       `json:"timestamp"`
	Kind       string     `json:"kind"`
	Text       string     `json:"text,omitempty"`
	QuotedID   string     `json:"quoted_id,omitempty"`
	Forwarded  bool       `json:"forwarded,omitempty"`
	EditedAt   Time       `json:"edited_at,omitempty"`
	RevokedAt  Time       `json:"revoked_at,omitempty"`
	Starred    bool       `json:"starred,omitempty"`
	Read       bool       `json:"read"`
	Media      *Media     `json:"media,omitempty"`
	Reactions  []Reaction `json:"reactions,omitempty"`
	Snippet    string     `json:"snippet,omitempty"`
}

// Media is what is shown of a message's file; Size in bytes, DurationS in seconds.
type Media struct {
	Kind      string `json:"kind"`
	Mime      string `json:"mime,omitempty"`
	FileName  string `json:"file_name,omitempty"`
	Size      int64  `json:"size,omitempty"`
	DurationS int64  `json:"duration_s,omitempty"`
}

// Reaction is one person's reaction.
type Reaction struct {
	SenderJID  string `json:"sender_jid"`
	SenderName string `json:"sender_name"`
	Emoji      string `json:"emoji"`
}

// Chat is one conversation.
type Chat struct {
	JID           string   `json:"jid"`
	LID           string   `json:"lid,omitempty"`
	Phone         string   `json:"phone,omitempty"`
	Name          string   `json:"name"`
	Kind          string   `json:"kind"`
	CommunityJID  string   `json:"community_jid,omitempty"`
	Archived      bool     `json:"archived,omitempty"`
	Pinned        bool     `json:"pinned,omitempty"`
	MutedUntil    Time     `json:"muted_until,omitempty"`
	UnreadCount   int64    `json:"unread_count"`
	LastMessageAt Time     `json:"last_message_at,omitempty"`
	LastMessage   *Message `json:"last_message,omitempty"`
}

// ChatPage is a page of chats; Total counts all that fit.
type ChatPage struct {
	Chats      []Chat `json:"chats"`
	Total      int64  `json:"total"`
	NextCursor string `json:"next_cursor,omitempty"`
}

// MessageHit is a message with its neighbours, each side oldest first.
type MessageHit struct {
	Message
	ContextBefore []Message `json:"context_before,omitempty"`
	ContextAfter  []Message `json:"context_after,omitempty"`
}

// MessagePage is a page of messages. Note says what a reader would otherwise not see, such as an order that was cut.
type MessagePage struct {
	Messages   []MessageHit `json:"messages"`
	NextCursor string       `json:"next_cursor,omitempty"`
	Note       string       `json:"note,omitempty"`
}

// MessageContext is a message between its neighbours, each side oldest first.
type MessageContext struct {
	Message Message   `json:"message"`
	Before  []Message `json:"before"`
	After   []Message `json:"after"`
}

// ChatQuery asks for chats. Sort is "last_active" (default) or "name"; Limit 1 to 200, 0 means 20.
type ChatQuery struct {
	Query              string
	Limit, Page        int
	IncludeLastMessage bool
	Sort               string
	Cursor             string
}

// MessageQuery asks for messages. Chat and Sender are what the user typed (JID, phone number or name). After is
// inclusive, Before exclusive; 0 means open. Sort is "newest" (default), "oldest" or "relevance".
// MediaType is "image", "video", "audio" (voice notes too), "document" or "sticker".
// Without IncludeMedia the answer leaves out what is known of files.
type MessageQuery struct {
	Chat, Sender                string
	Query                       string
	After, Before               Time
	MediaType                   string
	IncludeMedia                bool
	Sort                        string
	Limit, Page, Offset         int
	Cursor                      string
	ContextBefore, ContextAfter int
}

// Address is what a text of the user resolved to. Known is false for a well-formed JID or number never seen.
type Address struct {
	JID   string
	Name  string
	Known bool
}

// Anchor is the oldest message that the store knows of a chat, to ask history backwards from.
type Anchor struct {
	ChatJID   string         `json:"chat_jid"`
	Aliases   []string       `json:"aliases"` // every JID of the chat, the canonical one first
	Messages  int64          `json:"messages"`
	Oldest    *AnchorMessage `json:"oldest,omitempty"`
	Exhausted bool           `json:"exhausted"`
}

// AnchorMessage names a message; Timestamp in seconds.
type AnchorMessage struct {
	ID        string `json:"id"`
	Timestamp int64  `json:"timestamp"`
	FromMe    bool   `json:"from_me"`
	SenderJID string `json:"sender_jid"`
}

// Community is a community as it is listed.
type Community struct {
	JID         string `json:"jid"`
	Name        string `json:"name"`
	Groups      int64  `json:"groups"`
	UnreadCount int64  `json:"unread_count"`
}

// CommunityName names a community.
type CommunityName struct {
	JID  string `json:"jid"`
	Name string `json:"name"`
}

// CommunityPage is a page of communities.
type CommunityPage struct {
	Communities []Community `json:"communities"`
	Total       int64       `json:"total"`
}

// CommunityGroup is one group of a community; Messages counts what the store holds.
type CommunityGroup struct {
	JID             string `json:"jid"`
	Name            string `json:"name"`
	Joined          bool   `json:"joined"`
	Announcement    bool   `json:"announcement"`
	UnreadCount     int64  `json:"unread_count"`
	Messages        int64  `json:"messages"`
	OldestMessageAt Time   `json:"oldest_message_at,omitempty"`
	LastMessageAt   Time   `json:"last_message_at,omitempty"`
}

// CommunityGroupPage is a page of a community's groups.
type CommunityGroupPage struct {
	Community CommunityName    `json:"community"`
	Groups    []CommunityGroup `json:"groups"`
	Total     int64            `json:"total"`
}

// UnreadMessage is a message that a read receipt may be sent for.
type UnreadMessage struct {
	ID        string
	SenderJID string
	Timestamp int64
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
