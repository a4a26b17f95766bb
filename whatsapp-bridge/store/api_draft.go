package store

// The exported API, in the order in which it is filled in. This file shrinks to nothing as the nouns' own files
// take their methods.
//
//	func Open(ctx context.Context, dir string) (*Store, error)
//	func (s *Store) Close() error
//	func (s *Store) SQLiteVersion() string
//	func (s *Store) QueueDepth() int                 // writes that wait
//	func (s *Store) LastStoredAt() Time              // of the last committed write, 0 when none yet
//	func (s *Store) Counts() Counts
//
//	identity.go
//	func Bare(jid string) (string, error)            // without device; INVALID_JID
//	func (s *Store) SetOwn(ctx, jid, lid string) error  // the account; own rows of LID and PN become one
//	func (s *Store) Canonical(ctx, jid string) (string, error)
//	func (s *Store) Aliases(ctx, jid string) ([]string, error) // every JID, the canonical one first
//	func (s *Store) LID(ctx, jid string) (string, error)       // "" when unknown
//	func (s *Store) Resolve(ctx, text string) (Address, error)     // for sends: Known may be false
//	func (s *Store) ResolveChat(ctx, text string) (Address, error) // for questions: CHAT_NOT_FOUND
//	func (s *Store) LearnAlias(ctx, lid, pn string) error
//	func (s *Store) LearnAliases(ctx, []StoredAlias) error
//
//	contacts.go
//	func (s *Store) SaveContacts(ctx, []StoredContact) error // live: what is given replaces
//	func (s *Store) Name(ctx, jid string) (string, error)
//
//	chats.go
//	func (s *Store) SaveChat(ctx, StoredChat) error // live: what is given replaces
//	func (s *Store) ListChats(ctx, ChatQuery) (ChatPage, error)
//	func (s *Store) Chat(ctx, jid string) (Chat, error)
//
//	members.go, communities.go
//	func (s *Store) SaveGroups(ctx, []Group) error
//	func (s *Store) ChangeMembers(ctx, group string, set []Member, remove []string) error
//	func (s *Store) Members(ctx, group string) ([]Member, error)
//	func (s *Store) ListCommunities(ctx, query string, limit, page int) (CommunityPage, error)
//	func (s *Store) CommunityGroups(ctx, community string, limit, page int) (CommunityGroupPage, error) // COMMUNITY_NOT_FOUND
//	func (s *Store) ResolveCommunity(ctx, text string) (CommunityName, error)
//
//	messages.go
//	func (s *Store) SaveMessage(ctx, StoredMessage) error  // live or just sent
//	func (s *Store) SaveEdit(ctx, Edit) error
//	func (s *Store) SaveRevoke(ctx, Revoke) error
//	func (s *Store) SaveReaction(ctx, StoredReaction) error
//	func (s *Store) SaveReceipt(ctx, Receipt) error
//	func (s *Store) SetStarred(ctx, chat, id string, starred bool) error
//	func (s *Store) MarkRead(ctx, chat string, upTo, at int64) (int, error)    // horizon: all up to and with upTo; rows marked
//	func (s *Store) MarkMessagesRead(ctx, chat string, ids []string, at int64) (int, error) // also before they arrive
//	func (s *Store) Unread(ctx, chat string) ([]UnreadMessage, error)          // oldest first
//	func (s *Store) LastMessage(ctx, chat string) (*StoredMessage, error)      // nil when there is none
//	func (s *Store) Message(ctx, chat, id string) (StoredMessage, error)       // with payload; MESSAGE_NOT_FOUND
//
//	questions.go
//	func (s *Store) ListMessages(ctx, MessageQuery) (MessagePage, error)
//	func (s *Store) Context(ctx, chat, id string, before, after int) (MessageContext, error) // chat may be ""
//
//	history.go
//	func (s *Store) SaveHistory(ctx, Rows) (BatchReport, error) // pushed to the Go bridge itself: insert or fill
//	func (s *Store) ApplyBatch(ctx, Batch) (BatchReport, error)
//	func (s *Store) Watermark(ctx, source string) (Watermark, error)
//	func (s *Store) Anchor(ctx, chat string) (Anchor, error)
//	func (s *Store) SaveCheckpoint(ctx, StoredCheckpoint) error
//
//	sends.go
//	func (s *Store) ReserveSend(ctx, Send) (Send, bool, error) // true: the key was there, here is what came of it; another Fingerprint: 409
//	func (s *Store) FinishSend(ctx, key, status string, sentAt int64) error
//	func (s *Store) ForgetSend(ctx, key string) error          // only when certainly nothing was sent
