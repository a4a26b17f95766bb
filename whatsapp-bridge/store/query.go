package store

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wanted is a parsed question: every group must be met by one of its terms, and none of without.
//
// The language is words, "phrases", beginnings*, one OR another, and -without. Everything else is a word; no text is
// an error.
type wanted struct {
	groups  [][]term
	without []term
}

// term is one word or phrase. Words that are cut into several tokens, such as foo-bar or 会议, are phrases too.
type term struct {
	tokens []string
	prefix bool
	signs  bool // the tokens are signs, which stand apart in the index and make no phrase
}

const maxTerms = 32

// parseQuery reads what a user searches for.
func parseQuery(text string) wanted {
	var w wanted
	joining := false
	for _, piece := range pieces(text) {
		if piece.or {
			joining = len(w.groups) > 0
			continue
		}
		found, ok := piece.term()
		if !ok {
			continue
		}
		switch {
		case len(w.without)+len(w.groups) >= maxTerms:
		case piece.negative:
			w.without = append(w.without, found)
		case joining:
			last := len(w.groups) - 1
			if len(w.groups[last]) < maxTerms {
				w.groups[last] = append(w.groups[last], found)
			}
		default:
			w.groups = append(w.groups, []term{found})
		}
		joining = false
	}
	return w
}

func (w wanted) empty() bool { return len(w.groups) == 0 && len(w.without) == 0 }

// isWord tells whether a single word is sought.
func (w wanted) isWord() bool {
	if len(w.groups) != 1 || len(w.groups[0]) != 1 || len(w.without) > 0 {
		return false
	}
	only := w.groups[0][0]
	return len(only.tokens) == 1 && !only.prefix
}

type piece struct {
	text             string
	or               bool
	negative, phrase bool
}

// pieces cuts a question at spaces and quotes.
func pieces(text string) []piece {
	var out []piece
	for text = strings.TrimSpace(strings.ToValidUTF8(text, " ")); text != ""; text = strings.TrimSpace(text) {
		var p piece
		if rest, ok := strings.CutPrefix(text, "-"); ok && startsWord(rest) {
			p.negative, text = true, rest
		}
		if quoted, rest, ok := cutQuoted(text); ok {
			p.text, p.phrase, text = quoted, true, rest
		} else {
			end := strings.IndexFunc(text, unicode.IsSpace)
			if end < 0 {
				end = len(text)
			}
			p.text, text = text[:end], text[end:]
		}
		p.or = p.text == "OR" && !p.phrase && !p.negative
		out = append(out, p)
	}
	// OR is a word where it has no two sides.
	for i := range out {
		if out[i].or && (i == 0 || i == len(out)-1 || out[i-1].or || out[i-1].negative || out[i+1].negative) {
			out[i].or = false
		}
	}
	return out
}

// startsWord tells whether a minus sign before rest takes it away: --> and a lone - are words themselves.
func startsWord(rest string) bool {
	r, size := utf8.DecodeRuneInString(rest)
	if r == '"' {
		return strings.Contains(rest[size:], `"`)
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || isEmoji(r))
}

// cutQuoted cuts a phrase off. A quote that nothing closes is a sign.
func cutQuoted(text string) (quoted, rest string, ok bool) {
	inner, found := strings.CutPrefix(text, `"`)
	if !found {
		return "", text, false
	}
	end := strings.IndexByte(inner, '"')
	if end <= 0 {
		return "", text, false
	}
	return inner[:end], inner[end+1:], true
}

// term folds a piece. It is false for one that nothing remains of.
func (p piece) term() (term, bool) {
	text := p.text
	prefix := false
	if !p.phrase && len(text) > 1 && strings.HasSuffix(text, "*") {
		text, prefix = strings.TrimRight(text, "*"), true
	}
	words, signs := tokenize(compose(text))
	if len(words) == 0 {
		words, signs = tokenize(compose(p.text))
		return term{tokens: texts(signs), signs: true}, len(words) == 0 && len(signs) > 0
	}
	return term{tokens: texts(words), prefix: prefix && len(signs) == 0}, true
}

func texts(tokens []token) []string {
	out := make([]string, len(tokens))
	for i, t := range tokens {
		out[i] = t.text
	}
	return out
}

// match writes the question for FTS5. Tokens hold neither quotes nor spaces, and each is quoted.
func (w wanted) match() string {
	var all []string
	for _, group := range w.groups {
		all = append(all, anyOf(group))
	}
	expression := strings.Join(all, " AND ")
	if len(w.without) > 0 && expression != "" {
		expression = "(" + expression + ") NOT " + anyOf(w.without)
	}
	return expression
}

func anyOf(terms []term) string {
	parts := make([]string, len(terms))
	for i, t := range terms {
		parts[i] = t.match()
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func (t term) match() string {
	if t.signs {
		return `("` + strings.Join(t.tokens, `" AND "`) + `")`
	}
	phrase := `"` + strings.Join(t.tokens, " ") + `"`
	if t.prefix {
		phrase += " *"
	}
	return phrase
}
