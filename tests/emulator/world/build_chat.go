package world

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mau.fi/whatsmeow/types"
)

func (b builder) chat(c ScenarioChat) error {
	jid, err := b.world.ChatJID(c.Chat)
	if err != nil {
		return err
	}
	if c.Chatter != nil {
		if err := b.chatter(jid, *c.Chatter); err != nil {
			return fmt.Errorf("chatter: %w", err)
		}
	}
	labels := map[string]string{}
	for i, m := range c.Messages {
		if err := b.message(jid, i, m, labels); err != nil {
			return fmt.Errorf("message %d: %w", i+1, err)
		}
	}
	return b.state(jid, c)
}

func (b builder) state(jid types.JID, c ScenarioChat) error {
	mutedUntil, err := b.mutedUntil(c.Muted)
	if err != nil {
		return err
	}
	if row, ok := b.world.Chat(jid); !ok || c.Unread < 0 || c.Unread > row.Unread {
		return fmt.Errorf("%d unread of %d messages from others", c.Unread, row.Unread)
	}
	if c.Pushed != nil {
		if *c.Pushed < 0 {
			return fmt.Errorf("pushed is %d; leave it out to push all", *c.Pushed)
		}
		if err := b.world.SetPushed(jid, *c.Pushed); err != nil {
			return err
		}
	}
	return b.world.SetState(jid, func(s *ChatState) {
		*s = ChatState{Unread: c.Unread, Archived: c.Archived, Pinned: c.Pinned, MutedUntil: mutedUntil}
	})
}

func (b builder) mutedUntil(muted string) (int64, error) {
	switch muted {
	case "":
		return 0, nil
	case "forever":
		return -1, nil
	}
	d, err := time.ParseDuration(muted)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf(`muted %q: want a duration like "8h", or "forever"`, muted)
	}
	return b.now.Add(d).Unix(), nil
}

func (b builder) message(chat types.JID, i int, m ScenarioMessage, labels map[string]string) error {
	at, err := ParseOffset(m.At, b.now)
	if err != nil {
		return err
	}
	sender, err := b.person(m.From)
	if err != nil {
		return err
	}
	if err := b.maySpeak(chat, sender); err != nil {
		return err
	}
	out := Message{Chat: chat, Sender: sender, Timestamp: at.Unix(), Text: m.Text, ID: cmp.Or(m.ID, scenarioID(chat, "line", i))}
	if m.Quotes != "" {
		if out.QuotedID = labels[m.Quotes]; out.QuotedID == "" {
			return fmt.Errorf("no earlier message of this chat is labelled %q", m.Quotes)
		}
	}
	if m.Image != nil {
		out.Kind, out.Text, out.Media = KindImage, m.Image.Caption, pictureOf(out.ID)
	}
	if out.Text == "" && out.Media == nil {
		return errors.New("it has neither text nor image")
	}
	filed, err := b.world.Append(out)
	if err != nil {
		return err
	}
	if m.As != "" {
		labels[m.As] = filed.ID
	}
	return b.afterwards(filed, m)
}

// afterwards applies what happened to a message later.
func (b builder) afterwards(to Message, m ScenarioMessage) error {
	for _, r := range m.Reactions {
		from, err := b.person(r.From)
		if err != nil {
			return err
		}
		reaction := Message{Chat: to.Chat, Sender: from, Kind: KindReaction, Target: to.ID, Text: r.Emoji, Timestamp: to.Timestamp + 60}
		if _, err := b.world.Append(reaction); err != nil {
			return err
		}
	}
	if m.Edited != nil {
		at, err := ParseOffset(m.Edited.At, b.now)
		if err != nil {
			return err
		}
		edit := Message{Chat: to.Chat, Sender: to.Sender, Kind: KindEdit, Target: to.ID, Text: m.Edited.Text, Timestamp: at.Unix(), ID: scenarioID(to.Chat, "edit of "+to.ID, 0)}
		if _, err := b.world.Append(edit); err != nil {
			return err
		}
	}
	if m.Revoked != "" {
		at, err := ParseOffset(m.Revoked, b.now)
		if err != nil {
			return err
		}
		if _, err := b.world.Append(Message{Chat: to.Chat, Sender: to.Sender, Kind: KindRevoke, Target: to.ID, Timestamp: at.Unix()}); err != nil {
			return err
		}
	}
	return nil
}

// maySpeak refuses messages that could not have been sent: by strangers to the chat, or by members in an announcement group.
func (b builder) maySpeak(chat, sender types.JID) error {
	if g, ok := b.world.Group(chat); ok {
		i := slices.IndexFunc(g.Participants, func(p Participant) bool { return p.LID == sender })
		if i < 0 {
			return fmt.Errorf("%s is not in the group", sender)
		}
		if g.Announcement && g.Participants[i].Role == RoleMember {
			return fmt.Errorf("%s is no admin of the announcement group", sender)
		}
		return nil
	}
	if sender != chat && sender != b.world.account.LID {
		return fmt.Errorf("%s is not in this direct chat", sender)
	}
	return nil
}

// scenarioID is an Android-like message ID that depends on nothing but its place in the scenario.
func scenarioID(chat types.JID, what string, i int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d", chat, what, i))
	return "AC" + strings.ToUpper(hex.EncodeToString(sum[:15]))
}

// pictureOf describes an image nobody ever took: the fields have the right shape, and no host has the bytes.
func pictureOf(id string) *Media {
	part := func(what string) []byte {
		sum := sha256.Sum256([]byte(what + id))
		return sum[:]
	}
	return &Media{
		Mime: "image/jpeg", Size: 40_000 + uint64(part("size")[0])*997,
		DirectPath: "/v/t62.7118-24/" + hex.EncodeToString(part("path")[:12]) + "_n.enc?ccb=11-4&oh=01_none&oe=0&_nc_sid=5e03e0",
		Key:        part("key"), SHA256: part("plain"), EncSHA256: part("sealed"),
	}
}
