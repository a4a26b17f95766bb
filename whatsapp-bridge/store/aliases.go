package store

import (
	"context"
	"database/sql"
	"errors"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// LearnAlias says that a LID and a phone number are one person. What is known of both becomes one in the same
// transaction: chats, messages, contacts, reactions, read state and checkpoints. A LID that had another number before
// keeps what was written under it there, and speaks under the new one from now on.
func (s *Store) LearnAlias(ctx context.Context, lid, pn string) error {
	return s.LearnAliases(ctx, []StoredAlias{{Alias: lid, Canonical: pn}})
}

// LearnAliases is LearnAlias for many. Pairs that are no LID with a phone number are INVALID_JID, and nothing is
// learnt then.
func (s *Store) LearnAliases(ctx context.Context, pairs []StoredAlias) error {
	for start := 0; start < len(pairs); start += chunkRows {
		chunk := pairs[start:min(start+chunkRows, len(pairs))]
		if err := s.writeLive(ctx, func(t *tx) error { return t.learnAll(chunk) }); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) learnAll(pairs []StoredAlias) error {
	for _, pair := range pairs {
		lid, pn, err := aliasPair(pair)
		if err != nil {
			return err
		}
		if err := t.learn(lid, pn, true); err != nil {
			return err
		}
	}
	return nil
}

// SetOwn names the account: its rows under LID and phone number become one.
func (s *Store) SetOwn(ctx context.Context, jid, lid string) error {
	bare, err := Bare(jid)
	if err != nil {
		return err
	}
	return s.writeLive(ctx, func(t *tx) error {
		if err := t.run("INSERT INTO meta (name, value) VALUES ('own', ?1) ON CONFLICT DO UPDATE SET value = ?1", bare); err != nil {
			return err
		}
		if lid == "" {
			return nil
		}
		return t.learnAll([]StoredAlias{{Alias: lid, Canonical: jid}})
	})
}

// aliasPair brings a pair into the order LID, phone number.
func aliasPair(pair StoredAlias) (lid, pn string, err error) {
	if lid, err = Bare(pair.Alias); err != nil {
		return "", "", err
	}
	if pn, err = Bare(pair.Canonical); err != nil {
		return "", "", err
	}
	if serverOf(lid) == serverUser {
		lid, pn = pn, lid
	}
	if serverOf(lid) != serverLID || serverOf(pn) != serverUser {
		return "", "", fault.New(fault.InvalidJID, "an alias is a LID with a phone number")
	}
	return lid, pn, nil
}

// learn writes an alias and makes the two one. A live alias replaces an older one of the LID; history never does.
func (t *tx) learn(lid, pn string, live bool) error {
	var known string
	err := t.row("SELECT canonical FROM jid_aliases WHERE alias = ?", lid).Scan(&known)
	switch {
	case err == nil && (known == pn || !live):
		return nil
	case err == nil:
		t.keys.clear()
		return t.run("UPDATE jid_aliases SET canonical = ? WHERE alias = ?", pn, lid)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	// Chats that this transaction has touched are written first, because the merge reads them.
	if err := t.settleChats(); err != nil {
		return err
	}
	t.keys.clear()
	if err := t.run("INSERT INTO jid_aliases (alias, canonical) VALUES (?, ?)", lid, pn); err != nil {
		return err
	}
	return t.unite(lid, pn)
}

// unite makes the rows of a LID rows of a phone number.
func (t *tx) unite(lid, pn string) error {
	if err := t.uniteTexts(lid, pn); err != nil {
		return err
	}
	from, err := t.keyOf(lid)
	if err != nil || from == 0 {
		return err
	}
	into, err := t.keyOf(pn)
	if err != nil {
		return err
	}
	if into == 0 {
		if err := t.run("UPDATE jids SET jid = ? WHERE key = ?", pn, from); err != nil {
			return err
		}
		return t.resettle(from, pn)
	}
	// The larger chat keeps its number, and the smaller one moves.
	bigger, err := t.exists(`SELECT 1 WHERE (SELECT COUNT(*) FROM message_rows WHERE chat = ?) >
		(SELECT COUNT(*) FROM message_rows WHERE chat = ?)`, from, into)
	if err != nil {
		return err
	}
	if bigger {
		if err := t.swapNames(from, into, lid, pn); err != nil {
			return err
		}
		from, into = into, from
	}
	if err := t.moveChat(from, into); err != nil {
		return err
	}
	return t.resettle(into, pn)
}

// resettle counts a chat that became one with another again.
func (t *tx) resettle(key int64, jid string) error {
	known, err := t.exists("SELECT 1 FROM chats WHERE jid = ?", jid)
	if err != nil || !known {
		return err
	}
	state, err := t.chat(address{key, jid})
	if err != nil {
		return err
	}
	if err := t.run("UPDATE message_rows SET unread = 0 WHERE chat = ? AND unread > 0 AND key < ?",
		key, firstKey(state.lastReadAt+1)); err != nil {
		return err
	}
	state.recount, state.rank = true, true
	return t.settleChats()
}

func (t *tx) keyOf(jid string) (int64, error) {
	var key int64
	err := t.row("SELECT key FROM jids WHERE jid = ?", jid).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return key, err
}

func (t *tx) swapNames(lidKey, pnKey int64, lid, pn string) error {
	for _, step := range []struct {
		jid string
		key int64
	}{{"", pnKey}, {pn, lidKey}, {lid, pnKey}} {
		if err := t.run("UPDATE jids SET jid = ? WHERE key = ?", step.jid, step.key); err != nil {
			return err
		}
	}
	return nil
}

// uniteTexts joins the rows that name a person by text. Where both had a row, the phone number's wins and its NULLs
// are filled.
func (t *tx) uniteTexts(lid, pn string) error {
	steps := []string{
		`INSERT INTO chats (jid, kind, name, folded, archived, pinned, muted_until, phone_unread, last_message_at, last_read_at)
			SELECT ?2, kind, name, folded, archived, pinned, muted_until, phone_unread, last_message_at, last_read_at
			FROM chats WHERE jid = ?1
			ON CONFLICT DO UPDATE SET
				folded = CASE WHEN name IS NULL THEN excluded.folded ELSE folded END,
				name = COALESCE(name, excluded.name),
				archived = COALESCE(archived, excluded.archived),
				pinned = COALESCE(pinned, excluded.pinned),
				muted_until = COALESCE(muted_until, excluded.muted_until),
				phone_unread = CASE WHEN phone_unread IS NULL THEN excluded.phone_unread
					ELSE MAX(phone_unread, COALESCE(excluded.phone_unread, 0)) END,
				last_message_at = MAX(last_message_at, excluded.last_message_at),
				last_read_at = CASE WHEN last_read_at IS NULL THEN excluded.last_read_at
					ELSE MAX(last_read_at, COALESCE(excluded.last_read_at, 0)) END`,
		`INSERT INTO contacts (jid, alias, full_name, first_name, push_name, business_name, about, blocked, updated_at)
			SELECT ?2, alias, full_name, first_name, push_name, business_name, about, blocked, updated_at
			FROM contacts WHERE jid = ?1
			ON CONFLICT DO UPDATE SET
				alias = COALESCE(alias, excluded.alias),
				full_name = COALESCE(full_name, excluded.full_name),
				first_name = COALESCE(first_name, excluded.first_name),
				push_name = COALESCE(push_name, excluded.push_name),
				business_name = COALESCE(business_name, excluded.business_name),
				about = COALESCE(about, excluded.about),
				blocked = COALESCE(blocked, excluded.blocked),
				updated_at = MAX(updated_at, excluded.updated_at)`,
		`INSERT INTO group_members (group_jid, member_jid, role)
			SELECT group_jid, ?2, role FROM group_members WHERE member_jid = ?1
			ON CONFLICT DO UPDATE SET role = CASE WHEN role = 'member' THEN excluded.role ELSE MAX(role, excluded.role) END`,
		`INSERT INTO sync_checkpoints (chat_jid, oldest_id, oldest_timestamp, oldest_sender_jid, messages_synced, state,
				exhausted, error, updated_at)
			SELECT ?2, oldest_id, oldest_timestamp, oldest_sender_jid, messages_synced, state, exhausted, error, updated_at
			FROM sync_checkpoints WHERE chat_jid = ?1
			ON CONFLICT DO UPDATE SET oldest_id = excluded.oldest_id, oldest_timestamp = excluded.oldest_timestamp,
				oldest_sender_jid = excluded.oldest_sender_jid, state = excluded.state, exhausted = excluded.exhausted,
				error = excluded.error, messages_synced = MAX(messages_synced, excluded.messages_synced),
				updated_at = MAX(updated_at, excluded.updated_at)
			WHERE excluded.oldest_timestamp < COALESCE(oldest_timestamp, 9223372036854775807)`,
	}
	var chats int64
	if err := t.row("SELECT COUNT(*) FROM chats WHERE jid IN (?, ?)", lid, pn).Scan(&chats); err != nil {
		return err
	}
	if chats == 2 {
		t.newChats--
	}
	for _, step := range steps {
		if err := t.run(step, lid, pn); err != nil {
			return err
		}
	}
	for _, step := range []string{
		"DELETE FROM chats WHERE jid = ?",
		"DELETE FROM contacts WHERE jid = ?",
		"DELETE FROM group_members WHERE member_jid = ?",
		"DELETE FROM sync_checkpoints WHERE chat_jid = ?",
	} {
		if err := t.run(step, lid); err != nil {
			return err
		}
	}
	for _, table := range []string{"sends", "history_jobs"} {
		if err := t.run("UPDATE "+table+" SET chat_jid = ?2 WHERE chat_jid = ?1", lid, pn); err != nil {
			return err
		}
	}
	return t.foldContact(pn)
}
