package world

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"go.mau.fi/whatsmeow/types"
)

// Limits of Generate: what the JID ranges of invented people and groups have room for.
const (
	MaxChats    = 10_000
	MaxMessages = 50_000_000
)

// RareWord is planted in 37 messages per million, rounded up, and nowhere else.
const RareWord = "zyxomorph"

// rarePerMillion is how often RareWord occurs.
const rarePerMillion = 37

// zipfChats makes the biggest of 500 chats hold 4.9 % of the messages.
const zipfChats = 0.68

// span is how far back generated messages reach.
const span = 3 * 365 * 24 * time.Hour

// Generate invents a world of the given size, the same one for the same numbers, seed and clock. Its shape: three direct chats to two
// groups, some of them in communities; chat sizes by Zipf; three years of messages in bursts; log-normal lengths of 55 characters on
// average and 900 at most; 30,000 words by Zipf, with CJK, Arabic, Cyrillic, diacritics and emoji; 15 % media; one ID in a thousand is
// also used in another chat; RareWord.
//
// Messages are not stored. Message i of chat c is computed from (seed, c, i) each time it is looked at, so a world of a million messages
// takes a few megabytes, most of them the vocabulary. The price: finding an ID walks the chat (about 0.1 microseconds a message).
func Generate(chats, messages int, seed uint64, clock func() time.Time) (*World, error) {
	if chats < 1 || chats > MaxChats || messages < 0 || messages > MaxMessages {
		return nil, fmt.Errorf("generate: want 1 to %d chats and 0 to %d messages, not %d and %d", MaxChats, MaxMessages, chats, messages)
	}
	g := &generator{seed: seed, words: newVocabulary(seed), sizes: zipfSizes(chats, messages), total: messages, end: clock().Add(-time.Hour).Unix()}
	g.rare = (messages*rarePerMillion + 999_999) / 1_000_000
	g.offsets = make([]int, chats)
	for c := 1; c < chats; c++ {
		g.offsets[c] = g.offsets[c-1] + g.sizes[c-1]
	}
	cast := inventCast(chats, seed)
	w := New(cast.account, clock)
	if err := cast.join(w, g.end); err != nil {
		return nil, fmt.Errorf("generate: %w", err)
	}
	for c, jid := range cast.chats {
		past := g.past(c, jid, cast)
		unread := 0
		if r := g.random(c, -1); r.IntN(3) == 0 {
			unread = min(r.IntN(10), past.len()/4)
		}
		w.chats[jid] = &chat{bulk: past, state: ChatState{Unread: unread}}
	}
	return w, nil
}

// zipfSizes shares the messages out: chat c gets its part of 1/(c+1)^zipfChats, and what rounding leaves goes to the first ones.
func zipfSizes(chats, messages int) []int {
	weights, sum := make([]float64, chats), 0.0
	for c := range weights {
		weights[c] = math.Pow(float64(c+1), -zipfChats)
		sum += weights[c]
	}
	sizes, left := make([]int, chats), messages
	for c := range sizes {
		sizes[c] = int(float64(messages) * weights[c] / sum)
		left -= sizes[c]
	}
	for c := 0; left > 0; c = (c + 1) % chats {
		sizes[c]++
		left--
	}
	return sizes
}

// generator is what all generated chats share.
type generator struct {
	seed    uint64
	words   *vocabulary
	sizes   []int
	offsets []int
	total   int
	rare    int
	// end is the newest generated second.
	end int64
}

// random is the chance that decides about message i of chat c.
func (g *generator) random(c, i int) *rand.Rand {
	return seeded(g.seed^mix(bits(c)), bits(i))
}

// past is the bulk of one generated chat.
type past struct {
	*generator
	c       int
	jid     types.JID
	me      types.JID
	speaker []types.JID
	// mine is how often the account itself speaks, in percent.
	mine  int
	start int64
}

func (g *generator) past(c int, jid types.JID, cast *cast) *past {
	p := &past{generator: g, c: c, jid: jid, me: cast.account.LID, speaker: cast.speakers[c], mine: 45}
	if jid.Server == types.GroupServer {
		p.mine = 10
	}
	// The busiest chats go back all the way, the others to anywhere in the older half.
	p.start = g.end - int64(span/time.Second)
	if c > 0 {
		p.start += g.random(c, -2).Int64N(int64(span/time.Second) / 2)
	}
	return p
}

func (p *past) len() int { return p.sizes[p.c] }

// burst is how many messages come in one go.
const burst = 8

// second is when message i was said: bursts share the time evenly, and inside one, messages are up to a minute apart, or in the same second.
func (p *past) second(i int) int64 {
	bursts := int64((p.len() + burst - 1) / burst)
	slot := (p.end - p.start) / bursts
	b := i / burst
	gap := min(60, slot/(2*burst))
	pace := int64(0)
	if gap > 0 {
		pace = p.random(p.c, -burst-b).Int64N(gap + 1)
	}
	return p.start + int64(b)*slot + int64(i%burst)*pace
}

func (p *past) id(i int) string {
	if p.borrows(p.c, i) && p.c+1 < len(p.sizes) && i < p.sizes[p.c+1] && !p.borrows(p.c+1, i) {
		return p.ownID(p.c+1, i)
	}
	return p.ownID(p.c, i)
}

// borrows tells whether message i of chat c would take the ID of message i of the next chat: one in a thousand.
func (g *generator) borrows(c, i int) bool {
	return mix(g.place(c, i)^0xb0550)%1000 == 0
}

// place is a number that message i of chat c has to itself, for its seed.
func (g *generator) place(c, i int) uint64 {
	return g.seed ^ bits(c)<<40 ^ bits(i)
}

func (g *generator) ownID(c, i int) string {
	a := mix(g.place(c, i))
	b := mix(a)
	switch a % 10 {
	case 0:
		return fmt.Sprintf("3EB0%016X%02X", b, a>>56)
	case 1, 2, 3:
		return fmt.Sprintf("3A%016X%02X", b, a>>56)
	default:
		return fmt.Sprintf("AC%016X%014X", b, a>>8)
	}
}

func (p *past) at(i int) Message {
	r := p.random(p.c, i)
	m := Message{Chat: p.jid, ID: p.id(i), Timestamp: p.second(i), Kind: KindText}
	if m.FromMe = r.IntN(100) < p.mine || len(p.speaker) == 0; m.FromMe {
		m.Sender = p.me
	} else {
		// The lower of two draws: some talk more than others.
		m.Sender = p.speaker[min(r.IntN(len(p.speaker)), r.IntN(len(p.speaker)))]
	}
	// A voice note or a sticker has no text that could hold the word.
	planted := p.plants(p.offsets[p.c] + i)
	if r.IntN(100) < 15 && !planted {
		p.attach(&m, r)
	} else {
		m.Text = p.words.text(r)
	}
	if planted {
		m.Text += " " + RareWord
	}
	return m
}

// plants spreads RareWord evenly over all messages of the world.
func (g *generator) plants(n int) bool {
	return (n+1)*g.rare/g.total != n*g.rare/g.total
}

// mediaShare is a kind of attachment; a draw from 0 to 99 belongs to the first whose upTo is above it.
type mediaShare struct {
	kind Kind
	mime string
	upTo int
}

var mediaKinds = []mediaShare{
	{KindImage, "image/jpeg", 60},
	{KindVideo, "video/mp4", 70},
	{KindVoice, "audio/ogg; codecs=opus", 85},
	{KindDocument, "application/pdf", 95},
	{KindSticker, "image/webp", 100},
}

func (p *past) attach(m *Message, r *rand.Rand) {
	draw := r.IntN(100)
	share := mediaKinds[slices.IndexFunc(mediaKinds, func(s mediaShare) bool { return draw < s.upTo })]
	m.Kind, m.Media = share.kind, pictureOf(m.ID)
	m.Media.Mime = share.mime
	switch m.Kind {
	case KindVideo, KindVoice:
		m.Media.DurationSeconds = 1 + r.Uint32N(180)
	case KindDocument:
		m.Media.FileName = p.words.word(r) + ".pdf"
	default:
	}
	if m.Kind != KindVoice && m.Kind != KindSticker && r.IntN(3) == 0 {
		m.Text = p.words.text(r)
	}
}
