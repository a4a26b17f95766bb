package store

import (
	"context"
	"database/sql"
	"errors"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// ListCommunities lists the communities by name, each with the number of its groups that the account has joined.
// A query finds those whose name holds it.
func (s *Store) ListCommunities(ctx context.Context, query string, limit, page int) (found CommunityPage, err error) {
	if limit, err = checkLimit(limit, page, 0); err != nil {
		return found, err
	}
	found.Communities = []Community{}
	err = s.read(ctx, func(q *question) error {
		where, args := "ch.kind = 'community'", []value{}
		if query != "" {
			where += " AND instr(ch.folded, ?) > 0"
			args = append(args, Fold(query))
		}
		if err := q.row("SELECT COUNT(*) FROM chats ch WHERE "+where, args...).Scan(&found.Total); err != nil {
			return err
		}
		return q.each(`SELECT ch.jid, ch.name, COUNT(g.jid) FILTER (WHERE g.joined IS NOT 0), COALESCE(SUM(g.unread_count), 0)
			FROM chats ch LEFT JOIN chats g ON g.community_jid = ch.jid
			WHERE `+where+" GROUP BY ch.jid ORDER BY ch.folded, ch.jid LIMIT ? OFFSET ?",
			append(args, limit, page*limit), func(row scanner) error {
				var c Community
				var name sql.NullString
				err := row.Scan(&c.JID, &name, &c.Groups, &c.UnreadCount)
				n := names{chat: name}
				c.Name = n.shown(c.JID)
				found.Communities = append(found.Communities, c)
				return err
			})
	})
	return found, err
}

// ResolveCommunity turns what a user typed (a JID or a name) into a community. COMMUNITY_NOT_FOUND, or
// AMBIGUOUS_RECIPIENT with the candidates.
func (s *Store) ResolveCommunity(ctx context.Context, text string) (found CommunityName, err error) {
	err = s.read(ctx, func(q *question) error {
		found, err = q.community(text)
		return err
	})
	return found, err
}

func (q *question) community(text string) (CommunityName, error) {
	missing := fault.New(fault.CommunityNotFound, "no community is "+cut(text, 100))
	jid, err := q.canonical(text)
	if err != nil {
		jid, err = q.communityByName(text, missing)
	}
	if err != nil {
		return CommunityName{}, err
	}
	var n names
	err = q.row("SELECT name FROM chats WHERE jid = ? AND kind = 'community'", jid).Scan(&n.chat)
	if errors.Is(err, sql.ErrNoRows) {
		return CommunityName{}, missing
	}
	return CommunityName{JID: jid, Name: n.shown(jid)}, err
}

// communityByName looks among the communities alone: a group often carries its community's name.
func (q *question) communityByName(text string, missing error) (string, error) {
	return q.pickByName(text, "SELECT jid, folded FROM chats WHERE kind = 'community' AND instr(folded, ?) > 0", missing)
}

// CommunityGroups lists a community's groups, the announcement group first, then by name. community is a JID.
// COMMUNITY_NOT_FOUND.
func (s *Store) CommunityGroups(ctx context.Context, community string, limit, page int) (found CommunityGroupPage, err error) {
	if limit, err = checkLimit(limit, page, 0); err != nil {
		return found, err
	}
	found.Groups = []CommunityGroup{}
	err = s.read(ctx, func(q *question) error {
		if found.Community, err = q.community(community); err != nil {
			return err
		}
		jid := found.Community.JID
		if err := q.row("SELECT COUNT(*) FROM chats WHERE community_jid = ?", jid).Scan(&found.Total); err != nil {
			return err
		}
		return q.each(`SELECT ch.jid, ch.name, ch.joined IS NOT 0, COALESCE(ch.announcement, 0), ch.unread_count,
				(SELECT COUNT(*) FROM message_rows WHERE chat = j.key),
				COALESCE((SELECT key >> 16 FROM message_rows INDEXED BY message_rows_chat WHERE chat = j.key ORDER BY key LIMIT 1), 0),
				ch.last_message_at
			FROM chats ch LEFT JOIN jids j ON j.jid = ch.jid
			WHERE ch.community_jid = ? ORDER BY COALESCE(ch.announcement, 0) DESC, ch.folded, ch.jid LIMIT ? OFFSET ?`,
			[]value{jid, limit, page * limit}, func(row scanner) error {
				var g CommunityGroup
				var n names
				err := row.Scan(&g.JID, &n.chat, &g.Joined, &g.Announcement, &g.UnreadCount, &g.Messages, &g.OldestMessageAt, &g.LastMessageAt)
				g.Name = n.shown(g.JID)
				found.Groups = append(found.Groups, g)
				return err
			})
	})
	return found, err
}
