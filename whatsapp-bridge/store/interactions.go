package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// people narrows (jid, folded) rows to persons.
const people = " AND substr(jid, instr(jid, '@') + 1) IN ('" + serverUser + "', '" + serverLID + "', '" + serverBot + "')"

// resolvePerson is resolveKnown for what must be a person.
func (q *question) resolvePerson(text string) (Address, error) {
	found, err := q.person(text)
	if err == nil && !found.Known {
		return Address{}, unknown(found.JID)
	}
	return found, err
}

// person is resolve for what must be a person. A name is looked up among people alone: groups are often called after
// them.
func (q *question) person(text string) (Address, error) {
	found, err := q.resolve(text, everyName+people)
	if fault.CodeOf(err) == fault.ChatNotFound {
		if other, otherErr := q.resolve(text, everyName); otherErr == nil {
			found, err = other, nil
		}
	}
	switch {
	case err != nil:
		return Address{}, err
	case kindOfChat(found.JID) != ChatDirect:
		return Address{}, fault.Argument("contact_jid", "is a "+kindOfChat(found.JID)+"; a person is meant").
			WithResolution("Give a person's JID, number or name; get_chat shows any other chat.")
	}
	return found, nil
}

// ResolvePerson turns what a user typed (a JID, a phone number with country code, or a name) into the address of a
// person, who may be unknown where a well-formed JID or number was typed.
//
// Errors: those of Resolve, INVALID_ARGUMENT for what is no person.
func (s *Store) ResolvePerson(ctx context.Context, text string) (found Address, err error) {
	err = s.read(ctx, func(q *question) error {
		found, err = q.person(text)
		return err
	})
	return found, err
}

// ResolvePhone is ResolvePerson for a phone number alone. INVALID_PHONE_FORMAT for anything else.
func (s *Store) ResolvePhone(ctx context.Context, text string) (Address, error) {
	text = strings.TrimSpace(text)
	if !looksLikePhone(text) {
		return Address{}, fault.New(fault.InvalidPhoneFormat, "")
	}
	number, err := phoneNumber(text)
	if err != nil {
		return Address{}, err
	}
	return s.ResolvePerson(ctx, number+"@"+serverUser)
}

// DirectChat gives the one-to-one chat with a person, with its last message. text is what the user typed.
//
// Errors: those of ResolveChat; INVALID_ARGUMENT for what is no person; CHAT_NOT_FOUND also for a person who is known
// from groups alone.
func (s *Store) DirectChat(ctx context.Context, text string) (found OneChat, err error) {
	err = s.read(ctx, func(q *question) error {
		person, err := q.resolvePerson(text)
		if err != nil {
			return err
		}
		found, err = q.chat(person.JID, true)
		return err
	})
	return found, err
}

// shared is the JIDs of the conversations of a person: ?1 the person's numbers as JSON, ?2 the canonical JID, ?3
// whether it is the account itself, which takes part in all.
const shared = `WITH shared (jid) AS (
		SELECT ?2
		UNION SELECT group_jid FROM group_members WHERE member_jid = ?2
		UNION SELECT j.jid FROM json_each(?1) e CROSS JOIN authors a ON a.sender = e.value CROSS JOIN jids j ON j.key = a.group_key
		UNION SELECT jid FROM chats WHERE ?3
	) `

const sharedTables = ` FROM shared s CROSS JOIN chats ch ON ch.jid = s.jid LEFT JOIN contacts ct ON ct.jid = ch.jid
	WHERE (ch.jid = ?2 OR ch.kind IN ('group', 'community') OR ?3 AND ch.kind = 'direct') AND ` + chatListed

// ContactChats lists the direct chat with a person and the groups of which the person is a member or in which the
// person has written, the most recently active first, each with its last message. text is what the user typed.
//
// Errors: those of ResolveChat, INVALID_ARGUMENT for what is no person.
func (s *Store) ContactChats(ctx context.Context, text string, limit, page int) (found ChatPage, err error) {
	if limit, err = checkLimit(limit, page, 0); err != nil {
		return found, err
	}
	found.Chats = []Chat{}
	err = s.read(ctx, func(q *question) error {
		person, err := q.resolvePerson(text)
		if err != nil {
			return err
		}
		numbers, err := q.keysOf(person.JID)
		if err != nil {
			return err
		}
		own, err := q.own()
		if err != nil {
			return err
		}
		args := []value{jsonKeys(numbers), person.JID, person.JID == own}
		if err := q.row(shared+"SELECT COUNT(*)"+sharedTables, args...).Scan(&found.Total); err != nil {
			return err
		}
		err = q.each(shared+"SELECT "+chatColumns+sharedTables+" ORDER BY ch.last_message_at DESC, ch.jid DESC LIMIT ?4 OFFSET ?5",
			append(args, limit, page*limit), func(row scanner) error {
				c, err := q.scanChat(row)
				found.Chats = append(found.Chats, c)
				return err
			})
		if err != nil {
			return err
		}
		if err := q.addAddresses(found.Chats); err != nil {
			return err
		}
		return q.addLastMessages(found.Chats)
	})
	return found, err
}

func (q *question) own() (string, error) {
	var own string
	err := q.row("SELECT value FROM meta WHERE name = 'own'").Scan(&own)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return own, err
}

// LastInteraction gives the newest message that a person wrote anywhere, or that was written to the person in the
// direct chat. text is what the user typed.
//
// Errors: those of ResolveChat, INVALID_ARGUMENT for what is no person.
func (s *Store) LastInteraction(ctx context.Context, text string) (found LastInteraction, err error) {
	err = s.read(ctx, func(q *question) error {
		person, err := q.resolvePerson(text)
		if err != nil {
			return err
		}
		found = LastInteraction{ContactJID: person.JID, ContactName: person.Name}
		found.Message, err = q.lastWith(person.JID)
		return err
	})
	return found, err
}

// lastWith gives the newest message that a person wrote anywhere, or that was written in the direct chat; nil where
// there is none.
func (q *question) lastWith(canonical string) (*Message, error) {
	numbers, err := q.keysOf(canonical)
	if err != nil || len(numbers) == 0 {
		return nil, err
	}
	newest, err := q.walkChat(numbers[0], edge{}, true, 1)
	if err != nil {
		return nil, err
	}
	written := plan{match: sentBy(numbers), highest: firstKey(maxTimestamp)}
	said, err := q.places(written, true, 0, 1, edge{})
	if err != nil {
		return nil, err
	}
	if len(newest) == 0 || len(said) > 0 && comparePlaces(said[0], newest[0]) > 0 {
		newest = said
	}
	if len(newest) == 0 {
		return nil, nil
	}
	loaded, err := q.messages([]int64{newest[0].key}, true)
	if err != nil {
		return nil, err
	}
	message := loaded[newest[0].key]
	return &message, nil
}
