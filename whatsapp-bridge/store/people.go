package store

import (
	"context"
	"database/sql"
	"errors"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// Person is somebody as lists name them: JID is the canonical one, LID and Phone are "" where they are not known.
type Person struct {
	JID   string `json:"jid"`
	LID   string `json:"lid,omitempty"`
	Phone string `json:"phone,omitempty"`
	Name  string `json:"name"`
}

// Profile is everything that the store knows of a person.
type Profile struct {
	Person
	Alias, FullName, FirstName, PushName, BusinessName, About string
	Blocked                                                   bool
}

// Acquaintance is a Profile with what messages.db holds of the person beside it. SharedGroups counts the groups that the
// account is in too; LastMessage is what LastInteraction gives.
type Acquaintance struct {
	Profile
	SharedGroups int
	LastMessage  *Message
}

// People names people by JIDs in any form, in their order.
func (s *Store) People(ctx context.Context, jids []string) (people []Person, err error) {
	err = s.read(ctx, func(q *question) error {
		people = make([]Person, 0, len(jids))
		for _, jid := range jids {
			found, err := q.named(jid)
			if err != nil {
				return err
			}
			people = append(people, found)
		}
		return nil
	})
	return people, err
}

func (q *question) named(jid string) (Person, error) {
	canonical, err := q.canonical(jid)
	if err != nil {
		return Person{}, err
	}
	all, err := q.aliases(canonical)
	if err != nil {
		return Person{}, err
	}
	own, err := q.own()
	if err != nil {
		return Person{}, err
	}
	found := Person{JID: canonical, LID: firstLID(all), Phone: phoneOf(canonical), Name: ownName}
	if canonical != own {
		found.Name, err = q.name(canonical)
	}
	return found, err
}

// Profile gives what is known of a person by a JID in any form.
func (s *Store) Profile(ctx context.Context, jid string) (found Profile, err error) {
	err = s.read(ctx, func(q *question) error {
		found, err = q.profile(jid)
		return err
	})
	return found, err
}

func (q *question) profile(jid string) (found Profile, err error) {
	if found.Person, err = q.named(jid); err != nil {
		return found, err
	}
	err = q.row(`SELECT COALESCE(alias, ''), COALESCE(full_name, ''), COALESCE(first_name, ''), COALESCE(push_name, ''),
			COALESCE(business_name, ''), COALESCE(about, ''), COALESCE(blocked, 0) FROM contacts WHERE jid = ?`, found.JID).
		Scan(&found.Alias, &found.FullName, &found.FirstName, &found.PushName, &found.BusinessName, &found.About, &found.Blocked)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return found, err
}

// Acquaintance gives everything that is held of a person. text is what the user typed.
//
// Errors: those of ResolveContact.
func (s *Store) Acquaintance(ctx context.Context, text string) (found Acquaintance, err error) {
	err = s.read(ctx, func(q *question) error {
		person, err := q.contact(text)
		if err != nil {
			return err
		}
		if found.Profile, err = q.profile(person.JID); err != nil {
			return err
		}
		if found.LastMessage, err = q.lastWith(person.JID); err != nil {
			return err
		}
		return q.row(`SELECT COUNT(*) FROM group_members m CROSS JOIN chats ch ON ch.jid = m.group_jid
			WHERE m.member_jid = ? AND ch.kind = 'group' AND ch.joined IS NOT 0`, person.JID).Scan(&found.SharedGroups)
	})
	return found, err
}

// ResolveContact turns what a user typed into the address of a person who is known.
//
// Errors: those of ResolvePerson, but CONTACT_NOT_FOUND for whoever is not known.
func (s *Store) ResolveContact(ctx context.Context, text string) (found Address, err error) {
	err = s.read(ctx, func(q *question) error {
		found, err = q.contact(text)
		return err
	})
	return found, err
}

func (q *question) contact(text string) (Address, error) {
	found, err := q.resolvePerson(text)
	if fault.CodeOf(err) == fault.ChatNotFound {
		err = fault.New(fault.ContactNotFound, fault.From(err).Message).
			WithResolution("Find the person with search_contacts; check_is_on_whatsapp looks up a new number.")
	}
	return found, err
}

// SaveAbout keeps the text that a person shows; "" is a person without one.
func (s *Store) SaveAbout(ctx context.Context, jid, about string) error {
	bare, err := Bare(jid)
	if err != nil {
		return err
	}
	return s.writeLive(ctx, func(t *tx) error {
		canonical, err := canonicalOf(t.row, bare)
		if err != nil {
			return err
		}
		changed, err := t.count(`INSERT INTO contacts (jid, phone, about, updated_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (jid) DO UPDATE SET about = excluded.about, updated_at = excluded.updated_at
			WHERE about IS NOT excluded.about`, canonical, orNull(phoneOf(canonical)), orNull(about), now())
		if err != nil || changed == 0 {
			return err
		}
		return t.foldContact(canonical)
	})
}
