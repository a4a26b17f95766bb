package whatsapp

import (
	"context"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// keepMessage stores a message, or what it does to another one: edits, revokes and reactions are messages on the wire.
func (c *Client) keepMessage(ctx context.Context, event *events.Message) error {
	switch protocol := event.Message.GetProtocolMessage(); {
	case protocol.GetHistorySyncNotification() != nil:
		return c.keepHistoryNotice(event)
	case protocol != nil && protocol.GetType() == waE2E.ProtocolMessage_REVOKE:
		return c.store.SaveRevoke(ctx, revokeOf(event))
	case protocol != nil && protocol.GetType() == waE2E.ProtocolMessage_MESSAGE_EDIT:
		return c.store.SaveEdit(ctx, editOf(event, protocol))
	case event.Message.GetReactionMessage() != nil:
		return c.store.SaveReaction(ctx, reactionOf(event, event.Message.GetReactionMessage()))
	case event.Message.GetEncReactionMessage() != nil:
		return c.keepHiddenReaction(ctx, event)
	case event.Message.GetSecretEncryptedMessage() != nil:
		return c.keepHiddenEdit(ctx, event)
	case event.NewsletterMeta != nil && !event.NewsletterMeta.EditTS.IsZero():
		return c.store.SaveEdit(ctx, newsletterEditOf(event))
	}
	if row, ok := rowOf(event); ok {
		c.heard(event.Info.Chat, event.Info.Timestamp)
		return c.store.SaveMessage(ctx, row)
	}
	return nil
}

// keepUnavailable stores that there was a message which only the phone may show. Others come again by themselves.
func (c *Client) keepUnavailable(ctx context.Context, event *events.UndecryptableMessage) error {
	if event.UnavailableType != events.UnavailableTypeViewOnce {
		return nil
	}
	row := rowOfInfo(&event.Info)
	row.Kind = store.UnsupportedPrefix + string(event.UnavailableType)
	return c.store.SaveMessage(ctx, row)
}

// keepHiddenReaction stores a reaction of a community's announcement group, where they are encrypted once more.
func (c *Client) keepHiddenReaction(ctx context.Context, event *events.Message) error {
	reaction, err := c.library().DecryptReaction(ctx, event)
	if err != nil {
		return c.keepUnread(ctx, event, err)
	}
	if reaction.GetKey() == nil {
		reaction.Key = event.Message.GetEncReactionMessage().GetTargetMessageKey()
	}
	return c.store.SaveReaction(ctx, reactionOf(event, reaction))
}

// keepHiddenEdit stores an edit that is encrypted with the secret of the message it changes.
func (c *Client) keepHiddenEdit(ctx context.Context, event *events.Message) error {
	hidden := event.Message.GetSecretEncryptedMessage()
	if hidden.GetSecretEncType() != waE2E.SecretEncryptedMessage_MESSAGE_EDIT {
		return c.keepUnread(ctx, event, nil)
	}
	message, err := c.library().DecryptSecretEncryptedMessage(ctx, event)
	if err != nil {
		return c.keepUnread(ctx, event, err)
	}
	message = unwrap(message)
	edit := message.GetProtocolMessage()
	if edit == nil {
		edit = &waE2E.ProtocolMessage{EditedMessage: message}
	}
	if edit.GetKey() == nil {
		edit.Key = hidden.GetTargetMessageKey()
	}
	return c.store.SaveEdit(ctx, editOf(event, edit))
}

// keepUnread stores what cannot be read as a message of an unsupported kind, so that it is seen that it was there.
func (c *Client) keepUnread(ctx context.Context, event *events.Message, cause error) error {
	if cause != nil {
		c.log.Warn("an encrypted part could not be read", "id", event.Info.ID, "error", cause)
	}
	if row, ok := rowOf(event); ok {
		return c.store.SaveMessage(ctx, row)
	}
	return nil
}

// rowOf gives the row of a message; false for one that is no message to a reader.
func rowOf(event *events.Message) (store.StoredMessage, bool) {
	if hidden(event.Message) {
		return store.StoredMessage{}, false
	}
	said, ok := readContent(event.Message)
	if !ok {
		return store.StoredMessage{}, false
	}
	row := rowOfInfo(&event.Info)
	row.Kind, row.Text, row.Media, row.Forwarded = said.kind, said.text, said.media, said.forwarded
	row.QuotedID, row.QuotedSenderJID = said.quotedID, bareText(said.quotedSender)
	row.Payload = encode(event.Message)
	return row, true
}

// hidden tells the messages that WhatsApp's programs send each other.
func hidden(message *waE2E.Message) bool {
	protocol := message.GetProtocolMessage()
	return protocol != nil && protocol.GetType() != waE2E.ProtocolMessage_EPHEMERAL_SETTING
}

func rowOfInfo(info *types.MessageInfo) store.StoredMessage {
	return store.StoredMessage{
		ChatJID: chatOf(&info.MessageSource), ID: info.ID, SenderJID: bare(info.Sender), FromMe: info.IsFromMe,
		Timestamp: info.Timestamp.Unix(),
	}
}

// chatOf gives the chat in which a message is shown: one to a broadcast list stands in the chat with its sender.
func chatOf(source *types.MessageSource) string {
	if source.IsIncomingBroadcast() {
		return bare(source.Sender)
	}
	return bare(source.Chat)
}

func revokeOf(event *events.Message) store.Revoke {
	return store.Revoke{
		ChatJID: chatOf(&event.Info.MessageSource), MessageID: event.Message.GetProtocolMessage().GetKey().GetID(),
		SenderJID: bare(event.Info.Sender), FromMe: event.Info.IsFromMe, RevokedAt: event.Info.Timestamp.Unix(),
	}
}

func editOf(event *events.Message, edit *waE2E.ProtocolMessage) store.Edit {
	said, _ := readContent(edit.GetEditedMessage())
	at := edit.GetTimestampMS()
	if at <= 0 {
		at = event.Info.Timestamp.UnixMilli()
	}
	return store.Edit{
		ChatJID: chatOf(&event.Info.MessageSource), MessageID: edit.GetKey().GetID(), SenderJID: bare(event.Info.Sender),
		FromMe: event.Info.IsFromMe, Text: said.text, EditedAtMS: at,
	}
}

func newsletterEditOf(event *events.Message) store.Edit {
	said, _ := readContent(event.Message)
	return store.Edit{
		ChatJID: bare(event.Info.Chat), MessageID: event.Info.ID, SenderJID: bare(event.Info.Sender),
		FromMe: event.Info.IsFromMe, Text: said.text, EditedAtMS: event.NewsletterMeta.EditTS.UnixMilli(),
	}
}

func reactionOf(event *events.Message, reaction *waE2E.ReactionMessage) store.StoredReaction {
	at := reaction.GetSenderTimestampMS()
	if at <= 0 {
		at = event.Info.Timestamp.UnixMilli()
	}
	return store.StoredReaction{
		ChatJID: chatOf(&event.Info.MessageSource), MessageID: reaction.GetKey().GetID(),
		SenderJID: bare(event.Info.Sender), Emoji: reaction.GetText(), Timestamp: at / 1000, TimestampMS: at,
	}
}

// messageForRetry finds a message again that a device could not decrypt, after whatsmeow has forgotten it.
func (c *Client) messageForRetry(_, to types.JID, id types.MessageID) *waE2E.Message {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	row, err := c.store.Message(ctx, bare(to), id)
	if err != nil || !row.FromMe || len(row.Payload) == 0 {
		return nil
	}
	message := &waE2E.Message{}
	if err := proto.Unmarshal(row.Payload, message); err != nil {
		return nil
	}
	return message
}

// bareText takes the device off a JID in text form; what is no JID becomes "".
func bareText(jid string) string {
	parsed, err := types.ParseJID(jid)
	if err != nil || parsed.User == "" {
		return ""
	}
	return bare(parsed)
}
