package world

import (
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// Ends of a chat's history, as its last chunk tells them.
const (
	endPushed    = waHistorySync.Conversation_COMPLETE_BUT_MORE_MESSAGES_REMAIN_ON_PRIMARY
	endComplete  = waHistorySync.Conversation_COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY
	endRequested = waHistorySync.Conversation_COMPLETE_ON_DEMAND_SYNC_BUT_MORE_MSG_REMAIN_ON_PRIMARY
)

// conversation builds a stretch of a chat, newest message first. The newest piece of a push carries the chat's state, the oldest one
// says whether the phone holds more.
func (w *World) conversation(p piece) *waHistorySync.Conversation {
	c := w.chats[p.chat]
	if c == nil {
		c = &chat{}
	}
	conv := &waHistorySync.Conversation{ID: proto.String(p.chat.String())}
	w.describe(conv, p.chat)
	if p.first {
		describeState(conv, c)
	}
	for i := p.end - 1; i >= p.start; i-- {
		conv.Messages = append(conv.Messages, &waHistorySync.HistorySyncMsg{
			Message:    w.webMessage(c, c.at(i)),
			MsgOrderID: unsigned64(i + 1),
		})
	}
	if p.last {
		end(conv, endPushed, c.held > 0)
	}
	return conv
}

func end(conv *waHistorySync.Conversation, ifMore waHistorySync.Conversation_EndOfHistoryTransferType, more bool) {
	conv.EndOfHistoryTransfer = proto.Bool(true)
	conv.EndOfHistoryTransferType = endComplete.Enum()
	if more {
		conv.EndOfHistoryTransferType = ifMore.Enum()
	}
}

// describe adds who or what the chat is: direct chats go by LID, with the number beside it unless it is hidden.
func (w *World) describe(conv *waHistorySync.Conversation, jid types.JID) {
	if g := w.group(jid); g != nil {
		conv.Name = proto.String(g.Name)
		conv.CreatedAt = unsigned64(g.Created)
		if g.Topic != "" {
			conv.Description = proto.String(g.Topic)
		}
		if !g.Creator.IsEmpty() {
			conv.CreatedBy = proto.String(g.Creator.String())
		}
		if !g.Community.IsEmpty() {
			conv.ParentGroupID = proto.String(g.Community.String())
			conv.IsDefaultSubgroup = proto.Bool(g.Announcement)
		}
		for _, p := range g.Participants {
			conv.Participant = append(conv.Participant, &waHistorySync.GroupParticipant{UserJID: proto.String(p.LID.String()), Rank: rank(p.Role).Enum()})
		}
		return
	}
	pn, name := w.account.PN, w.account.Name
	if c, ok := w.byUser[jid]; ok {
		pn, name = c.PN, ""
		if c.PNHidden {
			pn = types.EmptyJID
		}
		if c.Saved {
			name = c.Name
		}
	}
	if !pn.IsEmpty() {
		conv.PnJID = proto.String(pn.String())
	}
	if name != "" {
		conv.Name = proto.String(name)
	}
}

func rank(r Role) waHistorySync.GroupParticipant_Rank {
	switch r {
	case RoleSuperAdmin:
		return waHistorySync.GroupParticipant_SUPERADMIN
	case RoleAdmin:
		return waHistorySync.GroupParticipant_ADMIN
	default:
		return waHistorySync.GroupParticipant_REGULAR
	}
}

func describeState(conv *waHistorySync.Conversation, c *chat) {
	conv.UnreadCount = unsigned32(c.state.Unread)
	conv.Archived = proto.Bool(c.state.Archived)
	if n := c.len(); n > 0 {
		last := c.at(n - 1).Timestamp
		conv.LastMsgTimestamp, conv.ConversationTimestamp = unsigned64(last), unsigned64(last)
		if c.state.Pinned {
			conv.Pinned = unsigned32(last)
		}
	}
	if c.state.MutedUntil != 0 {
		// For ever is -1 in app state; the field here is unsigned, so this is -1 as protobuf writes it (inference).
		conv.MuteEndTime = unsigned64(c.state.MutedUntil)
	}
}

// communityConversations are the parents: chats without messages that give communities their names.
func (w *World) communityConversations() []*waHistorySync.Conversation {
	var out []*waHistorySync.Conversation
	for _, c := range w.communities {
		out = append(out, &waHistorySync.Conversation{
			ID:            proto.String(c.JID.String()),
			Name:          proto.String(c.Name),
			CreatedAt:     unsigned64(c.Created),
			IsParentGroup: proto.Bool(true),
		})
	}
	return out
}
