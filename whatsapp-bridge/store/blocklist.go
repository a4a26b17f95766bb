package store

import "context"

const markBlocked = `INSERT INTO contacts (jid, phone, blocked, updated_at) VALUES (?, ?, ?, ?)
	ON CONFLICT (jid) DO UPDATE SET blocked = excluded.blocked WHERE blocked IS NOT excluded.blocked`

// SetBlocked notes that a person was blocked, or is no longer.
func (s *Store) SetBlocked(ctx context.Context, jid string, blocked bool) error {
	return s.writeLive(ctx, func(t *tx) error {
		_, err := t.setBlocked(jid, blocked)
		return err
	})
}

// ReplaceBlocked takes the whole list of blocked people: whoever is not on it is not blocked.
func (s *Store) ReplaceBlocked(ctx context.Context, jids []string) error {
	return s.writeLive(ctx, func(t *tx) error {
		listed := make(map[string]bool, len(jids))
		for _, jid := range jids {
			canonical, err := t.setBlocked(jid, true)
			if err != nil {
				return err
			}
			listed[canonical] = true
		}
		var gone []string
		err := t.each("SELECT jid FROM contacts WHERE blocked = 1", nil, func(row scanner) error {
			var jid string
			err := row.Scan(&jid)
			if !listed[jid] {
				gone = append(gone, jid)
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, jid := range gone {
			if err := t.run("UPDATE contacts SET blocked = 0 WHERE jid = ?", jid); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) setBlocked(jid string, blocked bool) (canonical string, err error) {
	bare, err := Bare(jid)
	if err != nil {
		return "", err
	}
	if canonical, err = canonicalOf(t.row, bare); err != nil {
		return "", err
	}
	changed, err := t.count(markBlocked, canonical, orNull(phoneOf(canonical)), blocked, now())
	if err != nil || changed == 0 {
		return canonical, err
	}
	return canonical, t.foldContact(canonical)
}
