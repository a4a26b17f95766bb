package noise

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/curve25519"
)

// pattern is exactly 32 bytes, so Noise takes it as the first hash as it stands.
const pattern = "Noise_XX_25519_AESGCM_SHA256\x00\x00\x00\x00"

// state is the handshake's symmetric state: the running hash, the chaining key, and the cipher of this step.
type state struct {
	hash    [32]byte
	chain   []byte
	cipher  cipher.AEAD
	counter uint32
}

func newState(prologue []byte) (*state, error) {
	s := &state{hash: [32]byte([]byte(pattern)), chain: []byte(pattern)}
	var err error
	if s.cipher, err = newCipher([]byte(pattern)); err != nil {
		return nil, err
	}
	s.authenticate(prologue)
	return s, nil
}

func (s *state) authenticate(data []byte) {
	s.hash = sha256.Sum256(append(s.hash[:], data...))
}

// mix makes the keys of the next step from a Diffie-Hellman secret.
func (s *state) mix(private *[32]byte, public [32]byte) error {
	secret, err := curve25519.X25519(private[:], public[:])
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	chain, key, err := s.derive(secret)
	if err != nil {
		return err
	}
	s.chain, s.counter = chain, 0
	s.cipher, err = newCipher(key)
	return err
}

func (s *state) seal(plain []byte) []byte {
	sealed := s.cipher.Seal(nil, nonce(s.counter), plain, s.hash[:])
	s.counter++
	s.authenticate(sealed)
	return sealed
}

func (s *state) open(sealed []byte) ([]byte, error) {
	plain, err := s.cipher.Open(nil, nonce(s.counter), sealed, s.hash[:])
	if err != nil {
		return nil, fmt.Errorf("%w: handshake: %w", ErrProtocol, err)
	}
	s.counter++
	s.authenticate(sealed)
	return plain, nil
}

// split ends the handshake: the first key is the client's to write with, the second the server's.
func (s *state) split() (*Session, error) {
	read, write, err := s.derive(nil)
	if err != nil {
		return nil, err
	}
	session := &Session{}
	if session.read, err = newCipher(read); err != nil {
		return nil, err
	}
	if session.write, err = newCipher(write); err != nil {
		return nil, err
	}
	return session, nil
}

func (s *state) derive(secret []byte) (first, second []byte, err error) {
	keys, err := hkdf.Key(sha256.New, secret, s.chain, "", 64)
	if err != nil {
		return nil, nil, fmt.Errorf("derive Noise keys: %w", err)
	}
	return keys[:32], keys[32:], nil
}

// Session is a connection after the handshake. Open is for its one reader, Seal for its one writer; both count.
type Session struct {
	read, write          cipher.AEAD
	readCount, sentCount uint32
}

// Open decrypts the payload of the next frame from the client.
func (s *Session) Open(sealed []byte) ([]byte, error) {
	plain, err := s.read.Open(nil, nonce(s.readCount), sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: frame %d: %w", ErrProtocol, s.readCount, err)
	}
	s.readCount++
	return plain, nil
}

// Seal encrypts the payload of the next frame to the client.
func (s *Session) Seal(plain []byte) []byte {
	sealed := s.write.Seal(nil, nonce(s.sentCount), plain, nil)
	s.sentCount++
	return sealed
}

func newCipher(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("prepare AES: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("prepare GCM: %w", err)
	}
	return aead, nil
}

func nonce(counter uint32) []byte {
	iv := make([]byte, 12)
	binary.BigEndian.PutUint32(iv[8:], counter)
	return iv
}
