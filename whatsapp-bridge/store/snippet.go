package store

import "strings"

const (
	snippetLength = 160 // runes
	snippetBefore = 40
)

// snippet cuts out of a text the place where the question is met and marks what was found with [ and ]. It is empty
// when the hit lies elsewhere, such as in a file's name.
func snippet(text string, w wanted) string {
	text = compose(text)
	words, signs := tokenize(text)
	var spans [][2]int
	for _, group := range w.groups {
		for _, t := range group {
			if t.signs {
				spans = append(spans, findTerm(signs, t)...)
			} else {
				spans = append(spans, findTerm(words, t)...)
			}
		}
	}
	if len(spans) == 0 {
		return ""
	}
	return mark(text, spans)
}

// findTerm gives the spans of a term's places.
func findTerm(tokens []token, t term) [][2]int {
	var spans [][2]int
	for i := range tokens {
		if t.signs && t.fits(tokens[i:], 1) {
			spans = append(spans, [2]int{tokens[i].start, tokens[i].end})
		} else if !t.signs && t.fits(tokens[i:], len(t.tokens)) {
			spans = append(spans, [2]int{tokens[i].start, tokens[i+len(t.tokens)-1].end})
		}
	}
	return spans
}

func (t term) fits(tokens []token, n int) bool {
	if len(tokens) < n {
		return false
	}
	for i := range n {
		begins := t.prefix && i == n-1 && strings.HasPrefix(tokens[i].text, t.tokens[i])
		if tokens[i].text != t.tokens[i] && !begins {
			return false
		}
	}
	return true
}

// mark gives the part of the text around its first span, with every span in it marked.
func mark(text string, spans [][2]int) string {
	marked := make([]bool, len(text))
	first := spans[0][0]
	for _, span := range spans {
		first = min(first, span[0])
		for i := span[0]; i < span[1]; i++ {
			marked[i] = true
		}
	}
	begin := back(text, first, snippetBefore)
	var out strings.Builder
	if begin > 0 {
		out.WriteString("…")
	}
	runes, open := 0, false
	for at, r := range text[begin:] {
		if marked[begin+at] != open {
			open = !open
			out.WriteString(bracket(open))
		}
		if runes++; runes > snippetLength {
			if open {
				out.WriteString(bracket(false))
			}
			return out.String() + "…"
		}
		out.WriteRune(r)
	}
	if open {
		out.WriteString(bracket(false))
	}
	return out.String()
}

func bracket(open bool) string {
	if open {
		return "["
	}
	return "]"
}

// back gives the place n runes before at, or the beginning.
func back(text string, at, n int) int {
	starts := make([]int, 0, at)
	for i := range text[:at] {
		starts = append(starts, i)
	}
	if len(starts) <= n {
		return 0
	}
	return starts[len(starts)-n]
}
