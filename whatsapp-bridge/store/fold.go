package store

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// token is one word of a text: its folded form and where it stands in the text that was cut.
type token struct {
	text       string
	start, end int
}

// maxToken bounds a token; longer words are cut there, in the index and in the question alike.
const maxToken = 64

// Fold is the one folding of the store, for the index and for the question: case, accents, compatibility forms and
// spelling variants fall together, and the result is words separated by single spaces. Scripts without spaces come
// out as single characters, an emoji is a word, and runs of signs such as :) or % are words at the end.
// Fold(Fold(x)) is Fold(x).
func Fold(text string) string {
	words, signs := tokenize(compose(text))
	var out strings.Builder
	for _, list := range [][]token{words, signs} {
		for _, t := range list {
			if out.Len() > 0 {
				out.WriteByte(' ')
			}
			out.WriteString(t.text)
		}
	}
	return out.String()
}

// compose brings text to valid UTF-8 in NFKC, in which each rune can be folded by itself: what is typed as base and
// mark, or as Hangul letters, or half-width, becomes one rune where there is one.
func compose(text string) string {
	if isASCII(text) {
		return text
	}
	text = strings.ToValidUTF8(text, " ")
	if norm.NFKC.IsNormalString(text) {
		return text
	}
	return norm.NFKC.String(text)
}

// tokenize cuts composed text into words and, apart from them, signs (each once, in the order of their first place),
// so that signs do not stand between the words of a phrase.
func tokenize(text string) (words, signs []token) {
	var c cutter
	for at, r := range text {
		c.take(r, at, at+utf8.RuneLen(r))
	}
	c.endWord()
	c.endSign()
	return c.words, c.signs
}

type cutter struct {
	words, signs        []token
	seen                map[string]bool
	word, sign          strings.Builder
	wordRunes           int
	wordStart, wordEnd  int
	signStart, signEnd  int
	lastSign, firstSign rune
	signRunes           int
}

func (c *cutter) take(r rune, start, end int) {
	if r < utf8.RuneSelf {
		c.takeASCII(r, start, end)
		return
	}
	f := foldRune(r)
	switch f.class {
	case classWord:
		for _, folded := range f.text {
			c.letter(folded, start, end)
		}
	case classSingle:
		c.endWord()
		c.endSign()
		c.words = append(c.words, token{f.text, start, end})
	case classSign:
		c.endWord()
		for _, folded := range f.text {
			c.mark(folded, start, end)
		}
	case classSpace:
		c.endWord()
		c.endSign()
	case classNothing:
		if c.wordRunes > 0 {
			c.wordEnd = end
		}
	}
}

func (c *cutter) takeASCII(r rune, start, end int) {
	switch {
	case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		c.letter(r, start, end)
	case r >= 'A' && r <= 'Z':
		c.letter(r+'a'-'A', start, end)
	case r > ' ' && r < 0x7f:
		c.endWord()
		c.mark(r, start, end)
	default:
		c.endWord()
		c.endSign()
	}
}

func (c *cutter) letter(r rune, start, end int) {
	c.endSign()
	if c.wordRunes == 0 {
		c.wordStart = start
	}
	if c.wordRunes < maxToken {
		c.word.WriteRune(r)
	}
	c.wordRunes++
	c.wordEnd = end
}

func (c *cutter) endWord() {
	if c.wordRunes == 0 {
		return
	}
	c.words = append(c.words, token{c.word.String(), c.wordStart, c.wordEnd})
	c.word.Reset()
	c.wordRunes = 0
}

// mark adds a sign to the run; repeated ones count once, so that !!! is !. Signs of ASCII are kept in their
// full-width form, which the tokenizer of the index takes for letters.
func (c *cutter) mark(r rune, start, end int) {
	if c.signRunes == 0 {
		c.signStart, c.firstSign = start, r
	}
	if r != c.lastSign && c.signRunes < maxToken {
		if r > ' ' && r < 0x7f {
			c.sign.WriteRune(r + fullWidth)
		} else {
			c.sign.WriteRune(r)
		}
		c.signRunes++
	}
	c.lastSign = r
	c.signEnd = end
}

const fullWidth = 0xFEE0

// endSign keeps the run of signs, but not the lone full stop, comma and apostrophe that are in every text.
func (c *cutter) endSign() {
	if c.signRunes == 0 {
		return
	}
	common := c.signRunes == 1 && strings.ContainsRune(".,'’", c.firstSign)
	if text := c.sign.String(); !common && !c.seen[text] {
		if c.seen == nil {
			c.seen = make(map[string]bool)
		}
		c.seen[text] = true
		c.signs = append(c.signs, token{text, c.signStart, c.signEnd})
	}
	c.sign.Reset()
	c.signRunes, c.lastSign = 0, 0
}

type class uint8

const (
	classNothing class = iota // marks and joiners: left out, the word goes on
	classWord
	classSingle
	classSign
	classSpace
)

type folding struct {
	text  string
	class class
}

// foldings remembers runes of the basic plane, rune -> folding.
var foldings sync.Map

// singles are the scripts that are written without spaces between words.
var singles = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi, unicode.Thai,
	unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Tai_Le, unicode.New_Tai_Lue,
	unicode.Tai_Tham, unicode.Tai_Viet, unicode.Javanese, unicode.Balinese,
}

// accented are the scripts whose marks are accents or optional vowels. Elsewhere (Devanagari, ...) a mark is a letter.
var accented = []*unicode.RangeTable{
	unicode.Inherited, unicode.Common, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew,
	unicode.Syriac, unicode.Coptic,
}

// leftovers are letters that Unicode does not decompose although people type them without their stroke, and letters
// that are typed the one way or the other.
var leftovers = map[rune]string{
	'ß': "ss", 'ł': "l", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ħ': "h", 'ŧ': "t", 'ı': "i", 'æ': "ae", 'œ': "oe", 'ŋ': "n",
	'ς': "σ", 'ґ': "г",
	'ـ': "", 'ء': "", 'ٱ': "ا", 'ى': "ي", 'ی': "ي", 'ک': "ك", 'ھ': "ه", 'ہ': "ه",
}

func foldRune(r rune) folding {
	if known, ok := foldings.Load(r); ok {
		if f, ok := known.(folding); ok {
			return f
		}
	}
	f := computeFolding(r)
	if r <= 0xFFFF {
		foldings.Store(r, f)
	}
	return f
}

func computeFolding(r rune) folding {
	switch {
	case r == utf8.RuneError || unicode.IsSpace(r) || unicode.In(r, unicode.Z, unicode.Cc):
		return folding{class: classSpace}
	case r >= 0x1F3FB && r <= 0x1F3FF, unicode.Is(unicode.Cf, r):
		return folding{class: classNothing} // skin tones, joiners, directions
	case unicode.In(r, singles...) || r == 'ー' || r == '゛' || r == '゜':
		if unicode.In(r, unicode.L, unicode.M, unicode.N) {
			return folding{string(r), classSingle}
		}
	case isEmoji(r):
		return folding{string(r), classSingle}
	case unicode.Is(unicode.Cherokee, r):
		// Unicode folds Cherokee to capitals; x/text turns capitals and small letters into each other without end.
		return folding{string(unicode.ToUpper(r)), classWord}
	}
	text := foldText(string(r))
	if text == "" {
		return folding{class: classNothing}
	}
	for _, each := range text {
		if !unicode.In(each, unicode.L, unicode.N, unicode.M) {
			return foldSign(text)
		}
	}
	return folding{text, classWord}
}

// foldSign keeps what is no word: signs as they are, unless one of the runes is a space.
func foldSign(text string) folding {
	for _, each := range text {
		if unicode.In(each, unicode.Z, unicode.Cc, unicode.Cs) {
			return folding{class: classSpace}
		}
	}
	return folding{text, classSign}
}

func isEmoji(r rune) bool {
	return unicode.Is(unicode.So, r) || r >= 0x1F000 && r <= 0x1FAFF
}

// foldText decomposes, folds case and drops marks until nothing changes any more.
func foldText(text string) string {
	caseFold := cases.Fold()
	for {
		var out strings.Builder
		for _, r := range caseFold.String(norm.NFKD.String(text)) {
			if replacement, ok := leftovers[r]; ok {
				out.WriteString(replacement)
				continue
			}
			if unicode.Is(unicode.M, r) && unicode.In(r, accented...) || unicode.Is(unicode.Cf, r) {
				continue
			}
			out.WriteRune(r)
		}
		if out.String() == text {
			return text
		}
		text = out.String()
	}
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
