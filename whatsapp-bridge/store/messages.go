package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// Sources of a message, as bits.
const (
	sourceLive    = 1
	sourceHistory = 2 // pushed by the phone to this bridge
	sourceBaileys = 4 // taken in a batch: of baileys_temp.db, or of a file that is imported

	sourceRejoined = 8 // pushed after an absence that it is older than: the push reached over the absence
)

// States of message_rows.unread.
const (
	unreadNo      = 0
	unreadLive    = 1
	unreadCounted = 2
	unreadSaid    = 3
	unreadNever   = -1
)

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
	if known := t.foresight.take(chat.key, m.ID); known != nil {
		return t.fillMessage(chat, sender, m, known, values, source)
	}
	unread := chat.unreadOf(m, source)
	lower, upper := firstKey(m.Timestamp), firstKey(m.Timestamp+1)
	args := append([]value{
		lower, upper, chat.key, m.ID, sender.key, m.FromMe, source, unread, m.Kind, numberOrNull(m.EditedAt), numberOrNull(m.RevokedAt),
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
		known, err := t.find(chat.key, m.ID)
		if err != nil {
			return conflict, err
		}
		if known == nil {
			return conflict, fault.Argument("timestamp", "more than 65,536 messages in one second")
		}
		return t.fillMessage(chat, sender, m, known, values, source)
	}
	key, err := result.LastInsertId()
	if err != nil {
		return conflict, err
	}
	t.newMessages++
	if !m.FromMe && kindOfChat(chat.jid) == ChatGroup {
		if err := t.noteAuthor(sender.key, chat.key); err != nil {
			return conflict, err
		}
	}
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
func (t *tx) fillMessage(
	chat *chatState, sender address, m *StoredMessage, known *message, values []value, source int,
) (outcome, error) {
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
	needed := source == sourceLive || source&sourceRejoined != 0 || !m.FromMe && (chat.phoneUnread > 0 || kindOfChat(chat.jid) == ChatDirect)
	if unread == known.unread && (known.source&source == source || !needed) {
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
