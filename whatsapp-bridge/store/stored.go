package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// Message gives a message as it was stored, with its payload. chat is a JID in any form. MESSAGE_NOT_FOUND.
func (s *Store) Message(ctx context.Context, chat, id string) (m StoredMessage, err error) {
	err = s.read(ctx, func(q *question) error {
		canonical, err := q.canonical(chat)
		if err != nil {
			return err
		}
		m, err = q.stored("chat_jid = ?1 AND "+hasID("id", "?2"), canonical, id)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.MessageNotFound, fmt.Sprintf("no message %s in %s", cut(id, maxIDLength), canonical))
		}
		return err
	})
	return m, err
}

// MessageByID gives a message by its id. chat is what the user typed, or "" when the id alone shall do.
//
// Errors: MESSAGE_NOT_FOUND; AMBIGUOUS_MESSAGE with the chats for an id that stands in several; those of ResolveChat.
func (s *Store) MessageByID(ctx context.Context, chat, id string) (m StoredMessage, err error) {
	err = s.read(ctx, func(q *question) error {
		p, err := q.placeOf(chat, id)
		if err == nil {
			m, err = q.stored("key = ?", p.key)
		}
		return err
	})
	return m, err
}

// Messages gives those of the ids that the chat has, in their order, and names the others. chat is a JID in any form.
func (s *Store) Messages(ctx context.Context, chat string, ids []string) (found []StoredMessage, unknown []string, err error) {
	err = s.read(ctx, func(q *question) error {
		found, unknown = nil, nil
		canonical, err := q.canonical(chat)
		if err != nil {
			return err
		}
		for _, id := range ids {
			switch m, err := q.stored("chat_jid = ?1 AND "+hasID("id", "?2"), canonical, id); {
			case err == nil:
				found = append(found, m)
			case errors.Is(err, sql.ErrNoRows):
				unknown = append(unknown, id)
			default:
				return err
			}
		}
		return nil
	})
	return found, unknown, err
}

// SetLocalPath notes where the file of a message lies, from the store's folder.
func (s *Store) SetLocalPath(ctx context.Context, chat, id, path string) error {
	return s.writeLive(ctx, func(t *tx) error {
		return t.run("UPDATE message_rows SET local_path = ?1 WHERE chat = (SELECT key FROM jids WHERE jid = ?2) AND "+hasID("id", "?3"),
			path, chat, id)
	})
}

// LastMessage gives the newest message of a chat, nil when it has none.
func (s *Store) LastMessage(ctx context.Context, chat string) (*StoredMessage, error) {
	var found *StoredMessage
	err := s.read(ctx, func(q *question) error {
		canonical, err := q.canonical(chat)
		if err != nil {
			return err
		}
		keys, err := q.keysOf(canonical)
		if err != nil || len(keys) == 0 {
			return err
		}
		page, err := q.walkChat(keys[0], edge{}, true, 1)
		if err != nil || len(page) == 0 {
			return err
		}
		m, err := q.stored("key = ?", page[0].key)
		found = &m
		return err
	})
	return found, err
}

func (q *question) stored(where string, args ...value) (StoredMessage, error) {
	var m StoredMessage
	var media StoredMedia
	var text, quotedID, quotedSender, mime, fileName, directPath sql.NullString
	var editedAt, revokedAt, size, duration, readAt sql.NullInt64
	var forwarded, starred, unread sql.NullBool
	err := q.row(`SELECT chat_jid, id, sender_jid, from_me, timestamp, kind, text, quoted_id, quoted_sender_jid, forwarded,
		edited_at, revoked_at, starred, mime, file_name, size, direct_path, media_key, file_sha256, file_enc_sha256,
		duration_s, payload, read_at, unread FROM messages WHERE `+where, args...).
		Scan(&m.ChatJID, &m.ID, &m.SenderJID, &m.FromMe, &m.Timestamp, &m.Kind, &text, &quotedID, &quotedSender, &forwarded,
			&editedAt, &revokedAt, &starred, &mime, &fileName, &size, &directPath, &media.MediaKey, &media.FileSHA256,
			&media.FileEncSHA256, &duration, &m.Payload, &readAt, &unread)
	if err != nil {
		return m, err
	}
	m.Text, m.QuotedID, m.QuotedSenderJID = text.String, quotedID.String, quotedSender.String
	m.Forwarded, m.Starred = forwarded.Bool, starred.Bool
	m.EditedAt, m.RevokedAt = editedAt.Int64, revokedAt.Int64
	read := m.FromMe || !unread.Bool
	m.Read = &read
	media.Mime, media.FileName, media.DirectPath = mime.String, fileName.String, directPath.String
	media.Size, media.DurationS = size.Int64, duration.Int64
	if isMedia(m.Kind) {
		m.Media = &media
	}
	return m, nil
}
