package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// Sources of a message, as bits.
const (
	sourceLive    = 1
	sourceHistory = 2 // pushed by the phone to this bridge
	sourceBaileys = 4
)

// States of message_rows.unread.
const (
	unreadNo      = 0
	unreadLive    = 1
	unreadCounted = 2
	unreadSaid    = 3
	unreadNever   = -1
)

// keyBits are the bits of a key below its second.
const keyBits = 16

func firstKey(timestamp int64) int64 { return timestamp << keyBits }

func secondOf(key int64) int64 { return key >> keyBits }

// What a message may be: older than WhatsApp, or further in the future than clocks differ, it is none.
const (
	earliest      = 1230768000 // 2009-01-01
	clockSkew     = 300
	maxIDLength   = 128
	maxKindLength = 100
	maxStoredText = 64 << 10
	conflictAfter = 60 // seconds
)

type outcome int

const (
	inserted outcome = iota
	filled
	duplicate
	conflict
)

// SaveMessage keeps a message that came live or was just sent. A message that is known already is filled where the
// store knew less, and never replaced. Edits, revokes and receipts that came before it are applied now.
func (s *Store) SaveMessage(ctx context.Context, m StoredMessage) error {
	if err := checkMessage(&m, sourceLive); err != nil {
		return err
	}
	return s.writeLive(ctx, func(t *tx) error {
		_, err := t.saveMessage(&m, sourceLive)
		return err
	})
}

// checkMessage refuses what cannot be a message. Live text may be as long as WhatsApp lets it be.
func checkMessage(m *StoredMessage, source int) error {
	problem := ""
	switch {
	case m.ID == "" || len(m.ID) > maxIDLength:
		problem = "id"
	case m.Kind == "" || len(m.Kind) > maxKindLength:
		problem = "kind"
	case m.Timestamp < earliest || m.Timestamp > now()+clockSkew:
		problem = "timestamp"
	case source != sourceLive && len(m.Text) > maxStoredText:
		problem = "text"
	default:
		return nil
	}
	return fault.Argument(problem, "no message has this")
}

// message is the part of a row that events are judged by.
type message struct {
	key, chat, sender           int64
	id, kind, text, fileName    string
	fromMe                      bool
	source, unread              int
	editedAt, revokedAt, readAt int64
	missing                     int // bits of fillColumns that are NULL
}

// fillColumns may be filled while they are NULL; their order is the order of bits in message.missing.
var fillColumns = []string{
	"text", "payload", "quoted_id", "quoted_sender", "forwarded", "starred", "mime", "file_name", "size", "direct_path",
	"media_key", "file_sha256", "file_enc_sha256", "duration_s",
}

var (
	loadMessage = `SELECT key, chat, sender, id, kind, COALESCE(text, ''), COALESCE(file_name, ''), from_me, source, unread,
		COALESCE(edited_at, 0), COALESCE(revoked_at, 0), COALESCE(read_at, 0), ` + missingBits() + ` FROM message_rows WHERE `
	loadByKey = loadMessage + "key = ?"
	loadByID  = loadMessage + "chat = ? AND id = ?"
	fillByKey = "UPDATE message_rows SET " + fillList() + " WHERE key = ?"
	// A plain VALUES, because a statement that may write several rows makes SQLite open a savepoint for each.
	insertText = `INSERT INTO message_rows (key, chat, id, sender, from_me, source, unread, kind, edited_at, revoked_at, ` +
		columnList() + `) VALUES (
			MIN((SELECT COALESCE(MAX(key) + 1, ?) FROM message_rows WHERE key >= ? AND key < ?), ?),
			?, ?, ?, ?, ?, ?, ?, ?, ?` + placeholders(len(fillColumns)) + `) ON CONFLICT DO NOTHING`
)

func missingBits() string {
	bits := "0"
	for i, column := range fillColumns {
		bits += " | ((" + column + " IS NULL) << " + strconv.Itoa(i) + ")"
	}
	return bits
}

func fillList() string {
	list := ""
	for i, column := range fillColumns {
		if i > 0 {
			list += ", "
		}
		list += column + " = COALESCE(" + column + ", ?)"
	}
	return list
}

func columnList() string {
	list := ""
	for i, column := range fillColumns {
		if i > 0 {
			list += ", "
		}
		list += column
	}
	return list
}

func placeholders(n int) string {
	list := ""
	for range n {
		list += ", ?"
	}
	return list
}

// fillValues are the values of fillColumns, nil where the message does not know.
func (t *tx) fillValues(m *StoredMessage) ([]value, error) {
	var quoted value
	if m.QuotedSenderJID != "" {
		if a, err := t.address(m.QuotedSenderJID); err == nil {
			quoted = a.key
		} else if fault.CodeOf(err) != fault.InvalidJID {
			return nil, err
		}
	}
	media := m.Media
	if media == nil {
		media = &StoredMedia{}
	}
	return []value{
		orNull(m.Text), bytesOrNull(m.Payload), orNull(m.QuotedID), quoted, trueOrNull(m.Forwarded),
		trueOrNull(m.Starred), orNull(media.Mime), orNull(media.FileName), numberOrNull(media.Size),
		orNull(media.DirectPath), bytesOrNull(media.MediaKey), bytesOrNull(media.FileSHA256),
		bytesOrNull(media.FileEncSHA256), numberOrNull(media.DurationS),
	}, nil
}

func (t *tx) load(key int64) (*message, error) { return t.scanMessage(t.row(loadByKey, key)) }

// find gives nil when there is no such message.
func (t *tx) find(chat int64, id string) (*message, error) {
	m, err := t.scanMessage(t.row(loadByID, chat, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // no message is an answer
	}
	return m, err
}

func (t *tx) scanMessage(row scanner) (*message, error) {
	var m message
	err := row.Scan(&m.key, &m.chat, &m.sender, &m.id, &m.kind, &m.text, &m.fileName, &m.fromMe, &m.source, &m.unread,
		&m.editedAt, &m.revokedAt, &m.readAt, &m.missing)
	return &m, err
}

// sender gives the address of who wrote the message. Own messages may come without one.
func (t *tx) sender(m *StoredMessage, chat address) (address, error) {
	own, err := t.ownJID()
	if err != nil {
		return address{}, err
	}
	jid := m.SenderJID
	switch {
	case m.FromMe && own != "":
		jid = own
	case jid == "" && !m.FromMe && kindOfChat(chat.jid) == ChatDirect:
		jid = chat.jid
	}
	return t.address(jid)
}

func (t *tx) ownJID() (string, error) {
	if t.own != nil {
		return *t.own, nil
	}
	var own string
	err := t.row("SELECT value FROM meta WHERE name = 'own'").Scan(&own)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	t.own = &own
	return own, err
}

// saveMessage inserts a checked message, or fills the row that is there.
func (t *tx) saveMessage(m *StoredMessage, source int) (outcome, error) {
	chatAddress, err := t.address(m.ChatJID)
	if err != nil {
		return conflict, err
	}
	sender, err := t.sender(m, chatAddress)
	if err != nil {
		return conflict, err
	}
	chat, err := t.chat(chatAddress)
	if err != nil {
		return conflict, err
	}
	values, err := t.fillValues(m)
	if err != nil {
		return conflict, err
	}
	if m.RevokedAt != 0 || m.Kind == KindRevoked {
		makeRevoked(m, values)
	}
	unread := chat.unreadOf(m, source)
	lower, upper := firstKey(m.Timestamp), firstKey(m.Timestamp+1)
	args := append([]value{
		lower, lower, upper, upper - 1, chat.key, m.ID, sender.key, m.FromMe, source, unread, m.Kind, numberOrNull(m.EditedAt), numberOrNull(m.RevokedAt),
	}, values...)
	result, err := t.exec(insertText, args...)
	if err != nil {
		return conflict, err
	}
	added, err := result.RowsAffected()
	if err != nil {
		return conflict, err
	}
	if added == 0 {
		return t.fillMessage(chat, sender, m, values, source)
	}
	key, err := result.LastInsertId()
	if err != nil {
		return conflict, err
	}
	t.newMessages++
	chat.touch(m.Timestamp, source, !m.FromMe)
	fileName := ""
	if m.Media != nil {
		fileName = m.Media.FileName
	}
	t.index(key, indexRow{chat: chat.key, sender: sender.key, kind: m.Kind, text: m.Text, fileName: fileName})
	if m.EditedAt != 0 {
		if err := t.keepVersion(chat.key, m.ID, sender.key, m.EditedAt*1000, m.Text); err != nil {
			return conflict, err
		}
	}
	return inserted, t.applyWaitingIfAny(chat.key, m.ID)
}

// makeRevoked leaves of a message that was taken back only that it was there.
func makeRevoked(m *StoredMessage, values []value) {
	clear(values)
	m.Kind, m.Text, m.Media, m.EditedAt = KindRevoked, "", nil, 0
	if m.RevokedAt == 0 {
		m.RevokedAt = m.Timestamp
	}
}

// fillMessage brings to a row what it did not know yet. Nothing that it knows is changed.
func (t *tx) fillMessage(chat *chatState, sender address, m *StoredMessage, values []value, source int) (outcome, error) {
	known, err := t.find(chat.key, m.ID)
	if err != nil {
		return conflict, err
	}
	if known == nil {
		return conflict, fault.Argument("timestamp", "more than 65,536 messages in one second")
	}
	same, err := t.sameMessage(known, sender, m)
	if err != nil {
		return conflict, err
	}
	if !same {
		slog.Warn("conflict", "chat", chat.jid, "id", m.ID, "stored_sender", known.sender, "sender", sender.key,
			"stored_timestamp", secondOf(known.key), "timestamp", m.Timestamp)
		return conflict, nil
	}
	if err := t.seen(chat, known, m, source); err != nil {
		return conflict, err
	}
	if known.revokedAt != 0 {
		return duplicate, nil
	}
	if err := t.keepOriginal(known, m); err != nil {
		return conflict, err
	}
	fills := false
	for i, v := range values {
		fills = fills || v != nil && known.missing&(1<<i) != 0
	}
	if !fills {
		return duplicate, nil
	}
	if err := t.run(fillByKey, append(values, known.key)...); err != nil {
		return conflict, err
	}
	t.reindex(known.key)
	return filled, nil
}

// sameMessage tells whether a row can be the message: the same sender, and about the same time. A LID and a phone
// number that are not known to be one person do not contradict each other.
func (t *tx) sameMessage(known *message, sender address, m *StoredMessage) (bool, error) {
	apart := secondOf(known.key) - m.Timestamp
	if apart > conflictAfter || apart < -conflictAfter || known.fromMe != m.FromMe {
		return false, nil
	}
	if known.fromMe || known.sender == sender.key {
		return true, nil
	}
	jid, err := t.jidOf(known.sender)
	return jid == sender.jid || serverOf(jid) != serverOf(sender.jid), err
}

// jidOf gives the canonical JID of a number.
func (t *tx) jidOf(key int64) (string, error) {
	var jid string
	err := t.row("SELECT COALESCE(a.canonical, j.jid) FROM jids j LEFT JOIN jid_aliases a ON a.alias = j.jid WHERE j.key = ?", key).
		Scan(&jid)
	return jid, err
}

// seen notes that one more source knows the message. What came live is judged by what came live: history neither makes
// it read nor unread.
func (t *tx) seen(chat *chatState, known *message, m *StoredMessage, source int) error {
	unread := known.unread
	switch {
	case source == sourceLive && known.source&sourceLive == 0:
		unread = chat.unreadOf(m, source)
		if known.readAt != 0 || known.revokedAt != 0 {
			unread = unreadNo
		}
	case known.source&sourceLive == 0 && known.unread == unreadNo && known.revokedAt == 0 && known.readAt == 0:
		unread = chat.unreadOf(m, source)
	}
	// The bit of a second history matters only where a count of the phone is spread over messages, or may be once two
	// chats turn out to be one; elsewhere it would write half of all rows again in a merge.
	needed := source == sourceLive || !m.FromMe && (chat.phoneUnread > 0 || kindOfChat(chat.jid) == ChatDirect)
	if unread == known.unread && (known.source&source != 0 || !needed) {
		return nil
	}
	chat.touch(0, source, !m.FromMe)
	return t.run("UPDATE message_rows SET source = source | ?, unread = ? WHERE key = ?", source, unread, known.key)
}

// keepOriginal keeps the first text of a message that the store knew only after its edit.
func (t *tx) keepOriginal(known *message, m *StoredMessage) error {
	if known.editedAt == 0 || m.EditedAt != 0 || m.Text == "" || m.Text == known.text {
		return nil
	}
	return t.keepFirst(known, m.Text)
}

func isMedia(kind string) bool {
	switch kind {
	case KindImage, KindVideo, KindAudio, KindVoice, KindDocument, KindSticker:
		return true
	}
	return false
}

// Message gives a message as it was stored, with its payload. chat is a JID in any form. MESSAGE_NOT_FOUND.
func (s *Store) Message(ctx context.Context, chat, id string) (m StoredMessage, err error) {
	err = s.read(ctx, func(q *question) error {
		canonical, err := q.canonical(chat)
		if err != nil {
			return err
		}
		m, err = q.stored("chat_jid = ? AND id = ?", canonical, id)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.MessageNotFound, fmt.Sprintf("no message %s in %s", cut(id, maxIDLength), canonical))
		}
		return err
	})
	return m, err
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
