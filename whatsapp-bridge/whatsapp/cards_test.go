package whatsapp

import (
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

func TestANumberWithItsCountryCodeGetsItsWhatsAppID(t *testing.T) {
	for line, want := range map[string]string{
		"TEL:+1 555 0100":                     "TEL;waid=15550100:+1 555 0100",
		"item1.TEL;type=CELL:+1 (555) 01-00":  "item1.TEL;type=CELL;waid=15550100:+1 (555) 01-00",
		"tel;VALUE=uri:tel:+1-555-0100;ext=1": "tel;VALUE=uri;waid=15550100:tel:+1-555-0100;ext=1",
		"TEL:001 555 0100":                    "TEL;waid=15550100:001 555 0100",
		"TEL;waid=15550100:+1 555 0100":       "TEL;waid=15550100:+1 555 0100",
		"TEL:0555 0100":                       "TEL:0555 0100",
		"TEL:+":                               "TEL:+",
		"NOTE:TEL:+1 555 0100":                "NOTE:TEL:+1 555 0100",
		"TELEX:+1 555 0100":                   "TELEX:+1 555 0100",
	} {
		if got := withWhatsApp(line); got != want {
			t.Errorf("%s: %s", line, got)
		}
	}
}

func TestCardsAreReadAsTheyAreWritten(t *testing.T) {
	text := "begin:vcard\r\nVERSION:4.0\r\nitem1.FN;CHARSET=UTF-8:Zo\\, the\r\n  baker\r\nNOTE:a\r\n b\r\nEND:VCARD\r\n\r\n" +
		"BEGIN:VCARD\nFN:Ben\nEND:VCARD\n"
	cards, err := readCards(text)
	if err != nil || len(cards) != 2 {
		t.Fatalf("%v, %v", cards, err)
	}
	if cards[0].GetDisplayName() != "Zo, the baker" || !strings.Contains(cards[0].GetVcard(), "\nNOTE:ab\n") {
		t.Errorf("%q", cards[0])
	}
	if message := cardMessage(cards); message.GetContactsArrayMessage().GetDisplayName() != "Zo, the baker, Ben" {
		t.Errorf("%v", message)
	}
	for _, bad := range []string{"", "FN:Ann", "BEGIN:VCARD\nFN:Ann", "BEGIN:VCARD\nEND:VCARD", "BEGIN:VCARD\nFN: \nEND:VCARD", text + "more"} {
		if _, err := readCards(bad); fault.CodeOf(err) != fault.InvalidArgument {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzAVCardIsReadOrRefused(f *testing.F) {
	f.Add("BEGIN:VCARD\nFN:Ann\nTEL:+1 555 0100\nEND:VCARD")
	f.Fuzz(func(t *testing.T, text string) {
		cards, err := readCards(text)
		if err == nil && (len(cards) == 0 || cards[0].GetDisplayName() == "") {
			t.Errorf("%q became %v", text, cards)
		}
	})
}
