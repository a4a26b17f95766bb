package store

import (
	"context"
	"database/sql"
	"errors"
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
	FullName, PushName, BusinessName, About string
	Blocked                                 bool
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
		if found.Person, err = q.named(jid); err != nil {
			return err
		}
		err = q.row(`SELECT COALESCE(full_name, ''), COALESCE(push_name, ''), COALESCE(business_name, ''),
				COALESCE(about, ''), COALESCE(blocked, 0) FROM contacts WHERE jid = ?`, found.JID).
			Scan(&found.FullName, &found.PushName, &found.BusinessName, &found.About, &found.Blocked)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return err
	})
	return found, err
}
