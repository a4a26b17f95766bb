// Package media is the emulator's blob store: WhatsApp's media hosts on loopback, with TLS of their own, and the
// encryption that attachments and history blobs carry. The server sees only sealed bytes, as the real one does.
package media

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/util/cbcutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
)

// macLength is what WhatsApp keeps of the HMAC (whatsmeow upload.go).
const macLength = 10

// Sealed is an encrypted attachment and what a message must say about it.
type Sealed struct {
	// Blob is what is uploaded: AES-256-CBC ciphertext and 10 bytes of HMAC-SHA256.
	Blob []byte
	// Key is the 32 byte media key.
	Key []byte
	// SHA256 is of the plaintext, EncSHA256 of Blob.
	SHA256    []byte
	EncSHA256 []byte
	// Length is of the plaintext, in bytes.
	Length uint64
}

// Seal encrypts an attachment under a fresh key. The kind is part of the key derivation: opening needs the same.
func Seal(plain []byte, kind whatsmeow.MediaType) (Sealed, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // crypto/rand.Read never fails
	iv, cipherKey, macKey := derive(key, kind)
	blob, err := cbcutil.Encrypt(cipherKey, iv, plain)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal %s: %w", kind, err)
	}
	blob = append(blob, mac(macKey, iv, blob)...)
	plainSum, blobSum := sha256.Sum256(plain), sha256.Sum256(blob)
	return Sealed{Blob: blob, Key: key, SHA256: plainSum[:], EncSHA256: blobSum[:], Length: uint64(len(plain))}, nil
}

// Open decrypts a blob that Seal, or either library, made. The blob is left as it is.
func Open(blob, key []byte, kind whatsmeow.MediaType) ([]byte, error) {
	if len(blob) <= macLength {
		return nil, errors.New("open: blob is shorter than its checksum")
	}
	iv, cipherKey, macKey := derive(key, kind)
	body, sum := append([]byte(nil), blob[:len(blob)-macLength]...), blob[len(blob)-macLength:]
	if !hmac.Equal(sum, mac(macKey, iv, body)) {
		return nil, fmt.Errorf("open: blob was not sealed with this key as %s", kind)
	}
	return cbcutil.Decrypt(cipherKey, iv, body)
}

func derive(key []byte, kind whatsmeow.MediaType) (iv, cipherKey, macKey []byte) {
	expanded := hkdfutil.SHA256(key, nil, []byte(kind), 112)
	return expanded[:16], expanded[16:48], expanded[48:80]
}

func mac(key, iv, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(iv)
	h.Write(body)
	return h.Sum(nil)[:macLength]
}
