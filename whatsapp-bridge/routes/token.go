package routes

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// TokenVariable is the environment variable that takes the place of the token's file.
const TokenVariable = "WHATSAPP_MCP_TOKEN"

const tokenBytes = 32

// Token is the secret that every caller of the bridges shows: 64 hex characters.
type Token string

// LoadToken reads the token of TokenVariable or, where that is empty, of the file at path. The file is made where it
// is missing; both bridges may try that at the same moment, and both get the same token.
func LoadToken(path string) (Token, error) {
	if given := os.Getenv(TokenVariable); given != "" {
		return parseToken(given, TokenVariable)
	}
	token, err := readToken(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return token, err
	}
	if err := createToken(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("making the token's file: %w", err)
	}
	return readToken(path)
}

func readToken(path string) (Token, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return "", fmt.Errorf("closing the token's file to others: %w", err)
	}
	return parseToken(string(content), path)
}

func parseToken(text, source string) (Token, error) {
	text = strings.TrimSpace(text)
	if raw, err := hex.DecodeString(text); err != nil || len(raw) != tokenBytes {
		return "", fmt.Errorf("%s does not hold a token of %d hex characters; delete it, and a new one is made at the next start",
			source, tokenBytes*2)
	}
	return Token(text), nil
}

// createToken writes a whole file beside path and links it into place, so that nobody ever reads half a token.
func createToken(path string) error {
	secret := make([]byte, tokenBytes)
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), ".token-*") // made with mode 0600
	if err != nil {
		return err
	}
	_, err = draft.WriteString(hex.EncodeToString(secret) + "\n")
	if err = errors.Join(err, draft.Sync(), draft.Close()); err == nil {
		err = os.Link(draft.Name(), path)
	}
	return errors.Join(err, os.Remove(draft.Name()))
}

// fits compares in constant time; hashing first hides the length too.
func (t Token) fits(shown string) bool {
	want, got := sha256.Sum256([]byte(t)), sha256.Sum256([]byte(shown))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}
