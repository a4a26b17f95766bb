package world

import (
	"math"
	"math/rand/v2"
	"sort"
	"strings"
)

// Lengths in characters: a log-normal whose mean is e^(mu + sigma²/2) = 55.
const (
	lengthMu    = 3.60
	lengthSigma = 0.9
	lengthMax   = 900
)

const vocabularySize = 30_000

// frequent are the words that Zipf puts first, most frequent first.
var frequent = strings.Fields(`the to you and a i it is in of for me on that have be we do at so not can if but are your just was what my with
	this ok now all up will out one go get like know no there time good see today then when he she they or about as home day yes how from think
	back come too need really here been more tomorrow some by has work thanks call down over them later great well sure still love please right
	meeting discount dinner train school weekend photo morning night week garden birthday ticket doctor coffee bread river summer winter`)

// Words of other scripts, in sentences of their own or between the others.
var (
	cjk       = []string{"明天", "会议", "三時", "学校", "吃饭", "了吗", "谢谢", "東京", "电影", "天气", "很好", "ありがとう", "おはよう", "안녕하세요", "내일", "주말", "灯笼", "节日"}
	arabic    = []string{"مَرحبا", "مرحبا", "أحمد", "غدا", "اجتماع", "شكرا", "صباح", "الخير", "البيت", "اليوم", "جميل", "إن", "شاء", "الله"}
	cyrillic  = []string{"Привет", "завтра", "встреча", "спасибо", "хорошо", "дома", "сегодня", "ПРИВЕТ", "где", "ёлка", "щи", "поезд"}
	diacritic = []string{"Äpfel", "Straße", "Łódź", "Ørsted", "İzmir", "café", "garçon", "mañana", "Zürich", "naïve", "São", "čaj", "Ελλάδα", "Σίσυφος"}
	emoji     = []string{"😂", "❤️", "👍🏽", "🙏", "🎉", "😅", "🏮", "⚽", "🥐", "👨‍👩‍👧", "🤷‍♀️", "🌧️"}
)

// vocabulary is 30,000 words and how likely each is.
type vocabulary struct {
	words []string
	// upTo is the sum of the likelihoods up to and including the word; the last is 1.
	upTo []float64
}

func newVocabulary(seed uint64) *vocabulary {
	r := seeded(seed, 0x77)
	v := &vocabulary{words: make([]string, 0, vocabularySize), upTo: make([]float64, vocabularySize)}
	seen := map[string]bool{RareWord: true}
	for _, w := range frequent {
		if !seen[w] {
			v.words, seen[w] = append(v.words, w), true
		}
	}
	for len(v.words) < vocabularySize {
		if w := invent(r); !seen[w] {
			v.words, seen[w] = append(v.words, w), true
		}
	}
	sum := 0.0
	for i := range v.upTo {
		sum += 1 / float64(i+2)
		v.upTo[i] = sum
	}
	for i := range v.upTo {
		v.upTo[i] /= sum
	}
	return v
}

var (
	onsets = strings.Fields("b br c ch d dr f fl g gl h j k kl l m n p pr qu r s sch sh st t tr v w z")
	nuclei = strings.Fields("a e i o u ai ea ei ou ö ü é")
	codas  = []string{"", "", "", "l", "m", "n", "r", "s", "t", "nd", "st", "ck"}
)

// invent makes a pronounceable word of two to four syllables; umlauts and accents are rare.
func invent(r *rand.Rand) string {
	var b strings.Builder
	for range 2 + r.IntN(3) {
		nucleus := nuclei[r.IntN(len(nuclei)-3)]
		if r.IntN(25) == 0 {
			nucleus = nuclei[len(nuclei)-1-r.IntN(3)]
		}
		b.WriteString(onsets[r.IntN(len(onsets))] + nucleus + codas[r.IntN(len(codas))])
	}
	return b.String()
}

// word draws one word by its likelihood.
func (v *vocabulary) word(r *rand.Rand) string {
	i := sort.SearchFloat64s(v.upTo, r.Float64())
	return v.words[min(i, len(v.words)-1)]
}

// text draws a message: 88 % vocabulary with a few words of other scripts, the rest wholly in another script.
func (v *vocabulary) text(r *rand.Rand) string {
	length := min(lengthMax, int(math.Exp(lengthMu+lengthSigma*r.NormFloat64())))
	script := []string(nil)
	switch draw := r.IntN(100); {
	case draw < 5:
		script = cjk
	case draw < 8:
		script = arabic
	case draw < 12:
		script = cyrillic
	}
	var b strings.Builder
	characters := 0
	for characters < max(1, length) {
		word := ""
		switch {
		case script != nil:
			word = script[r.IntN(len(script))]
		case r.IntN(40) == 0:
			word = diacritic[r.IntN(len(diacritic))]
		default:
			word = v.word(r)
		}
		if characters > 0 {
			b.WriteByte(' ')
			characters++
		}
		b.WriteString(word)
		characters += len([]rune(word))
	}
	if r.IntN(8) == 0 {
		b.WriteString(" " + emoji[r.IntN(len(emoji))])
	}
	return b.String()
}
