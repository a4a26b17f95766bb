package store

import (
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"
)

// jsonKeys writes keys as a JSON array, which one prepared statement takes whatever their number.
func jsonKeys(keys []int64) string {
	var out strings.Builder
	out.WriteByte('[')
	for i, key := range keys {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(strconv.FormatInt(key, 10))
	}
	out.WriteByte(']')
	return out.String()
}

// jsonTexts is jsonKeys for texts.
func jsonTexts(texts []string) string {
	list, _ := json.Marshal(texts) // cannot fail: texts are always JSON
	return string(list)
}

// person is how an address is shown.
type person struct{ jid, name string }

type loading struct {
	messages map[int64]Message
	chats    map[int64]int64 // message key -> chat
	senders  map[int64]int64
	people   map[int64]person
}

// messages loads messages as they are shown, by key.
func (q *question) messages(keys []int64, media bool) (map[int64]Message, error) {
	if len(keys) == 0 {
		return map[int64]Message{}, nil
	}
	l := loading{
		messages: make(map[int64]Message, len(keys)), chats: make(map[int64]int64), senders: make(map[int64]int64),
		people: make(map[int64]person),
	}
	list := jsonKeys(keys)
	if err := q.loadRows(list, media, &l); err != nil {
		return nil, err
	}
	type given struct {
		message, sender int64
		emoji           string
	}
	var reactions []given
	err := q.each(`SELECT m.key, r.sender, r.emoji FROM json_each(?) e CROSS JOIN message_rows m ON m.key = e.value
		CROSS JOIN reaction_rows r ON r.chat = m.chat AND r.message_id = m.id
		WHERE r.emoji <> '' AND m.revoked_at IS NULL ORDER BY m.key, r.at_ms, r.sender`, []value{list}, func(row scanner) error {
		var g given
		err := row.Scan(&g.message, &g.sender, &g.emoji)
		reactions = append(reactions, g)
		l.people[g.sender] = person{}
		return err
	})
	if err != nil {
		return nil, err
	}
	own, err := q.loadPeople(l.people)
	if err != nil {
		return nil, err
	}
	for key, m := range l.messages {
		chat, sender := l.people[l.chats[key]], l.people[l.senders[key]]
		m.ChatJID, m.ChatName = chat.jid, chat.name
		m.SenderJID, m.SenderName = sender.jid, sender.name
		if m.FromMe {
			m.SenderName = ownName
		}
		l.messages[key] = m
	}
	for _, g := range reactions {
		m := l.messages[g.message]
		r := Reaction{SenderJID: l.people[g.sender].jid, SenderName: l.people[g.sender].name, Emoji: g.emoji}
		if r.SenderJID == own {
			r.SenderName = ownName
		}
		m.Reactions = append(m.Reactions, r)
		l.messages[g.message] = m
	}
	return l.messages, nil
}

// ownName is how the account's own messages are signed.
const ownName = "You"

func (q *question) loadRows(list string, media bool, l *loading) error {
	return q.each(`SELECT m.key, m.chat, m.sender, m.id, m.from_me, m.kind, m.text, m.quoted_id, COALESCE(m.forwarded, 0),
			COALESCE(m.edited_at, 0), COALESCE(m.revoked_at, 0), COALESCE(m.starred, 0), m.unread, m.mime, m.file_name,
			COALESCE(m.size, 0), COALESCE(m.duration_s, 0)
		FROM json_each(?) e CROSS JOIN message_rows m ON m.key = e.value`, []value{list}, func(row scanner) error {
		var m Message
		var f Media
		var key, chat, sender int64
		var unread int
		var text, quoted, mime, fileName sql.NullString
		err := row.Scan(&key, &chat, &sender, &m.ID, &m.FromMe, &m.Kind, &text, &quoted, &m.Forwarded, &m.EditedAt,
			&m.RevokedAt, &m.Starred, &unread, &mime, &fileName, &f.Size, &f.DurationS)
		m.Timestamp = Time(secondOf(key))
		m.Text, m.QuotedID = text.String, quoted.String
		m.Read = m.FromMe || unread <= 0
		if media && isMedia(m.Kind) {
			f.Kind, f.Mime, f.FileName = m.Kind, mime.String, fileName.String
			m.Media = &f
		}
		l.messages[key] = m
		l.chats[key], l.senders[key] = chat, sender
		l.people[chat], l.people[sender] = person{}, person{}
		return err
	})
}

// loadPeople fills in how the given numbers are shown, and gives the account's own JID.
func (q *question) loadPeople(people map[int64]person) (own string, err error) {
	keys := make([]int64, 0, len(people))
	for key := range people {
		keys = append(keys, key)
	}
	err = q.each(`SELECT p.key, p.jid, p.own, `+nameColumns+` FROM (
			SELECT j.key, COALESCE(a.canonical, j.jid) AS jid, (SELECT value FROM meta WHERE name = 'own') AS own
			FROM json_each(?) e CROSS JOIN jids j ON j.key = e.value LEFT JOIN jid_aliases a ON a.alias = j.jid
		) p LEFT JOIN contacts ct ON ct.jid = p.jid LEFT JOIN chats ch ON ch.jid = p.jid`, []value{jsonKeys(keys)},
		func(row scanner) error {
			var key int64
			var jid string
			var ownJID sql.NullString
			var n names
			err := row.Scan(append([]value{&key, &jid, &ownJID}, n.columns()...)...)
			people[key] = person{jid, n.shown(jid)}
			own = ownJID.String
			return err
		})
	return own, err
}
