// Code drawn from unified-mcp/errors.py by `make docs`; not edited by hand. DO NOT EDIT.

package fault

// Code is the part of an error that programs and documents refer to.
type Code string

// The error codes.
const (
	BridgeUnreachable      Code = "BRIDGE_UNREACHABLE"
	BridgeUntrusted        Code = "BRIDGE_UNTRUSTED"
	BridgeTimeout          Code = "BRIDGE_TIMEOUT"
	BaileysNotConnected    Code = "BAILEYS_NOT_CONNECTED"
	WhatsappNotConnected   Code = "WHATSAPP_NOT_CONNECTED"
	NotPaired              Code = "NOT_PAIRED"
	PasskeyRequired        Code = "PASSKEY_REQUIRED"
	ClientOutdated         Code = "CLIENT_OUTDATED"
	AuthExpired            Code = "AUTH_EXPIRED"
	DeviceLimit            Code = "DEVICE_LIMIT"
	SessionReplaced        Code = "SESSION_REPLACED"
	TemporarilyBanned      Code = "TEMPORARILY_BANNED"
	WhatsappAPIError       Code = "WHATSAPP_API_ERROR"
	RateLimit              Code = "RATE_LIMIT"
	RecipientUnreachable   Code = "RECIPIENT_UNREACHABLE"
	InvalidArgument        Code = "INVALID_ARGUMENT"
	InvalidJID             Code = "INVALID_JID"
	InvalidPhoneFormat     Code = "INVALID_PHONE_FORMAT"
	MissingIdentifier      Code = "MISSING_IDENTIFIER"
	AmbiguousRecipient     Code = "AMBIGUOUS_RECIPIENT"
	AmbiguousMessage       Code = "AMBIGUOUS_MESSAGE"
	InvalidCoordinates     Code = "INVALID_COORDINATES"
	MessageNotFound        Code = "MESSAGE_NOT_FOUND"
	NoMediaContent         Code = "NO_MEDIA_CONTENT"
	MediaExpired           Code = "MEDIA_EXPIRED"
	FileNotFound           Code = "FILE_NOT_FOUND"
	FileNotAllowed         Code = "FILE_NOT_ALLOWED"
	FileTooLarge           Code = "FILE_TOO_LARGE"
	InvalidMediaType       Code = "INVALID_MEDIA_TYPE"
	FfmpegMissing          Code = "FFMPEG_MISSING"
	TextTooLong            Code = "TEXT_TOO_LONG"
	EditWindowClosed       Code = "EDIT_WINDOW_CLOSED"
	NotOwnMessage          Code = "NOT_OWN_MESSAGE"
	ChatNotFound           Code = "CHAT_NOT_FOUND"
	ContactNotFound        Code = "CONTACT_NOT_FOUND"
	CommunityNotFound      Code = "COMMUNITY_NOT_FOUND"
	NotGroupMember         Code = "NOT_GROUP_MEMBER"
	MaxPinsReached         Code = "MAX_PINS_REACHED"
	HistorySyncTimeout     Code = "HISTORY_SYNC_TIMEOUT"
	HistorySyncFailed      Code = "HISTORY_SYNC_FAILED"
	DatabaseSyncFailed     Code = "DATABASE_SYNC_FAILED"
	DatabaseSchemaMismatch Code = "DATABASE_SCHEMA_MISMATCH"
	DatabaseCorrupt        Code = "DATABASE_CORRUPT"
	SyncInProgress         Code = "SYNC_IN_PROGRESS"
	NoActiveSync           Code = "NO_ACTIVE_SYNC"
	NoCheckpoint           Code = "NO_CHECKPOINT"
	UnsyncedRows           Code = "UNSYNCED_ROWS"
	NotBusinessAccount     Code = "NOT_BUSINESS_ACCOUNT"
	NoCatalogFound         Code = "NO_CATALOG_FOUND"
	ProductNotFound        Code = "PRODUCT_NOT_FOUND"
	NewsletterNotFound     Code = "NEWSLETTER_NOT_FOUND"
	AlreadySubscribed      Code = "ALREADY_SUBSCRIBED"
	NotSubscribed          Code = "NOT_SUBSCRIBED"
	PrivacyRestricted      Code = "PRIVACY_RESTRICTED"
	AccessDenied           Code = "ACCESS_DENIED"
	ReadOnly               Code = "READ_ONLY"
	RecipientNotAllowed    Code = "RECIPIENT_NOT_ALLOWED"
	ConfirmationRequired   Code = "CONFIRMATION_REQUIRED"
	Internal               Code = "INTERNAL"
)

// entry is one row of the registry: HTTP status, meaning and cure.
type entry struct {
	status  int
	meaning string
	cure    string
}

var registry = map[Code]entry{
	BridgeUnreachable:      {502, "Nothing answers at the bridge's address.", "Start the bridge, then call again."},
	BridgeUntrusted:        {502, "What answers at the bridge's address could not prove that it holds the token.", "Stop the program that holds the port, or point the settings at the bridge and its token file."},
	BridgeTimeout:          {504, "The bridge took the request and did not answer in time; it may have been carried out.", "Look before you repeat: backend_status, then list_messages of the chat."},
	BaileysNotConnected:    {503, "The Baileys bridge has no connection to WhatsApp now.", "Wait for its reconnect; backend_status shows it."},
	WhatsappNotConnected:   {503, "The Go bridge has no connection to WhatsApp now.", "Wait for its reconnect; backend_status shows it."},
	NotPaired:              {409, "The bridge is not linked to an account.", "Scan the QR code that `whatsapp-mcp pair` shows with the phone."},
	PasskeyRequired:        {409, "The account asks for a passkey before it links a device.", "Link without a passkey, if the phone offers a way; the Go bridge alone is enough."},
	ClientOutdated:         {409, "WhatsApp refuses this version of the library.", "Update this program and start the bridge again."},
	AuthExpired:            {409, "The phone removed this device, or the link ran out.", "Link again; stored messages stay."},
	DeviceLimit:            {409, "The account has as many linked devices as it may.", "Remove one on the phone, then link again."},
	SessionReplaced:        {409, "Another process uses this bridge's session.", "Stop the other process, then start this bridge again."},
	TemporarilyBanned:      {403, "WhatsApp has restricted the account for a while.", "Wait until the restriction ends; send less."},
	WhatsappAPIError:       {502, "WhatsApp's server refused the request.", "Read the details; try again later."},
	RateLimit:              {429, "Too many sends in a short time.", "Wait for details.retry_after_s seconds."},
	RecipientUnreachable:   {404, "WhatsApp names no device for the recipient, so nothing would arrive.", "Check the number."},
	InvalidArgument:        {400, "An argument is missing, unknown or out of range.", "Correct the named argument."},
	InvalidJID:             {400, "The text is not a WhatsApp address.", "Use a JID such as 15550100@s.whatsapp.net, a number or a name."},
	InvalidPhoneFormat:     {400, "The text is not a phone number with its country code.", "Write it like +1 555 0100."},
	MissingIdentifier:      {400, "Neither a JID nor a phone number was given.", "Give exactly one of them."},
	AmbiguousRecipient:     {409, "The name fits more than one chat.", "Call again with the jid of one of details.candidates."},
	AmbiguousMessage:       {409, "The message id stands in more than one chat.", "Call again with chat_jid, one of details.chats."},
	InvalidCoordinates:     {400, "The place is not on the globe.", "Latitude is -90 to 90, longitude -180 to 180."},
	MessageNotFound:        {404, "No message with this id is stored.", "Find the id with list_messages; fetch_history may bring older ones."},
	NoMediaContent:         {409, "The message carries no media.", "Pick a message whose kind is a media kind."},
	MediaExpired:           {410, "The file is gone from WhatsApp's servers.", "Ask for it with the phone online, or ask the sender again."},
	FileNotFound:           {404, "There is no such file.", "Give the absolute path of an existing file."},
	FileNotAllowed:         {403, "The file lies outside the folders that may be sent from.", "Move it into an allowed folder."},
	FileTooLarge:           {413, "The file is larger than WhatsApp takes.", "Send a smaller file."},
	InvalidMediaType:       {400, "The file is not of the kind that was asked for.", "Choose the right kind."},
	FfmpegMissing:          {409, "The audio must be converted and ffmpeg is not installed.", "Install ffmpeg, or send an .ogg with Opus."},
	TextTooLong:            {400, "The text is longer than the 65,536 characters that WhatsApp takes.", "Shorten or split it."},
	EditWindowClosed:       {409, "The message is too old to be edited.", "Send a new message."},
	NotOwnMessage:          {403, "The message was written by somebody else.", "Only own messages can be changed."},
	ChatNotFound:           {404, "No such chat is known.", "Find it with list_chats."},
	ContactNotFound:        {404, "No such contact is known.", "Find it with search_contacts."},
	CommunityNotFound:      {404, "No such community is known.", "Find it with list_communities."},
	NotGroupMember:         {403, "The account is not a member of the group.", "Join the group on the phone."},
	MaxPinsReached:         {409, "Three chats are pinned already.", "Unpin one first."},
	HistorySyncTimeout:     {504, "The phone did not answer the request for history.", "Bring the phone online, then call again."},
	HistorySyncFailed:      {502, "The phone refused the request for history.", "Read the details; try later."},
	DatabaseSyncFailed:     {500, "The merge into messages.db stopped.", "Call sync_history_to_database again; it goes on where it stopped."},
	DatabaseSchemaMismatch: {409, "The database was made by another version.", "Update so that both versions agree."},
	DatabaseCorrupt:        {500, "The database file is damaged.", "Move it away and restore a backup."},
	SyncInProgress:         {409, "Another merge is running.", "Wait for it; its result serves both."},
	NoActiveSync:           {409, "No history job runs for this chat.", "Start one with fetch_history."},
	NoCheckpoint:           {404, "No message of this chat is known to ask backwards from.", "Wait for a first message in the chat."},
	UnsyncedRows:           {409, "Rows wait to be merged.", "Call sync_history_to_database first, or use force."},
	NotBusinessAccount:     {409, "The account is not a business.", "Ask only business accounts for this."},
	NoCatalogFound:         {404, "The business shows no catalog.", "Look at its profile instead."},
	ProductNotFound:        {404, "The catalog holds no such product.", "Find its id with get_business_catalog."},
	NewsletterNotFound:     {404, "No such newsletter is known.", "Check the JID or the invite link."},
	AlreadySubscribed:      {409, "The newsletter is followed already.", "Nothing is left to do."},
	NotSubscribed:          {409, "The newsletter is not followed.", "Nothing is left to do."},
	PrivacyRestricted:      {403, "The person's privacy settings hide this.", "Nothing can be done here."},
	AccessDenied:           {401, "The request did not carry the bridge's token.", "Use the token of bridge.token."},
	ReadOnly:               {403, "The server runs read-only.", "Start it without read-only mode."},
	RecipientNotAllowed:    {403, "The recipient is not among those that are allowed.", "Ask the person who runs the bridges: WHATSAPP_MCP_ALLOWED_RECIPIENTS says who may be written to."},
	ConfirmationRequired:   {409, "The action waits for a confirmation.", "Show it to the person first."},
	Internal:               {500, "Something failed that should not.", "Try again; the log has the cause."},
}
