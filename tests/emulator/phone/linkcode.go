package phone

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"go.mau.fi/whatsmeow/util/hkdfutil"
	"go.mau.fi/whatsmeow/util/keys"
	"golang.org/x/crypto/curve25519"
	"golang.org/x/crypto/pbkdf2"

	"whatsapp-mcp/emulator/server"
)

// ErrWrongCode marks a code that is not the one which the client shows.
var ErrWrongCode = errors.New("this is not the code that the companion shows")

const (
	saltLength, ivLength, keyLength = 32, 16, 32
	// codeRounds makes guessing a code of forty bits slow.
	codeRounds  = 2 << 16
	nonceLength = 12
)

// TypeCode links the companion that asked last for a code, and returns when it has logged in.
func (p *Phone) TypeCode(ctx context.Context, text string) (*server.Companion, error) {
	typed := strings.ToUpper(strings.ReplaceAll(text, "-", ""))
	request, err := p.Server.CodeAsked()
	if err != nil {
		return nil, err
	}
	theirs, err := underCode(typed, request.Wrapped[:saltLength], request.Wrapped[saltLength:saltLength+ivLength], request.Wrapped[saltLength+ivLength:])
	if err != nil {
		return nil, err
	}
	ephemeral := keys.NewKeyPair()
	wrapped := make([]byte, saltLength+ivLength)
	if _, err := rand.Read(wrapped); err != nil {
		return nil, fmt.Errorf("make a salt: %w", err)
	}
	own, err := underCode(typed, wrapped[:saltLength], wrapped[saltLength:], ephemeral.Pub[:])
	if err != nil {
		return nil, err
	}
	identity := p.party.Device().IdentityKey
	bundle, err := p.Server.OfferKeys(ctx, request, append(wrapped, own...), identity.Pub[:])
	if err != nil {
		return nil, err
	}
	c := code{ref: request.Ref, static: request.Static}
	if c.identity, c.secret, err = openBundle(bundle, ephemeral, identity, theirs); err != nil {
		return nil, err
	}
	return p.Server.Link(ctx, c.ref, c.static, func(device uint16) ([]byte, error) { return p.vouch(c, device) })
}

// underCode puts a public key under the code, or takes it from there: it is the same.
func underCode(typed string, salt, iv, key []byte) ([]byte, error) {
	block, err := aes.NewCipher(pbkdf2.Key([]byte(typed), salt, codeRounds, keyLength, sha256.New))
	if err != nil {
		return nil, fmt.Errorf("make the cipher of a code: %w", err)
	}
	turned := make([]byte, len(key))
	cipher.NewCTR(block, iv).XORKeyStream(turned, key)
	return turned, nil
}

// openBundle reads what the companion sealed for who knows the code: its identity key, the phone's, and a random part of
// the secret that both then share.
func openBundle(bundle server.CodeBundle, ephemeral, identity *keys.KeyPair, theirs []byte) (companion, secret [32]byte, err error) {
	shared, err := curve25519.X25519(ephemeral.Priv[:], theirs)
	if err != nil || len(bundle.Sealed) < saltLength+nonceLength {
		return companion, secret, ErrWrongCode
	}
	salt, nonce := bundle.Sealed[:saltLength], bundle.Sealed[saltLength:saltLength+nonceLength]
	block, err := aes.NewCipher(hkdfutil.SHA256(shared, salt, []byte("link_code_pairing_key_bundle_encryption_key"), keyLength))
	if err != nil {
		return companion, secret, fmt.Errorf("make the cipher of a bundle: %w", err)
	}
	sealed, err := cipher.NewGCM(block)
	if err != nil {
		return companion, secret, fmt.Errorf("make the cipher of a bundle: %w", err)
	}
	plain, err := sealed.Open(nil, nonce, bundle.Sealed[saltLength+nonceLength:], nil)
	if err != nil || len(plain) != 3*keyLength || string(plain[keyLength:2*keyLength]) != string(identity.Pub[:]) ||
		string(plain[:keyLength]) != string(bundle.Identity) {
		return companion, secret, ErrWrongCode
	}
	companion = [32]byte(plain[:keyLength])
	together, err := curve25519.X25519(identity.Priv[:], companion[:])
	if err != nil {
		return companion, secret, ErrWrongCode
	}
	input := append(append(append([]byte{}, shared...), together...), plain[2*keyLength:]...)
	return companion, [32]byte(hkdfutil.SHA256(input, nil, []byte("adv_secret"), keyLength)), nil
}
