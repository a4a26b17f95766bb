package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
)

// SaveContacts keeps what is known of people. What is given replaces what was there; "" leaves it.
func (s *Store) SaveContacts(ctx context.Context, contacts []StoredContact) error {
	for start := 0; start < len(contacts); start += chunkRows {
		chunk := contacts[start:min(start+chunkRows, len(contacts))]
		err := s.writeLive(ctx, func(t *tx) error {
			for _, contact := range chunk {
				if err := t.saveContact(contact, replaceContact); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	insertContact = `INSERT INTO contacts (jid, phone, full_name, first_name, push_name, business_name, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (jid) DO UPDATE SET `
	replaceContact = insertContact + `full_name = COALESCE(excluded.full_name, full_name),
		first_name = COALESCE(excluded.first_name, first_name), push_name = COALESCE(excluded.push_name, push_name),
		business_name = COALESCE(excluded.business_name, business_name), updated_at = excluded.updated_at
		WHERE COALESCE(excluded.full_name, full_name) IS NOT full_name
			OR COALESCE(excluded.first_name, first_name) IS NOT first_name
			OR COALESCE(excluded.push_name, push_name) IS NOT push_name
			OR COALESCE(excluded.business_name, business_name) IS NOT business_name`
	fillContact = insertContact + `full_name = COALESCE(full_name, excluded.full_name),
		first_name = COALESCE(first_name, excluded.first_name), push_name = COALESCE(push_name, excluded.push_name),
		business_name = COALESCE(business_name, excluded.business_name), updated_at = excluded.updated_at
		WHERE COALESCE(full_name, excluded.full_name) IS NOT full_name
			OR COALESCE(first_name, excluded.first_name) IS NOT first_name
			OR COALESCE(push_name, excluded.push_name) IS NOT push_name
			OR COALESCE(business_name, excluded.business_name) IS NOT business_name`
)

// maxName bounds a name, in bytes. Nobody's is as long; a longer one is cut, because names are shown with every message.
const maxName = 1000

func nameOrNull(name string) value { return orNull(cut(name, maxName)) }

func (t *tx) saveContact(contact StoredContact, statement string) error {
	bare, err := Bare(contact.JID)
	if err != nil {
		return err
	}
	jid, err := canonicalOf(t.row, bare)
	if err != nil {
		return err
	}
	changed, err := t.count(statement, jid, orNull(phoneOf(jid)), nameOrNull(contact.FullName),
		nameOrNull(contact.FirstName), nameOrNull(contact.PushName), nameOrNull(contact.BusinessName), now())
	if err != nil || changed == 0 {
		return err
	}
	return t.foldContact(jid)
}

// names are everything a person or chat may be called by.
type names struct {
	alias, full, first, push, business, chat sql.NullString
}

const nameColumns = "ct.alias, ct.full_name, ct.first_name, ct.push_name, ct.business_name, ch.name"

func (n *names) columns() []value {
	return []value{&n.alias, &n.full, &n.first, &n.push, &n.business, &n.chat}
}

// shown is the name that is shown: the first that is there of alias, full name, first name, push name, business name, the
// chat's own name, the phone number. A LID without a name is shown whole, so that nobody takes it for a number.
func (n *names) shown(jid string) string {
	for _, name := range []sql.NullString{n.alias, n.full, n.first, n.push, n.business, n.chat} {
		if strings.TrimSpace(name.String) != "" {
			return name.String
		}
	}
	switch serverOf(jid) {
	case serverUser:
		return phoneOf(jid)
	case serverLID:
		return jid
	}
	return userOf(jid)
}

// foldContact writes the text in which names are searched, the shown one first.
func (t *tx) foldContact(jid string) error {
	var n names
	err := t.row("SELECT "+nameColumns+" FROM contacts ct LEFT JOIN chats ch ON ch.jid = ct.jid WHERE ct.jid = ?", jid).
		Scan(n.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	lines := []string{n.shown(jid), n.full.String, n.first.String, n.push.String, n.business.String}
	if serverOf(jid) == serverUser {
		lines = append(lines, userOf(jid))
	}
	return t.run("UPDATE contacts SET folded = ?, phone = ? WHERE jid = ?", foldLines(lines), orNull(phoneOf(jid)), jid)
}

// foldLines puts each folded name between line ends: "\nada\nada lovelace\n".
func foldLines(lines []string) string {
	var out strings.Builder
	out.WriteByte('\n')
	seen := make(map[string]bool, len(lines))
	for _, line := range lines {
		folded := Fold(line)
		if folded == "" || seen[folded] {
			continue
		}
		seen[folded] = true
		out.WriteString(folded)
		out.WriteByte('\n')
	}
	return out.String()
}

// Name gives the name that is shown for a person or chat.
func (s *Store) Name(ctx context.Context, jid string) (name string, err error) {
	err = s.read(ctx, func(q *question) error {
		canonical, err := q.canonical(jid)
		if err != nil {
			return err
		}
		name, err = q.name(canonical)
		return err
	})
	return name, err
}

func (q *question) name(canonical string) (string, error) {
	var n names
	err := q.row(`SELECT `+nameColumns+` FROM (SELECT ? AS jid) p
		LEFT JOIN contacts ct ON ct.jid = p.jid LEFT JOIN chats ch ON ch.jid = p.jid`, canonical).Scan(n.columns()...)
	return n.shown(canonical), err
}

func orNull(text string) value {
	if text == "" {
		return nil
	}
	return text
}

func numberOrNull(number int64) value {
	if number == 0 {
		return nil
	}
	return number
}

func bytesOrNull(bytes []byte) value {
	if len(bytes) == 0 {
		return nil
	}
	return bytes
}

func trueOrNull(truth bool) value {
	if !truth {
		return nil
	}
	return 1
}
