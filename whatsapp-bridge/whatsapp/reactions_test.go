package whatsapp

import (
	"testing"
)

func TestOnlyOneEmojiIsAReaction(t *testing.T) {
	for _, emoji := range []string{"👍", "❤️", "❤", "👍🏽", "👨‍👩‍👧", "🏳️‍🌈", "🇯🇵", "1️⃣", "‼️", "☺️", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "↔️", "©️"} {
		if !isEmoji(emoji) {
			t.Errorf("%q was refused", emoji)
		}
	}
	for _, words := range []string{"like", ":+1:", "+", "7", "👍👍", "👍 ", "ok👍", "🇯🇵🇩🇪", "!", "\u200d", "\n", "é", "心"} {
		if isEmoji(words) {
			t.Errorf("%q was taken for an emoji", words)
		}
	}
}
