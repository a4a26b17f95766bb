package signal_test

import (
	"errors"
	"path/filepath"
	"testing"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/signal"
)

func parties(t *testing.T) (*signal.Party, *signal.Party) {
	t.Helper()
	store, err := signal.Open(t.Context(), filepath.Join(t.TempDir(), "signal.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	make := func(pn, lid string) *signal.Party {
		party, err := store.Party(t.Context(), types.NewJID(pn, types.DefaultUserServer), types.NewJID(lid, types.HiddenUserServer))
		if err != nil {
			t.Fatal(err)
		}
		return party
	}
	return make("15550101", "210000000000101"), make("15550102", "210000000000102")
}

func published(t *testing.T, party *signal.Party) signal.Published {
	return func() (signal.Bundle, error) { return party.Bundle(t.Context()) }
}

func TestPartiesReadEachOtherAndNobodyElse(t *testing.T) {
	a, b := parties(t)
	said := &waE2E.Message{Conversation: proto.String("hello")}
	for range 3 {
		sealed, err := a.Encrypt(t.Context(), b.LID(), published(t, b), said)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.Decrypt(t.Context(), a.LID(), sealed); err != nil || got.GetConversation() != "hello" {
			t.Fatalf("%v, %v", got, err)
		}
		answer, err := b.Encrypt(t.Context(), a.LID(), published(t, a), said)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Decrypt(t.Context(), b.LID(), answer); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Decrypt(t.Context(), b.LID(), sealed); err == nil {
			t.Error("the author read what it sealed for the other")
		}
	}
}

func TestAGroupMessageNeedsTheSenderKey(t *testing.T) {
	a, b := parties(t)
	group := types.NewJID("120363000000000001", types.GroupServer)
	shared, handover, err := a.EncryptGroup(t.Context(), group, &waE2E.Message{Conversation: proto.String("all of you")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Open(t.Context(), group, a.LID(), []signal.Envelope{shared}); err == nil {
		t.Error("it was read without the key")
	}
	key, err := a.Encrypt(t.Context(), b.LID(), published(t, b), handover)
	if err != nil {
		t.Fatal(err)
	}
	messages, err := b.Open(t.Context(), group, a.LID(), []signal.Envelope{key, shared})
	if err != nil || messages[len(messages)-1].GetConversation() != "all of you" {
		t.Errorf("%v, %v", messages, err)
	}
}

func TestBundlesKeepTheirKeysOnTheWire(t *testing.T) {
	a, _ := parties(t)
	seen := map[uint32]bool{}
	for range 5 {
		bundle, err := a.Bundle(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if seen[bundle.OneTime.ID] {
			t.Errorf("key %d was given out twice", bundle.OneTime.ID)
		}
		seen[bundle.OneTime.ID] = true
		parsed, err := signal.ParseBundle(binary.Node{Tag: "user", Content: bundle.Nodes()})
		if err != nil || parsed.Verify() != nil || *parsed.OneTime != *bundle.OneTime || parsed.Signed != bundle.Signed {
			t.Errorf("%+v became %+v, %v", bundle, parsed, err)
		}
		parsed.Signed.Signature[5] ^= 1
		if !errors.Is(parsed.Verify(), signal.ErrBundle) {
			t.Error("a wrong signature was believed")
		}
	}
}

func FuzzAnEnvelopeIsOpenedOrRefused(f *testing.F) {
	f.Add("pkmsg", []byte{0x33, 1, 2, 3})
	f.Add("msg", []byte{0x33})
	f.Add("skmsg", make([]byte, 80))
	store, err := signal.Open(f.Context(), filepath.Join(f.TempDir(), "signal.db"))
	if err != nil {
		f.Fatal(err)
	}
	party, err := store.Party(f.Context(), types.NewJID("15550101", types.DefaultUserServer), types.NewJID("210000000000101", types.HiddenUserServer))
	if err != nil {
		f.Fatal(err)
	}
	from := types.NewJID("210000000000102", types.HiddenUserServer)
	f.Fuzz(func(t *testing.T, kind string, content []byte) {
		envelope, err := signal.ParseEnvelope(binary.Node{Tag: "enc", Attrs: binary.Attrs{"type": kind}, Content: content})
		if err != nil {
			if !errors.Is(err, signal.ErrEnvelope) {
				t.Fatal(err)
			}
			return
		}
		if _, err := party.Open(t.Context(), from, from, []signal.Envelope{envelope}); err == nil {
			t.Fatalf("%x was opened", content)
		}
	})
}
