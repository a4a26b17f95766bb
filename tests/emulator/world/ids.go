package world

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"go.mau.fi/whatsmeow/types"
)

// NewCompanionID returns a message ID as linked devices make them (3EB0 and 9 bytes in hex).
func NewCompanionID() string { return "3EB0" + randomHex(9) }

// NewIPhoneID returns a message ID as iPhones make them (3A and 9 bytes in hex).
func NewIPhoneID() string { return "3A" + randomHex(9) }

// NewAndroidID returns a message ID as Android phones make them (AC and 15 bytes in hex).
func NewAndroidID() string { return "AC" + randomHex(15) }

// newNewsletterJID returns an address as newsletters have them: 18 digits.
func newNewsletterJID() types.JID {
	b := make([]byte, 8)
	_, _ = rand.Read(b)
	return types.NewJID(fmt.Sprintf("120363%012d", binary.BigEndian.Uint64(b)%1e12), types.NewsletterServer)
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	return strings.ToUpper(hex.EncodeToString(b))
}
