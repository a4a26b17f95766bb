package routes

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestBothBridgesGetTheSameTokenWhoeverComesFirst(t *testing.T) {
	t.Setenv(TokenVariable, "")
	path := filepath.Join(t.TempDir(), "store", "bridge.token")
	tokens := make([]Token, 16)
	var racers sync.WaitGroup
	for i := range tokens {
		racers.Go(func() {
			token, err := LoadToken(path)
			if err != nil {
				t.Error(err)
			}
			tokens[i] = token
		})
	}
	racers.Wait()
	for _, token := range tokens {
		if token != tokens[0] || len(token) != 64 {
			t.Fatalf("got %q and %q", token, tokens[0])
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".token-*")); len(left) > 0 {
		t.Errorf("drafts were left: %v", left)
	}
}

func TestAnOpenTokenFileIsClosedAndADamagedOneRefused(t *testing.T) {
	t.Setenv(TokenVariable, "")
	path := filepath.Join(t.TempDir(), "bridge.token")
	if err := os.WriteFile(path, []byte(testToken+"\n"), 0o644); err != nil { //nolint:gosec // the point of the test
		t.Fatal(err)
	}
	if token, err := LoadToken(path); err != nil || token != testToken {
		t.Fatalf("got %q, %v", token, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	for _, damaged := range []string{"", "short", testToken[:63], strings.Repeat("z", 64)} {
		if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if token, err := LoadToken(path); err == nil {
			t.Errorf("%q gave the token %q", damaged, token)
		}
	}
}

func TestTheEnvironmentTakesThePlaceOfTheFile(t *testing.T) {
	t.Setenv(TokenVariable, testToken)
	path := filepath.Join(t.TempDir(), "bridge.token")
	if token, err := LoadToken(path); err != nil || token != testToken {
		t.Fatalf("got %q, %v", token, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file was made all the same")
	}
	t.Setenv(TokenVariable, "guess")
	if _, err := LoadToken(path); err == nil {
		t.Error("a weak token was taken")
	}
}
