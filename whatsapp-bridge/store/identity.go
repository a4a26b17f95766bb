package store

import (
	"context"
	"database/sql"
	"errors"
)

// address is a JID as rows refer to it.
type address struct {
	key int64
	jid string // canonical
}

// keyCache remembers addresses by the bare JID that was asked for. The writer alone uses it.
type keyCache struct {
	known   map[string]address
	authors map[authorship]bool
}

const keyCacheSize = 50_000

func newKeyCache() *keyCache { return &keyCache{make(map[string]address), make(map[authorship]bool)} }

func (k *keyCache) clear() {
	clear(k.known)
	clear(k.authors)
}

func (k *keyCache) put(jid string, a address) {
	if len(k.known) >= keyCacheSize {
		k.clear()
	}
	k.known[jid] = a
}

func (k *keyCache) putAuthor(pair authorship) {
	if len(k.authors) >= keyCacheSize {
		k.clear()
	}
	k.authors[pair] = true
}

// address gives the number of a JID in any form, and makes one where it is new.
func (t *tx) address(jid string) (address, error) {
	bare, err := Bare(jid)
	if err != nil {
		return address{}, err
	}
	if known, ok := t.keys.known[bare]; ok {
		return known, nil
	}
	canonical, err := canonicalOf(t.row, bare)
	if err != nil {
		return address{}, err
	}
	a := address{jid: canonical}
	err = t.row("SELECT key FROM jids WHERE jid = ?", canonical).Scan(&a.key)
	if errors.Is(err, sql.ErrNoRows) {
		var result sql.Result
		if result, err = t.exec("INSERT INTO jids (jid) VALUES (?)", canonical); err == nil {
			a.key, err = result.LastInsertId()
		}
	}
	if err != nil {
		return address{}, err
	}
	t.keys.put(bare, a)
	return a, nil
}

// canonicalOf looks a bare JID up in the aliases.
func canonicalOf(row func(string, ...value) scanner, bare string) (string, error) {
	canonical := bare
	err := row("SELECT canonical FROM jid_aliases WHERE alias = ?", bare).Scan(&canonical)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return canonical, err
}

// canonical is the form under which every question asks: without device, the phone-number JID where it is known.
func (q *question) canonical(jid string) (string, error) {
	bare, err := Bare(jid)
	if err != nil {
		return "", err
	}
	return canonicalOf(q.row, bare)
}

// aliases gives every JID of a canonical one, itself first.
func (q *question) aliases(canonical string) ([]string, error) {
	all := []string{canonical}
	err := q.each("SELECT alias FROM jid_aliases WHERE canonical = ? ORDER BY alias", []value{canonical}, func(row scanner) error {
		var alias string
		err := row.Scan(&alias)
		all = append(all, alias)
		return err
	})
	return all, err
}

// keysOf gives the numbers of all JIDs of a canonical one, the number of the canonical one first. Rows of a person
// may carry any of them as sender; a chat has the first alone.
func (q *question) keysOf(canonical string) ([]int64, error) {
	all, err := q.aliases(canonical)
	if err != nil {
		return nil, err
	}
	var keys []int64
	for _, jid := range all {
		var key int64
		switch err := q.row("SELECT key FROM jids WHERE jid = ?", jid).Scan(&key); {
		case err == nil:
			keys = append(keys, key)
		case !errors.Is(err, sql.ErrNoRows):
			return nil, err
		}
	}
	return keys, nil
}

// Canonical gives the JID under which a person or chat is kept: without device, the phone-number JID where it is
// known. INVALID_JID for what is no JID.
func (s *Store) Canonical(ctx context.Context, jid string) (canonical string, err error) {
	err = s.read(ctx, func(q *question) error {
		canonical, err = q.canonical(jid)
		return err
	})
	return canonical, err
}

// IsOneOf tells whether a canonical JID is one of those in a list, in whatever form each stands there. INVALID_JID for a
// list that holds something else.
func (s *Store) IsOneOf(ctx context.Context, jid string, list []string) (found bool, err error) {
	err = s.read(ctx, func(q *question) error {
		for _, listed := range list {
			canonical, err := q.canonical(listed)
			if err != nil {
				return err
			}
			found = found || canonical == jid
		}
		return nil
	})
	return found, err
}

// Aliases gives every JID that is the same person or chat, the canonical one first.
func (s *Store) Aliases(ctx context.Context, jid string) (all []string, err error) {
	err = s.read(ctx, func(q *question) error {
		canonical, err := q.canonical(jid)
		if err != nil {
			return err
		}
		all, err = q.aliases(canonical)
		return err
	})
	return all, err
}

// LID gives the LID of a person, "" when it is not known.
func (s *Store) LID(ctx context.Context, jid string) (string, error) {
	all, err := s.Aliases(ctx, jid)
	if err != nil {
		return "", err
	}
	return firstLID(all), nil
}

func firstLID(all []string) string {
	for _, jid := range all {
		if serverOf(jid) == serverLID {
			return jid
		}
	}
	return ""
}
