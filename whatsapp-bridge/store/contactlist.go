package store

import (
	"context"
	"strings"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// ContactQuery asks for people. Limit is 1 to 200, 0 means 20.
type ContactQuery struct {
	Query  string
	Limit  int
	Cursor string
}

// ContactPage is a page of people.
type ContactPage struct {
	Contacts   []Contact `json:"contacts"`
	Total      int       `json:"total"`
	NextCursor string    `json:"next_cursor,omitempty"`
}

// Contact is a person in a list, with the names beside the one that is shown.
type Contact struct {
	Person
	PushName     string `json:"push_name,omitempty"`
	BusinessName string `json:"business_name,omitempty"`
	Blocked      bool   `json:"blocked,omitempty"`
}

const (
	// namesHeld is the names of people that hold the query, as (jid, lines): each name between line ends.
	namesHeld = `SELECT jid, folded FROM contacts WHERE instr(folded, ?1) > 0
		UNION ALL SELECT jid, folded FROM chats WHERE kind = '` + ChatDirect + `' AND instr(folded, ?1) > 0`
	// digitsHeld is the same of the digits in numbers and LIDs, also of people who are known without a name.
	digitsHeld = ` UNION ALL SELECT jid, ` + digits + `jid` + digitsEnd + ` FROM contacts WHERE instr(jid, ?1) > 0
		UNION ALL SELECT jid, ` + digits + `jid` + digitsEnd + ` FROM chats WHERE kind = '` + ChatDirect + `' AND instr(jid, ?1) > 0
		UNION ALL SELECT DISTINCT member_jid, ` + digits + `member_jid` + digitsEnd + ` FROM group_members WHERE instr(member_jid, ?1) > 0
		UNION ALL SELECT canonical, ` + digits + `alias` + digitsEnd + ` FROM jid_aliases WHERE instr(alias, ?1) > 0`
	digits    = `char(10) || rtrim(`
	digitsEnd = `, '@.abcdefghijklmnopqrstuvwxyz') || char(10)`

	// fitting ranks people by the best of their lines: 0 the query itself, 1 begins with it, 2 holds it. name is the
	// beginning of the folded name that is shown: a cursor has to stay short, and the JID settles the rest.
	fitting = `, ranked (jid, rank) AS (
			SELECT jid, MIN(CASE WHEN instr(lines, char(10) || ?1 || char(10)) > 0 THEN 0
				WHEN instr(lines, char(10) || ?1) > 0 THEN 1 ELSE 2 END)
			FROM held WHERE substr(jid, instr(jid, '@') + 1) IN ('` + serverUser + `', '` + serverLID + `', '` + serverBot + `')
				AND jid NOT IN (SELECT value FROM meta WHERE name = 'own')
			GROUP BY jid
		), called (jid, rank, lines) AS (
			SELECT r.jid, r.rank, ltrim(COALESCE(ct.folded, NULLIF(ch.folded, ''), r.jid), char(10)) || char(10)
			FROM ranked r LEFT JOIN contacts ct ON ct.jid = r.jid LEFT JOIN chats ch ON ch.jid = r.jid
		), fitting (jid, rank, name) AS MATERIALIZED (
			SELECT jid, rank, substr(lines, 1, min(40, instr(lines, char(10)) - 1)) FROM called
		) SELECT (SELECT COUNT(*) FROM fitting), rank, name, jid FROM fitting WHERE NOT ?2 OR (rank, name, jid) > (?3, ?4, ?5)
		ORDER BY rank, name, jid LIMIT ?6`
)

// SearchContacts finds people by any of their names, by number, JID or LID: first those whose name is the query, then
// those whose name begins with it, then those whose name holds it, each in the order of their names. Nobody fits is an
// empty page.
func (s *Store) SearchContacts(ctx context.Context, query ContactQuery) (page ContactPage, err error) {
	if query.Limit, err = checkLimit(query.Limit, 0, 0); err != nil {
		return page, err
	}
	cursor, err := openCursor(query.Cursor, "contacts", "")
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(q *question) error {
		page, err = q.searchContacts(query, cursor)
		return err
	})
	return page, err
}

func (q *question) searchContacts(query ContactQuery, after cursor) (ContactPage, error) {
	if strings.Contains(query.Query, "@") {
		jid, err := q.canonical(query.Query)
		if err == nil {
			return q.contactOf(jid)
		}
		if fault.CodeOf(err) != fault.InvalidJID {
			return ContactPage{}, err
		}
	}
	page := ContactPage{Contacts: []Contact{}}
	needle := foldName(query.Query)
	if needle == "" {
		return page, nil
	}
	statement := "WITH held (jid, lines) AS (" + namesHeld
	if isDigits(needle) {
		statement += digitsHeld
	}
	var found []cursorData
	err := q.each(statement+")"+fitting, []value{needle, after.set, after.Number, after.Text, after.ID, query.Limit + 1},
		func(row scanner) error {
			at := cursorData{List: "contacts"}
			err := row.Scan(&page.Total, &at.Number, &at.Text, &at.ID)
			found = append(found, at)
			return err
		})
	if err != nil {
		return page, err
	}
	if len(found) > query.Limit {
		found = found[:query.Limit]
		page.NextCursor = sealCursor(found[query.Limit-1])
	}
	for _, at := range found {
		if err := q.addContact(&page, at.ID); err != nil {
			return page, err
		}
	}
	return page, nil
}

// contactOf is the page of one JID: a person who is known, or nobody.
func (q *question) contactOf(canonical string) (ContactPage, error) {
	page := ContactPage{Contacts: []Contact{}}
	own, err := q.own()
	if err != nil || canonical == own || kindOfChat(canonical) != ChatDirect {
		return page, err
	}
	found, err := q.describe(canonical)
	if err != nil || !found.Known {
		return page, err
	}
	page.Total = 1
	return page, q.addContact(&page, canonical)
}

func (q *question) addContact(page *ContactPage, jid string) error {
	profile, err := q.profile(jid)
	if err != nil {
		return err
	}
	page.Contacts = append(page.Contacts, Contact{
		Person: profile.Person, PushName: profile.PushName, BusinessName: profile.BusinessName, Blocked: profile.Blocked,
	})
	return nil
}
