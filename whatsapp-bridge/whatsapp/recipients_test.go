package whatsapp

import (
	"slices"
	"testing"
)

func TestRecipientsAreJIDsAndNumbersAndNothingElse(t *testing.T) {
	for text, expected := range map[string]Recipients{
		"nobody":      {},
		"+1 555 0100": {"15550100@s.whatsapp.net"},
		"15550101:7@s.whatsapp.net, 990100@lid,120363000000000001@g.us": {
			"15550101@s.whatsapp.net", "990100@lid", "120363000000000001@g.us",
		},
	} {
		found, err := ParseRecipients(text)
		if err != nil || found == nil || !slices.Equal(found, expected) {
			t.Errorf("%q: %v, %v", text, found, err)
		}
	}
	for _, text := range []string{"", " ", "Bob", "+1 555 0100,", "+1 555 0100;+1 555 0101", "nobody, +1 555 0100", "*", "12@g.us@g.us"} {
		if found, err := ParseRecipients(text); err == nil {
			t.Errorf("%q is taken for %v", text, found)
		}
	}
}
