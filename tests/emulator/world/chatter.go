package world

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.mau.fi/whatsmeow/types"
)

// chatterJSON holds themes of threads: a thread is lines "A: ...", "B: ..." whose letters become people and whose {slots} become words.
//
//go:embed chatter.json
var chatterJSON []byte

type phrasebook struct {
	Slots  map[string][]string   `json:"slots"`
	Themes map[string][][]string `json:"themes"`
}

var (
	slotShape = regexp.MustCompile(`\{([a-z]+)\}`)
	lineShape = regexp.MustCompile(`^([A-D]): (.+)$`)
)

// maxChatter bounds what one chat may ask for; Generate is for more.
const maxChatter = 10_000

var chatterEmoji = []string{"👍", "❤️", "😂", "🙏", "🎉", "😮"}

// chatter files invented messages, exactly as many as asked for, between two times. It depends on nothing but the chat and the request.
func (b builder) chatter(chat types.JID, c Chatter) error {
	from, err := ParseOffset(c.From, b.now)
	if err != nil {
		return err
	}
	to, err := ParseOffset(c.To, b.now)
	if err != nil {
		return err
	}
	if !from.Before(to) || to.After(b.now.AddDate(0, 0, -1)) || c.Messages < 1 || c.Messages > maxChatter {
		return fmt.Errorf("it needs 1 to %d messages, and a from before a to that is a day ago or more", maxChatter)
	}
	threads, err := pick(chat, c)
	if err != nil {
		return err
	}
	speakers := b.speakers(chat)
	// With a business the roles matter: A is the business.
	partner, _ := b.world.Contact(chat)
	scripted := partner.Business != nil
	r := chance(chat, "speak")
	n, slot := 0, to.Sub(from)/time.Duration(len(threads))
	for i, thread := range threads {
		at := daytime(from.Add(time.Duration(i)*slot+time.Duration(r.Int64N(int64(slot)/4+1))), from)
		pause := max(time.Second, min(20*time.Minute, slot/time.Duration(2*len(thread))))
		cast := r.Perm(len(speakers))
		if scripted {
			slices.Sort(cast)
		}
		first := ""
		for k, line := range thread {
			if n == c.Messages {
				break
			}
			sender := speakers[cast[int(line.letter-'A')%len(cast)]]
			at = at.Add(5*time.Second + time.Duration(r.Int64N(int64(pause))))
			m := Message{Chat: chat, Sender: sender, Timestamp: at.Unix(), Text: line.text, ID: scenarioID(chat, "chatter", n)}
			if k > 1 && r.IntN(6) == 0 {
				m.QuotedID = first
			}
			if m, err = b.world.Append(m); err != nil {
				return err
			}
			if k == 0 {
				first = m.ID
			}
			if r.IntN(9) == 0 && len(speakers) > 1 {
				reaction := Message{Chat: chat, Sender: speakers[cast[(int(line.letter-'A')+1)%len(cast)]], Kind: KindReaction, Target: m.ID, Text: chatterEmoji[r.IntN(len(chatterEmoji))], Timestamp: m.Timestamp + 30}
				if _, err := b.world.Append(reaction); err != nil {
					return err
				}
			}
			n++
		}
	}
	return nil
}

// speakers are who may talk in a chat.
func (b builder) speakers(chat types.JID) []types.JID {
	g, ok := b.world.Group(chat)
	if !ok {
		return []types.JID{chat, b.world.account.LID}
	}
	var out []types.JID
	for _, p := range g.Participants {
		if !g.Announcement || p.Role != RoleMember {
			out = append(out, p.LID)
		}
	}
	return out
}

type spoken struct {
	letter byte
	text   string
}

// pick draws threads until they hold enough lines, each thread of the themes once before any comes again.
func pick(chat types.JID, c Chatter) ([][]spoken, error) {
	book, err := phrases()
	if err != nil {
		return nil, err
	}
	var pool [][]string
	for _, theme := range c.Themes {
		threads, ok := book.Themes[theme]
		if !ok {
			return nil, fmt.Errorf("no theme %q; there are %s", theme, strings.Join(slices.Sorted(maps.Keys(book.Themes)), ", "))
		}
		pool = append(pool, threads...)
	}
	if len(pool) == 0 {
		return nil, errors.New("it needs a theme")
	}
	r := chance(chat, "pick")
	var out [][]spoken
	for lines := 0; lines < c.Messages; {
		for _, i := range r.Perm(len(pool)) {
			if lines >= c.Messages {
				break
			}
			thread, err := book.fill(pool[i], r)
			if err != nil {
				return nil, err
			}
			out = append(out, thread)
			lines += len(thread)
		}
	}
	return out, nil
}

// fill gives a thread its words; a slot means the same word in the whole thread.
func (p phrasebook) fill(thread []string, r *rand.Rand) ([]spoken, error) {
	words := map[string]string{}
	out := make([]spoken, len(thread))
	for i, line := range thread {
		parts := lineShape.FindStringSubmatch(line)
		if parts == nil {
			return nil, fmt.Errorf("chatter line %q has no speaker A to D", line)
		}
		var missing string
		text := slotShape.ReplaceAllStringFunc(parts[2], func(slot string) string {
			name := strings.Trim(slot, "{}")
			if len(p.Slots[name]) == 0 {
				missing = name
				return slot
			}
			if _, ok := words[name]; !ok {
				words[name] = p.Slots[name][r.IntN(len(p.Slots[name]))]
			}
			return words[name]
		})
		if missing != "" {
			return nil, fmt.Errorf("chatter line %q: there are no words for {%s}", line, missing)
		}
		out[i] = spoken{letter: parts[1][0], text: text}
	}
	return out, nil
}

func phrases() (phrasebook, error) {
	var book phrasebook
	if err := json.Unmarshal(chatterJSON, &book); err != nil {
		return book, fmt.Errorf("chatter.json: %w", err)
	}
	return book, nil
}

// daytime squeezes a day into the hours from 7 to 22, in order, and never before the earliest time asked for.
func daytime(t, earliest time.Time) time.Time {
	day := t.Truncate(24 * time.Hour)
	squeezed := day.Add(7*time.Hour + t.Sub(day)*15/24)
	if squeezed.Before(earliest) {
		return earliest
	}
	return squeezed
}

// chance is the one that decides about a chat's chatter.
func chance(chat types.JID, what string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(chat.String() + what)) // a hash never fails to write
	return seeded(h.Sum64(), 1)
}
