package store

import (
	"context"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// SaveGroups keeps groups and communities as the server describes them. Given members replace the known ones.
func (s *Store) SaveGroups(ctx context.Context, groups []Group) error {
	for _, group := range groups {
		if err := s.writeLive(ctx, func(t *tx) error { return t.saveGroup(group) }); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) saveGroup(group Group) error {
	chat := StoredChat{JID: group.JID, Name: group.Name, CommunityJID: group.CommunityJID}
	if group.Community {
		chat.Kind = ChatCommunity
	}
	jid, err := Bare(group.JID)
	if err != nil {
		return err
	}
	if serverOf(jid) != serverGroup {
		return fault.New(fault.InvalidJID, "no group: "+jid)
	}
	if err := t.saveChat(chat, replaceChat); err != nil {
		return err
	}
	if err := t.run("UPDATE chats SET announcement = ?, joined = ? WHERE jid = ?", group.Announcement, group.Joined, jid); err != nil {
		return err
	}
	if group.Members == nil {
		return nil
	}
	if err := t.run("DELETE FROM group_members WHERE group_jid = ?", jid); err != nil {
		return err
	}
	return t.setMembers(jid, group.Members)
}

// ChangeMembers adds members or changes their roles, and removes others.
func (s *Store) ChangeMembers(ctx context.Context, group string, set []Member, remove []string) error {
	jid, err := Bare(group)
	if err != nil {
		return err
	}
	return s.writeLive(ctx, func(t *tx) error {
		if err := t.setMembers(jid, set); err != nil {
			return err
		}
		for _, member := range remove {
			bare, err := Bare(member)
			if err != nil {
				return err
			}
			canonical, err := canonicalOf(t.row, bare)
			if err != nil {
				return err
			}
			if err := t.run("DELETE FROM group_members WHERE group_jid = ? AND member_jid = ?", jid, canonical); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) setMembers(group string, members []Member) error {
	for _, member := range members {
		bare, err := Bare(member.JID)
		if err != nil {
			return err
		}
		canonical, err := canonicalOf(t.row, bare)
		if err != nil {
			return err
		}
		role := member.Role
		if role != RoleAdmin && role != RoleSuperAdmin {
			role = RoleMember
		}
		if err := t.run("INSERT OR REPLACE INTO group_members (group_jid, member_jid, role) VALUES (?, ?, ?)",
			group, canonical, role); err != nil {
			return err
		}
	}
	return nil
}

// Members gives the known members of a group, by JID.
func (s *Store) Members(ctx context.Context, group string) (members []Member, err error) {
	jid, err := Bare(group)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(q *question) error {
		return q.each("SELECT member_jid, role FROM group_members WHERE group_jid = ? ORDER BY member_jid", []value{jid},
			func(row scanner) error {
				var m Member
				err := row.Scan(&m.JID, &m.Role)
				members = append(members, m)
				return err
			})
	})
	return members, err
}
