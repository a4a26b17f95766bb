package whatsapp

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// historyPage bounds what is given to the store at once, so that live messages get their turn in between.
const historyPage = 500

// keepHistory stores what the phone pushed. It only inserts and fills: history never changes what is known. A chunk counts
// for the job that it answers, or for the account's.
func (c *Client) keepHistory(ctx context.Context, notice *waE2E.HistorySyncNotification, blob *waHistorySync.HistorySync) error {
	request, kind := notice.GetPeerDataRequestSessionID(), blob.GetSyncType()
	job, err := c.jobOfChunk(ctx, request, kind)
	if err != nil {
		return err
	}
	rows := c.historyRows(blob)
	came := arrival{messages: int64(len(rows.Messages)), progress: int64(blob.GetProgress())}
	for _, page := range pages(rows) {
		report, err := c.store.SaveHistory(ctx, page, job)
		if err != nil {
			return fmt.Errorf("storing pushed history: %w", err)
		}
		if report.Conflicts+report.Refused > 0 {
			c.log.Warn("some pushed history was not taken", "conflicts", report.Conflicts, "refused", report.Refused)
		}
		came.inserted += report.New
	}
	c.log.Info("pushed history stored", "type", kind, "chunk", blob.GetChunkOrder(),
		"progress", blob.GetProgress(), "chats", len(rows.Chats), "messages", len(rows.Messages))
	if request != "" {
		came.exhausted = slices.ContainsFunc(blob.GetConversations(), endReached)
		c.jobs.arrived(request, came)
		return nil
	}
	return c.account.arrived(ctx, kind, came)
}

// jobOfChunk gives the job that a chunk counts for; "" for the answer to a request that nobody here knows.
func (c *Client) jobOfChunk(ctx context.Context, request string, kind waHistorySync.HistorySync_HistorySyncType) (string, error) {
	if request != "" {
		return c.jobs.jobOf(ctx, request)
	}
	if kind == waHistorySync.HistorySync_ON_DEMAND {
		return "", nil
	}
	job, err := c.account.job(ctx)
	return job.Job, err
}

// pages cuts rows: what messages refer to goes with the first page.
func pages(rows store.Rows) []store.Rows {
	first := rows
	first.Messages, first.Reactions = nil, nil
	cut := []store.Rows{first}
	for part := range slices.Chunk(rows.Messages, historyPage) {
		cut = append(cut, store.Rows{Messages: part})
	}
	for part := range slices.Chunk(rows.Reactions, historyPage) {
		cut = append(cut, store.Rows{Reactions: part})
	}
	return cut
}

func (c *Client) historyRows(blob *waHistorySync.HistorySync) store.Rows {
	var rows store.Rows
	for _, mapping := range blob.GetPhoneNumberToLidMappings() {
		rows.Aliases = appendAlias(rows.Aliases, mapping.GetLidJID(), mapping.GetPnJID())
	}
	for _, name := range blob.GetPushnames() {
		if name.GetPushname() != "" && name.GetPushname() != "-" {
			rows.Contacts = appendContact(rows.Contacts, store.StoredContact{JID: name.GetID(), PushName: name.GetPushname()})
		}
	}
	for _, contact := range blob.GetInlineContacts() {
		rows.Aliases = appendAlias(rows.Aliases, contact.GetLidJID(), contact.GetPnJID())
		rows.Contacts = appendContact(rows.Contacts, store.StoredContact{
			JID: firstOf(contact.GetPnJID(), contact.GetLidJID()), FullName: contact.GetFullName(), FirstName: contact.GetFirstName(),
		})
	}
	for _, conversation := range blob.GetConversations() {
		c.conversationRows(&rows, conversation, blob.GetSyncType())
	}
	for _, status := range blob.GetStatusV3Messages() {
		c.webMessageRows(&rows, types.StatusBroadcastJID, status)
	}
	return rows
}

func appendAlias(aliases []store.StoredAlias, lid, pn string) []store.StoredAlias {
	lid, pn = bareText(lid), bareText(pn)
	if !strings.HasSuffix(lid, "@"+types.HiddenUserServer) || !strings.HasSuffix(pn, "@"+types.DefaultUserServer) {
		return aliases
	}
	return append(aliases, store.StoredAlias{Alias: lid, Canonical: pn})
}

func appendContact(contacts []store.StoredContact, contact store.StoredContact) []store.StoredContact {
	contact.JID = bareText(contact.JID)
	if contact.JID == "" {
		return contacts
	}
	return append(contacts, contact)
}

func (c *Client) conversationRows(rows *store.Rows, conversation *waHistorySync.Conversation, kind waHistorySync.HistorySync_HistorySyncType) {
	chat, err := types.ParseJID(conversation.GetID())
	if err != nil || chat.User == "" {
		return
	}
	rows.Aliases = appendAlias(rows.Aliases, firstOf(conversation.GetLidJID(), conversation.GetID()),
		firstOf(conversation.GetPnJID(), conversation.GetID()))
	row, name := chatRow(chat, conversation, kind), firstOf(conversation.GetName(), conversation.GetDisplayName())
	if row.Kind == store.ChatDirect {
		rows.Contacts = appendContact(rows.Contacts, store.StoredContact{JID: row.JID, FullName: name})
	} else {
		row.Name = name
	}
	rows.Chats = append(rows.Chats, row)
	for _, message := range conversation.GetMessages() {
		c.webMessageRows(rows, chat, message.GetMessage())
	}
	if reached, ok := checkpointOf(conversation, kind); ok {
		reached.ChatJID = row.JID
		rows.Checkpoints = append(rows.Checkpoints, reached)
	}
}

// checkpointOf tells how far a chunk brings a chat. An answer on demand says so only where it is the end: what else becomes
// of the chat's job is the job's to say.
func checkpointOf(conversation *waHistorySync.Conversation, kind waHistorySync.HistorySync_HistorySyncType) (store.StoredCheckpoint, bool) {
	messages := len(conversation.GetMessages())
	reached := store.StoredCheckpoint{State: store.PushRuns, Exhausted: endReached(conversation), MessagesSynced: int64(messages)}
	ended := conversation.GetEndOfHistoryTransfer()
	switch {
	case kind == waHistorySync.HistorySync_ON_DEMAND:
		reached.State = string(store.JobCompleted)
		return reached, reached.Exhausted
	case ended || reached.Exhausted:
		reached.State = store.PushEnded
	}
	return reached, messages > 0 || ended || reached.Exhausted
}

// endReached tells that the phone has no older messages of the chat than it has sent.
func endReached(conversation *waHistorySync.Conversation) bool {
	return conversation.EndOfHistoryTransferType != nil && conversation.GetEndOfHistoryTransferType() ==
		waHistorySync.Conversation_COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY
}

func chatRow(chat types.JID, conversation *waHistorySync.Conversation, kind waHistorySync.HistorySync_HistorySyncType) store.StoredChat {
	row := store.StoredChat{JID: bare(chat), Kind: chatKind(chat, conversation.GetIsParentGroup())}
	if chat.Server == types.GroupServer {
		row.CommunityJID = bareText(conversation.GetParentGroupID())
	}
	// Answers on demand repeat a chat with the state of nothing but its messages.
	if kind == waHistorySync.HistorySync_ON_DEMAND {
		return row
	}
	if conversation.UnreadCount != nil {
		count := int64(conversation.GetUnreadCount())
		row.UnreadCount = &count
	}
	if conversation.Archived != nil {
		row.Archived = conversation.Archived
	}
	if conversation.Pinned != nil {
		pinned := conversation.GetPinned() > 0
		row.Pinned = &pinned
	}
	if conversation.MuteEndTime != nil {
		until := historyMute(conversation.GetMuteEndTime())
		row.MutedUntil = &until
	}
	return row
}

// historyMute gives seconds, -1 for ever. The phone writes for ever as the largest number there is.
func historyMute(end uint64) int64 {
	if end > math.MaxInt64 {
		return -1
	}
	return seconds(int64(end))
}

func chatKind(chat types.JID, community bool) string {
	switch {
	case community:
		return store.ChatCommunity
	case chat == types.StatusBroadcastJID:
		return store.ChatStatus
	case chat.Server == types.GroupServer:
		return store.ChatGroup
	case chat.Server == types.NewsletterServer:
		return store.ChatNewsletter
	case chat.Server == types.BroadcastServer:
		return store.ChatBroadcast
	default:
		return store.ChatDirect
	}
}

// webMessageRows adds the rows of one message of a chat's history.
func (c *Client) webMessageRows(rows *store.Rows, chat types.JID, web *waWeb.WebMessageInfo) {
	event, err := c.library().ParseWebMessage(chat, web)
	if err != nil {
		c.log.Warn("a message of pushed history has no sender", "id", web.GetKey().GetID())
		return
	}
	for _, reaction := range web.GetReactions() {
		rows.Reactions = append(rows.Reactions, c.historyReaction(event, reaction))
	}
	if reaction := event.Message.GetReactionMessage(); reaction != nil {
		rows.Reactions = append(rows.Reactions, reactionOf(event, reaction))
		return
	}
	row, ok := historyRow(event, web)
	if !ok {
		return
	}
	row.Starred = web.GetStarred()
	// The phone gives a state to few messages of others; the rest follows from the chat's unread count.
	if read := web.GetStatus() >= waWeb.WebMessageInfo_READ; read && !row.FromMe {
		row.Read = &read
	}
	rows.Messages = append(rows.Messages, row)
	named := store.StoredContact{JID: row.SenderJID, PushName: web.GetPushName()}
	if named.PushName != "" && !row.FromMe && !slices.Contains(rows.Contacts, named) {
		rows.Contacts = appendContact(rows.Contacts, named)
	}
}

func historyRow(event *events.Message, web *waWeb.WebMessageInfo) (store.StoredMessage, bool) {
	if row, ok := rowOf(event); ok {
		if edit := unwrap(web.GetMessage()).GetProtocolMessage(); edit.GetType() == waE2E.ProtocolMessage_MESSAGE_EDIT && edit != nil {
			row.EditedAt = edit.GetTimestampMS() / 1000
		}
		return row, true
	}
	row := rowOfInfo(&event.Info)
	switch stub := web.GetMessageStubType(); stub {
	case waWeb.WebMessageInfo_REVOKE:
		row.Kind, row.RevokedAt = store.KindRevoked, row.Timestamp
		if at := web.GetRevokeMessageTimestamp(); at > 0 {
			row.RevokedAt = seconds(int64(min(at, math.MaxInt64)))
		}
	case waWeb.WebMessageInfo_UNKNOWN, waWeb.WebMessageInfo_CIPHERTEXT:
		return row, false
	default:
		row.Kind = store.KindSystem
		row.Text = strings.ToLower(strings.ReplaceAll(stub.String(), "_", " "))
	}
	return row, true
}

func (c *Client) historyReaction(event *events.Message, reaction *waWeb.Reaction) store.StoredReaction {
	sender := bareText(reaction.GetKey().GetParticipant())
	switch {
	case reaction.GetKey().GetFromMe():
		sender = bare(c.Own().JID)
	case sender == "":
		sender = bare(event.Info.Chat)
	}
	at := reaction.GetSenderTimestampMS()
	if at <= 0 {
		at = event.Info.Timestamp.UnixMilli()
	}
	return store.StoredReaction{
		ChatJID: bare(event.Info.Chat), MessageID: event.Info.ID, SenderJID: sender, Emoji: reaction.GetText(),
		Timestamp: at / 1000, TimestampMS: at,
	}
}
