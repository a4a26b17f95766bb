package store

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

// OneChat is one conversation.
type OneChat struct {
	Chat Chat `json:"chat"`
}

// LastInteraction is the newest message with a person, nil when there is none.
type LastInteraction struct {
	ContactJID  string   `json:"contact_jid"`
	ContactName string   `json:"contact_name"`
	Message     *Message `json:"message,omitempty"`
}

// Statistics count what is stored; the lists have the most first, the months the oldest. People are the different
// senders, the account among them.
type Statistics struct {
	Messages     int64        `json:"messages"`
	FromMe       int64        `json:"from_me"`
	Chats        int64        `json:"chats"`
	People       int64        `json:"people"`
	FirstAt      Time         `json:"first_at,omitempty"`
	LastAt       Time         `json:"last_at,omitempty"`
	ByKind       []KindCount  `json:"by_kind"`
	BusiestChats []ChatCount  `json:"busiest_chats"`
	BusiestHours []HourCount  `json:"busiest_hours"`
	ByMonth      []MonthCount `json:"by_month"`
}

// KindCount counts messages of a kind.
type KindCount struct {
	Kind     string `json:"kind"`
	Messages int64  `json:"messages"`
}

// ChatCount counts messages of a chat.
type ChatCount struct {
	ChatJID  string `json:"chat_jid"`
	ChatName string `json:"chat_name"`
	Messages int64  `json:"messages"`
}

// HourCount counts messages of an hour of the day, 0 to 23, in the host's time zone.
type HourCount struct {
	Hour     int   `json:"hour"`
	Messages int64 `json:"messages"`
}

// MonthCount counts messages of a month such as 2025-06, in the host's time zone.
type MonthCount struct {
	Month    string `json:"month"`
	Messages int64  `json:"messages"`
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

// ChatQuery asks for chats. Sort is "last_active" (default) or "name"; Limit 1 to 200, 0 means 20. Archived nil means
// archived or not.
type ChatQuery struct {
	Query              string
	Archived           *bool
	UnreadOnly         bool
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
	JID   string `json:"jid"`
	Name  string `json:"name"`
	Known bool   `json:"known"`
}

// Anchor is the oldest message that the store knows of a chat, to ask history backwards from.
type Anchor struct {
	ChatJID   string         `json:"chat_jid"`
	Aliases   []string       `json:"aliases"` // every JID of the chat, the canonical one first
	Messages  int64          `json:"messages"`
	Oldest    *AnchorMessage `json:"oldest,omitempty"`
	Exhausted bool           `json:"exhausted"`
	OpenJob   bool           `json:"open_job,omitempty"` // a history job of this bridge is not over
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

// Checkpoint is how far back a chat's history reaches: what is held of it, how far back it was fetched, what is known to
// be missing, and whether fetch_history can ask for more. Exhausted: the phone has nothing older. State is the last job's,
// pushing or pushed, or NotFetched where nothing was asked for.
type Checkpoint struct {
	ChatJID    string `json:"chat_jid"`
	ChatName   string `json:"chat_name"`
	Messages   int64  `json:"messages"`
	OldestAt   Time   `json:"oldest_at,omitempty"`
	NewestAt   Time   `json:"newest_at,omitempty"`
	FetchedTo  Time   `json:"fetched_to,omitempty"`
	State      string `json:"state"`
	Exhausted  bool   `json:"exhausted"`
	CanAskMore bool   `json:"can_ask_more"`
	Gaps       []Gap  `json:"gaps"`
	Error      string `json:"error,omitempty"`
	UpdatedAt  Time   `json:"updated_at,omitempty"`
}

// NotFetched is the state of a chat whose history nobody has asked for.
const NotFetched = "not_fetched"

// Gap is a time of which messages of a chat are or may be missing: behind After, before Before; either may be open. Mend
// is the tool that may bring them, empty where none can.
type Gap struct {
	After  Time   `json:"after,omitempty"`
	Before Time   `json:"before,omitempty"`
	Reason string `json:"reason"`
	Mend   string `json:"mend,omitempty"`
}

// Reasons of gaps.
const (
	GapStopped   = "fetch_stopped" // a job was ended before it had brought what was ordered
	GapNotHeld   = "not_held"      // it was fetched once, and is not in messages.db
	GapNotLinked = "not_linked"    // this device was not linked
)

// CheckpointPage is a page of chats with messages or a checkpoint.
type CheckpointPage struct {
	Checkpoints []Checkpoint `json:"checkpoints"`
	Total       int64        `json:"total"`
	NextCursor  string       `json:"next_cursor,omitempty"`
}
