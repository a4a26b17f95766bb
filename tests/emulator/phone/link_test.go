package phone

import (
	"errors"
	"strings"
	"testing"
)

func FuzzAQRCodeIsReadOrRefused(f *testing.F) {
	key := strings.Repeat("A", 43) + "="
	f.Add("https://wa.me/settings/linked_devices#2@ref," + key + "," + key + "," + key + ",9")
	f.Add("2@ref," + key + "," + key + "," + key)
	f.Add("#,,,,")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCode(text)
		if err != nil && !errors.Is(err, ErrQR) {
			t.Fatal(err)
		}
		if err == nil && !strings.Contains(text, c.ref) {
			t.Fatalf("%q became %q", text, c.ref)
		}
	})
}
