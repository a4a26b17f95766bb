package world

import (
	"fmt"
	"slices"
	"sort"
)

// bulk is a long past that is computed when it is looked at, not held: message i of len(), oldest first, the same each time.
type bulk interface {
	len() int
	at(i int) Message
	id(i int) string
}

// chat is one conversation: positions count from 0, the oldest message, first through the bulk, then through what was filed.
type chat struct {
	bulk bulk
	// changed holds the bulk messages that were edited, revoked or reacted to since.
	changed map[int]Message
	// filed is in the order of time; equal times stay in the order of filing.
	filed []Message
	state ChatState
	// held is how many of the oldest messages are given out only on demand.
	held int
}

func (c *chat) past() int {
	if c.bulk == nil {
		return 0
	}
	return c.bulk.len()
}

func (c *chat) len() int { return c.past() + len(c.filed) }

func (c *chat) pushed() int { return c.len() - c.held }

func (c *chat) at(i int) Message {
	if i >= c.past() {
		return c.filed[i-c.past()].clone()
	}
	if m, ok := c.changed[i]; ok {
		return m.clone()
	}
	return c.bulk.at(i)
}

// find walks from the newest message back: what is asked for is nearly always recent.
func (c *chat) find(id string) (int, bool) {
	for i := len(c.filed) - 1; i >= 0; i-- {
		if c.filed[i].ID == id {
			return c.past() + i, true
		}
	}
	for i := c.past() - 1; i >= 0; i-- {
		if c.bulk.id(i) == id {
			return i, true
		}
	}
	return 0, false
}

// position returns how many messages are older than the anchor.
func (c *chat) position(before Anchor) int {
	if before.ID != "" {
		if i, ok := c.find(before.ID); ok {
			return i
		}
	}
	if before.Timestamp == 0 {
		return c.len()
	}
	return sort.Search(c.len(), func(i int) bool { return c.at(i).Timestamp >= before.Timestamp })
}

func (c *chat) newestFirst(start, end int) []Message {
	out := make([]Message, 0, end-start)
	for i := end - 1; i >= start; i-- {
		out = append(out, c.at(i))
	}
	return out
}

func (c *chat) insert(m Message) error {
	if n := c.past(); n > 0 && m.Timestamp < c.bulk.at(n-1).Timestamp {
		return fmt.Errorf("chat %s: a message cannot be filed before the generated past, which ends at second %d", m.Chat, c.bulk.at(n-1).Timestamp)
	}
	i := sort.Search(len(c.filed), func(i int) bool { return c.filed[i].Timestamp > m.Timestamp })
	c.filed = slices.Insert(c.filed, i, m.clone())
	if c.past()+i < c.held {
		c.held++
	}
	return nil
}

// change applies a reaction, edit or revoke whose target is known to exist.
func (c *chat) change(by Message) error {
	i, ok := c.find(by.Target)
	if !ok {
		return fmt.Errorf("%s of %s: %w", by.Kind, by.Target, ErrUnknownMessage)
	}
	m := c.at(i)
	switch by.Kind {
	case KindReaction:
		m.Reactions = slices.DeleteFunc(m.Reactions, func(r Reaction) bool { return r.Sender == by.Sender })
		if by.Text != "" {
			m.Reactions = append(m.Reactions, Reaction{Sender: by.Sender, Emoji: by.Text, Timestamp: by.Timestamp})
		}
	case KindEdit:
		m.Text, m.EditedAt, m.EditID = by.Text, by.Timestamp, by.ID
	case KindRevoke:
		m.Text, m.Media, m.Cards, m.Place, m.Reactions, m.RevokedAt = "", nil, nil, nil, nil, by.Timestamp
	default:
		return fmt.Errorf("a %s changes no other message", by.Kind)
	}
	if i >= c.past() {
		c.filed[i-c.past()] = m
		return nil
	}
	if c.changed == nil {
		c.changed = map[int]Message{}
	}
	c.changed[i] = m
	return nil
}

func (m Message) clone() Message {
	m.Reactions = slices.Clone(m.Reactions)
	if m.Media != nil {
		media := *m.Media
		m.Media = &media
	}
	return m
}
