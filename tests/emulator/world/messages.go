package world

import (
	"fmt"
	"slices"

	"go.mau.fi/whatsmeow/types"
)

// Append files a message. Chat and Sender may be any address of a chat or person; ID, Sender (if FromMe), Kind and Timestamp are filled in
// when empty. Reactions, edits and revokes change their target instead of standing in the chat. It returns the message as filed.
//
// What somebody else says makes the chat one more unread.
func (w *World) Append(m Message) (Message, error) {
	m, err := w.complete(m)
	if err != nil {
		return Message{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.chat(m.Chat)
	if m.Kind.Changes() {
		if err := w.mayChange(c, m); err != nil {
			return Message{}, err
		}
		return m, c.change(m)
	}
	if _, taken := c.find(m.ID); taken {
		return Message{}, fmt.Errorf("chat %s has a message %s already", m.Chat, m.ID)
	}
	if err := c.insert(m); err != nil {
		return Message{}, err
	}
	if !m.FromMe {
		c.state.Unread++
	}
	return m, nil
}

// complete fills in what may be left out and turns addresses into the world's own.
func (w *World) complete(m Message) (Message, error) {
	chat, ok := w.CanonicalChat(m.Chat)
	if !ok {
		return m, fmt.Errorf("%s: %w", m.Chat, ErrUnknownChat)
	}
	m.Chat = chat
	if m.FromMe {
		m.Sender = w.account.LID
	}
	sender, ok := w.LID(m.Sender)
	if !ok {
		return m, fmt.Errorf("sender %s: %w", m.Sender, ErrUnknownPerson)
	}
	m.Sender, m.FromMe = sender, sender == w.account.LID
	if m.ID == "" {
		m.ID = NewAndroidID()
	}
	if m.Timestamp == 0 {
		m.Timestamp = w.clock().Unix()
	}
	if m.Kind == "" {
		m.Kind = KindText
	}
	return m, nil
}

// mayChange holds what real phones hold: one edits only one's own messages, and revokes others' only as a group's admin.
func (w *World) mayChange(c *chat, m Message) error {
	i, ok := c.find(m.Target)
	if !ok {
		return fmt.Errorf("%s of %s in %s: %w", m.Kind, m.Target, m.Chat, ErrUnknownMessage)
	}
	if m.Kind == KindReaction || c.at(i).Sender == m.Sender {
		return nil
	}
	if g := w.group(m.Chat); m.Kind == KindRevoke && g != nil {
		for _, p := range g.Participants {
			if p.LID == m.Sender && p.Role != RoleMember {
				return nil
			}
		}
	}
	return fmt.Errorf("%s of %s in %s: %s did not write it", m.Kind, m.Target, m.Chat, m.Sender)
}

// Message finds a message by its chat and ID.
func (w *World) Message(in types.JID, id string) (Message, bool) {
	var out Message
	found := false
	w.read(in, func(c *chat) {
		if i, ok := c.find(id); ok {
			out, found = c.at(i), true
		}
	})
	return out, found
}

// History returns up to n messages older than the anchor, newest first; a negative n means all.
func (w *World) History(in types.JID, before Anchor, n int) []Message {
	var out []Message
	w.read(in, func(c *chat) {
		end := c.position(before)
		start := 0
		if n >= 0 {
			start = max(0, end-n)
		}
		out = c.newestFirst(start, end)
	})
	return out
}

// MarkRead sets a chat to read and returns the messages that were unread, oldest first.
func (w *World) MarkRead(in types.JID) ([]Message, error) {
	var read []Message
	err := w.write(in, func(c *chat) {
		for i := c.len() - 1; i >= 0 && len(read) < c.state.Unread; i-- {
			if m := c.at(i); !m.FromMe {
				read = append(read, m)
			}
		}
		c.state.Unread = 0
	})
	slices.Reverse(read)
	return read, err
}

// SetState changes what the account's devices agree on about a chat.
func (w *World) SetState(in types.JID, change func(*ChatState)) error {
	return w.write(in, func(c *chat) { change(&c.state) })
}

// SetPushed says how many of a chat's newest messages linking a device brings by itself; a negative n means all.
func (w *World) SetPushed(in types.JID, n int) error {
	return w.write(in, func(c *chat) {
		c.held = 0
		if n >= 0 {
			c.held = max(0, c.len()-n)
		}
	})
}

func (w *World) read(jid types.JID, do func(*chat)) {
	canonical, ok := w.CanonicalChat(jid)
	if !ok {
		return
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	if c, ok := w.chats[canonical]; ok {
		do(c)
	}
}

func (w *World) write(jid types.JID, do func(*chat)) error {
	canonical, ok := w.CanonicalChat(jid)
	if !ok {
		return fmt.Errorf("%s: %w", jid, ErrUnknownChat)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	do(w.chat(canonical))
	return nil
}

// chat returns the chat of a canonical JID, made when it is new. The caller holds the lock.
func (w *World) chat(canonical types.JID) *chat {
	c, ok := w.chats[canonical]
	if !ok {
		c = &chat{}
		w.chats[canonical] = c
	}
	return c
}
