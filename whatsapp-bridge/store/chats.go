package store

import (
	"context"
	"database/sql"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// SaveChat keeps what is known of a chat. What is given replaces what was there.
func (s *Store) SaveChat(ctx context.Context, chat StoredChat) error {
	return s.writeLive(ctx, func(t *tx) error { return t.saveChat(chat, replaceChat) })
}

// IsStranger says whether a canonical JID is that of a person with whom no message is held.
func (s *Store) IsStranger(ctx context.Context, jid string) (stranger bool, err error) {
	if kindOfChat(jid) != ChatDirect {
		return false, nil
	}
	err = s.read(ctx, func(q *question) error {
		return q.row("SELECT NOT EXISTS (SELECT 1 FROM chats WHERE jid = ? AND last_message_at > 0)", jid).Scan(&stranger)
	})
	return stranger, err
}

const (
	updateChat  = "UPDATE chats SET name = "
	replaceChat = updateChat + `COALESCE(?2, name), community_jid = COALESCE(?3, community_jid),
		archived = COALESCE(?4, archived), pinned = COALESCE(?5, pinned), muted_until = COALESCE(?6, muted_until),
		phone_unread = COALESCE(?7, phone_unread) WHERE jid = ?1`
	fillChat = updateChat + `COALESCE(name, ?2), community_jid = COALESCE(community_jid, ?3),
		archived = COALESCE(archived, ?4), pinned = COALESCE(pinned, ?5), muted_until = COALESCE(muted_until, ?6),
		phone_unread = COALESCE(phone_unread, ?7) WHERE jid = ?1`
)

func (t *tx) saveChat(chat StoredChat, statement string) error {
	if err := checkChat(chat); err != nil {
		return err
	}
	a, err := t.address(chat.JID)
	if err != nil {
		return err
	}
	var community value
	if chat.CommunityJID != "" {
		if community, err = Bare(chat.CommunityJID); err != nil {
			return err
		}
	}
	state, err := t.chat(a)
	if err != nil {
		return err
	}
	err = t.run(statement, a.jid, nameOrNull(chat.Name), community, boolOrNull(chat.Archived), boolOrNull(chat.Pinned),
		intOrNull(chat.MutedUntil), intOrNull(chat.UnreadCount))
	if err != nil {
		return err
	}
	if chat.Kind == ChatCommunity && serverOf(a.jid) == serverGroup {
		if err := t.run("UPDATE chats SET kind = ? WHERE jid = ?", ChatCommunity, a.jid); err != nil {
			return err
		}
	}
	if chat.Name != "" {
		if err := t.foldChat(a.jid); err != nil {
			return err
		}
	}
	return t.saveReadState(state, chat)
}

func (t *tx) saveReadState(state *chatState, chat StoredChat) error {
	if chat.UnreadCount != nil {
		var phoneUnread sql.NullInt64
		if err := t.row("SELECT phone_unread FROM chats WHERE jid = ?", state.jid).Scan(&phoneUnread); err != nil {
			return err
		}
		if phoneUnread.Int64 != state.phoneUnread {
			state.phoneUnread = phoneUnread.Int64
			state.recount, state.rank = true, true
		}
	}
	if chat.LastReadAt == nil || *chat.LastReadAt <= state.lastReadAt {
		return nil
	}
	if err := t.run("UPDATE message_rows SET unread = 0 WHERE chat = ? AND unread > 0 AND key < ?",
		state.key, firstKey(*chat.LastReadAt+1)); err != nil {
		return err
	}
	return t.moveHorizon(state, *chat.LastReadAt)
}

// checkChat refuses what cannot be true of a chat, before anything of it is written.
func checkChat(chat StoredChat) error {
	switch chat.Kind {
	case "", ChatDirect, ChatGroup, ChatCommunity, ChatNewsletter, ChatBroadcast, ChatStatus:
	default:
		return fault.Argument("kind", "no kind of chat")
	}
	if chat.UnreadCount != nil && *chat.UnreadCount < 0 || chat.MutedUntil != nil && *chat.MutedUntil < -1 {
		return fault.Argument("chat", "has a negative number")
	}
	return nil
}

// foldChat writes the text in which the chat's name is searched. A person's chat name is one of the person's names.
func (t *tx) foldChat(jid string) error {
	var name string
	if err := t.row("SELECT COALESCE(name, '') FROM chats WHERE jid = ?", jid).Scan(&name); err != nil {
		return err
	}
	if err := t.run("UPDATE chats SET folded = ? WHERE jid = ?", foldLines([]string{name}), jid); err != nil {
		return err
	}
	return t.foldContact(jid)
}

func boolOrNull(truth *bool) value {
	if truth == nil {
		return nil
	}
	return *truth
}

func intOrNull(number *int64) value {
	if number == nil {
		return nil
	}
	return *number
}
