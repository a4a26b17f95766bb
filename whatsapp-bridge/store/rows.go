package store

import (
	"database/sql"
	"errors"
	"strconv"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// keyBits are the bits of a key below its second.
const keyBits = 16

func firstKey(timestamp int64) int64 { return timestamp << keyBits }

func secondOf(key int64) int64 { return key >> keyBits }

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
	loadByID  = loadMessage + "chat = ?1 AND " + hasID("id", "?2")
	fillByKey = "UPDATE message_rows SET " + fillList() + " WHERE key = ?"
	// A message that is there already claims its own key again, and nothing is inserted; so does a second that is full.
	// A plain VALUES, because a statement that may write several rows makes SQLite open a savepoint for each.
	insertText = `INSERT INTO message_rows (key, chat, id, sender, from_me, source, unread, kind, edited_at, revoked_at, ` +
		columnList() + `) VALUES (
			COALESCE((SELECT key FROM message_rows WHERE chat = ?3 AND ` + hasID("id", "?4") + `),
				MIN((SELECT COALESCE(MAX(key) + 1, ?1) FROM message_rows WHERE key >= ?1 AND key < ?2), ?2 - 1)),
			?3, ?4, ?, ?, ?, ?, ?, ?, ?` + placeholders(len(fillColumns)) + `) ON CONFLICT DO NOTHING`
)

// hasID is the condition that a column is the wanted id, in the words of the index message_rows_id.
func hasID(column, wanted string) string {
	return "substr(" + column + ", -5) = substr(" + wanted + ", -5) AND " + column + " = " + wanted
}

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
