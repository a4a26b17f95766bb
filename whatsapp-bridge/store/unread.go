package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
)

// chatState is a chat within one transaction. What its messages change is written once, at the end.
type chatState struct {
	address
	lastReadAt  int64
	phoneUnread int64
	lastMessage int64
	known       int64 // last_message_at as it is stored
	recount     bool  // the number of unread messages may have changed
	rank        bool  // which messages the phone's count means may have changed
}

// chat gives the state of a chat and makes the chat where it is new.
func (t *tx) chat(a address) (*chatState, error) {
	if known, ok := t.chats[a.key]; ok {
		return known, nil
	}
	state := &chatState{address: a}
	var lastRead, phoneUnread sql.NullInt64
	err := t.row("SELECT last_read_at, phone_unread, last_message_at FROM chats WHERE jid = ?", a.jid).
		Scan(&lastRead, &phoneUnread, &state.known)
	if errors.Is(err, sql.ErrNoRows) {
		err = t.run("INSERT INTO chats (jid, kind) VALUES (?, ?)", a.jid, kindOfChat(a.jid))
		t.newChats++
	}
	if err != nil {
		return nil, err
	}
	state.lastReadAt, state.phoneUnread = lastRead.Int64, phoneUnread.Int64
	t.chats[a.key] = state
	return state, nil
}

// unreadOf judges a message that comes in.
func (c *chatState) unreadOf(m *StoredMessage, source int) int {
	switch {
	case m.FromMe || m.RevokedAt != 0 || m.Kind == KindRevoked:
		return unreadNo
	case source != sourceLive && m.Read != nil && *m.Read:
		return unreadNever
	case m.Timestamp <= c.lastReadAt:
		return unreadNo
	case source == sourceLive:
		return unreadLive
	case m.Read != nil:
		return unreadSaid
	}
	return unreadNo
}

func (c *chatState) touch(timestamp int64, source int, inbound bool) {
	c.lastMessage = max(c.lastMessage, timestamp)
	c.recount = c.recount || inbound
	c.rank = c.rank || inbound && source != sourceLive && c.phoneUnread > 0
}

// recount has a chat counted again at the end of the transaction.
func (t *tx) recount(key int64) error {
	jid, err := t.jidOf(key)
	if err != nil {
		return err
	}
	known, err := t.exists("SELECT 1 FROM chats WHERE jid = ?", jid)
	if err != nil || !known {
		return err
	}
	state, err := t.chat(address{key, jid})
	if err == nil {
		state.recount = true
	}
	return err
}

// finish writes what the transaction gathered. The search index comes last, see index.
func (t *tx) finish() error {
	if err := t.settleChats(); err != nil {
		return err
	}
	return t.writeIndex()
}

func (t *tx) settleChats() error {
	for key, state := range t.chats {
		if err := t.settleChat(state); err != nil {
			return err
		}
		delete(t.chats, key)
	}
	return nil
}

func (t *tx) settleChat(c *chatState) error {
	if c.lastMessage > c.known {
		if err := t.run("UPDATE chats SET last_message_at = MAX(last_message_at, ?) WHERE jid = ?", c.lastMessage, c.jid); err != nil {
			return err
		}
	}
	if !c.recount && !c.rank {
		return nil
	}
	beyond := int64(0)
	if c.phoneUnread > 0 && (c.rank || c.lastReadAt == 0) {
		held, err := t.spreadPhoneCount(c)
		if err != nil {
			return err
		}
		if c.lastReadAt == 0 {
			beyond = c.phoneUnread - held
		}
	}
	// unread_count is what is held and unread, and what the phone counted beyond that.
	return t.run(`UPDATE chats SET unread_count = n FROM (
			SELECT ?2 + (SELECT COUNT(*) FROM message_rows WHERE chat = ?1 AND unread > 0) AS n
		) WHERE jid = ?3 AND unread_count <> n`, c.key, beyond, c.jid)
}

const maxPhoneCount = 10_000

// spreadPhoneCount finds the messages that the phone's count of unread ones means: the newest of those that history
// knows. It gives how many of them are held.
func (t *tx) spreadPhoneCount(c *chatState) (int64, error) {
	limit := min(c.phoneUnread, maxPhoneCount)
	type row struct {
		key              int64
		unread, source   int
		readAt, revokeAt int64
	}
	rows := make(map[int64]row)
	newest, err := inOrder(true, 0, int(limit), edge{}, func(yield func(place) error) error {
		return t.each(`SELECT key, id, unread, source, COALESCE(read_at, 0), COALESCE(revoked_at, 0) FROM message_rows
			WHERE chat = ? AND from_me = 0 AND source & 6 AND unread <> -1 ORDER BY key DESC`, []value{c.key},
			func(s scanner) error {
				var r row
				var id string
				if err := s.Scan(&r.key, &id, &r.unread, &r.source, &r.readAt, &r.revokeAt); err != nil {
					return err
				}
				rows[r.key] = r
				return yield(place{r.key, id})
			})
	})
	if err != nil {
		return 0, err
	}
	counted := make(map[int64]bool, len(newest))
	for _, p := range newest {
		r := rows[p.key]
		if r.source&sourceLive != 0 || r.readAt != 0 || r.revokeAt != 0 || secondOf(p.key) <= c.lastReadAt {
			continue
		}
		counted[p.key] = true
		if r.unread == unreadNo {
			if err := t.run("UPDATE message_rows SET unread = 2 WHERE key = ?", p.key); err != nil {
				return 0, err
			}
		}
	}
	var fallen []int64
	err = t.each("SELECT key FROM message_rows WHERE chat = ? AND unread > 0 AND unread = 2", []value{c.key}, func(s scanner) error {
		var key int64
		err := s.Scan(&key)
		if !counted[key] {
			fallen = append(fallen, key)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, key := range fallen {
		if err := t.run("UPDATE message_rows SET unread = 0 WHERE key = ?", key); err != nil {
			return 0, err
		}
	}
	return int64(len(newest)), nil
}

// MarkRead marks everything in a chat up to and with upTo (seconds) as read, also what comes later from that time. at
// is when it happened; a horizon behind it counts as at. It gives the number of messages that were unread.
func (s *Store) MarkRead(ctx context.Context, chat string, upTo, at int64) (marked int, err error) {
	upTo = min(upTo, at)
	err = s.writeLive(ctx, func(t *tx) error {
		a, err := t.address(chat)
		if err != nil {
			return err
		}
		state, err := t.chat(a)
		if err != nil {
			return err
		}
		count, err := t.count("UPDATE message_rows SET unread = 0 WHERE chat = ? AND unread > 0 AND key < ?", a.key, firstKey(upTo+1))
		if err != nil {
			return err
		}
		marked = int(count)
		if err := t.run(`DELETE FROM pending WHERE chat = ?1 AND kind = ?2 AND message_id NOT IN
			(SELECT id FROM message_rows WHERE chat = ?1 AND unread > 0)`, a.key, waitingTold); err != nil {
			return err
		}
		return t.moveHorizon(state, upTo)
	})
	return marked, err
}

func (t *tx) moveHorizon(state *chatState, upTo int64) error {
	if upTo > state.lastReadAt {
		if err := t.run("UPDATE chats SET last_read_at = ? WHERE jid = ?", upTo, state.jid); err != nil {
			return err
		}
		state.lastReadAt = upTo
	}
	state.recount = true
	state.rank = state.rank || state.phoneUnread > 0
	return nil
}

// MarkMessagesRead marks messages as read, also such as have not come yet. It gives the number that were unread.
func (s *Store) MarkMessagesRead(ctx context.Context, chat string, ids []string, at int64) (marked int, err error) {
	err = s.writeLive(ctx, func(t *tx) error {
		a, err := t.address(chat)
		if err != nil {
			return err
		}
		marked = 0
		for _, id := range ids {
			known, err := t.find(a.key, id)
			if err != nil {
				return err
			}
			if known != nil && known.unread > 0 {
				marked++
			}
			if err := t.wait(a.key, id, waitingRead, a.key, at); err != nil {
				return err
			}
		}
		return nil
	})
	return marked, err
}

func (t *tx) applyRead(m *message, at int64) error {
	if m.fromMe {
		return nil
	}
	if err := t.run("UPDATE message_rows SET read_at = MIN(COALESCE(read_at, ?1), ?1), unread = MIN(unread, 0) WHERE key = ?2",
		at, m.key); err != nil {
		return err
	}
	if err := t.run("DELETE FROM pending WHERE chat = ? AND message_id = ? AND kind = ?", m.chat, m.id, waitingTold); err != nil {
		return err
	}
	return t.recount(m.chat)
}

// Unread gives the unread messages of a chat that are held, oldest first.
func (s *Store) Unread(ctx context.Context, chat string) (unread []UnreadMessage, err error) {
	err = s.read(ctx, func(q *question) error {
		canonical, err := q.canonical(chat)
		if err != nil {
			return err
		}
		keys, err := q.keysOf(canonical)
		if err != nil || len(keys) == 0 {
			return err
		}
		places, err := inOrder(false, 0, math.MaxInt, edge{}, func(yield func(place) error) error {
			return q.eachPlace("SELECT key, id FROM message_rows WHERE chat = ? AND unread > 0 ORDER BY key", []value{keys[0]}, yield)
		})
		if err != nil {
			return err
		}
		for _, p := range places {
			var sender string
			err := q.row(`SELECT COALESCE(a.canonical, j.jid) FROM message_rows m JOIN jids j ON j.key = m.sender
				LEFT JOIN jid_aliases a ON a.alias = j.jid WHERE m.key = ?`, p.key).Scan(&sender)
			if err != nil {
				return err
			}
			unread = append(unread, UnreadMessage{ID: p.id, SenderJID: sender, Timestamp: secondOf(p.key)})
		}
		return nil
	})
	return unread, err
}
