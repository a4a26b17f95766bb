package whatsapp

import (
	"testing"
	"time"
)

// unlinked is a supervisor of a device without a session, which never dials.
func unlinked(t *testing.T) *supervisor {
	t.Helper()
	client := link(t)
	if err := client.newDevice(t.Context()); err != nil {
		t.Fatal(err)
	}
	client.setCondition(notPaired())
	return &supervisor{
		client: client, retry: stoppedTimer(), codeTimer: stoppedTimer(), pairingEnds: time.Now().Add(pairingWindow),
	}
}

func TestCodesAreShownOneAfterAnotherUntilNewOnesMustBeAsked(t *testing.T) {
	s := unlinked(t)
	s.apply(t.Context(), signal{kind: codesCame, codes: []string{"first", "second"}})
	live := s.client.Pairing()
	if live.Code != "first" || time.Until(live.ExpiresAt) < codeLife {
		t.Fatalf("got %+v", live)
	}
	s.nextCode(codeLife)
	if live := s.client.Pairing(); live.Code != "second" {
		t.Fatalf("got %+v", live)
	}
	s.nextCode(codeLife)
	if live := s.client.Pairing(); live.Code != "" || s.failures != 1 {
		t.Fatalf("got %+v after %d failures", live, s.failures)
	}
}

func TestPairingEndsAfterAWhileAndWaitsToBeAskedAgain(t *testing.T) {
	s := unlinked(t)
	s.pairingEnds = time.Now().Add(-time.Second)
	s.apply(t.Context(), signal{kind: dropped})
	condition := s.client.Condition()
	if condition.State != NotPaired || condition.Reason != reasonPairingExpired || condition.Resolution == "" {
		t.Fatalf("got %+v", condition)
	}
	if s.retry.Stop() {
		t.Error("it would connect again by itself")
	}
}

func TestWhoeverWaitsForACodeIsAnsweredWhenItComes(t *testing.T) {
	s := unlinked(t)
	waiting := make(chan struct{})
	s.apply(t.Context(), signal{kind: pairAsked, done: waiting})
	s.apply(t.Context(), signal{kind: codesCame, codes: []string{"first"}})
	select {
	case <-waiting:
	default:
		t.Fatal("nobody told the one who waits")
	}
}

func TestALinkedBridgeDoesNotPairAgainAndAnEndedOneDoesNotReconnect(t *testing.T) {
	s := unlinked(t)
	s.apply(t.Context(), signal{kind: loggedIn})
	waiting := make(chan struct{})
	s.apply(t.Context(), signal{kind: pairAsked, done: waiting})
	<-waiting
	if state := s.client.Condition().State; state != Connected {
		t.Fatalf("got %s", state)
	}
	end := Condition{State: Replaced, Reason: "440", Resolution: resolveReplaced}
	s.apply(t.Context(), signal{kind: ended, condition: end})
	s.apply(t.Context(), signal{kind: dropped, reason: "the connection was closed"})
	if state := s.client.Condition().State; state != Replaced || s.retry.Stop() {
		t.Fatalf("got %s", state)
	}
}

func TestALostConnectionIsMadeAgainWithTheTimeOfTheChangeKept(t *testing.T) {
	s := unlinked(t)
	s.apply(t.Context(), signal{kind: loggedIn})
	s.apply(t.Context(), signal{kind: dropped, reason: "the connection was closed"})
	first := s.client.Condition()
	s.apply(t.Context(), signal{kind: dialFailed, reason: "WhatsApp could not be reached"})
	second := s.client.Condition()
	if first.State != Connecting || second.State != Connecting || !second.Since.Equal(first.Since) || second.Reason == first.Reason {
		t.Errorf("first %+v, second %+v", first, second)
	}
	if !s.retry.Stop() {
		t.Error("nothing would connect again")
	}
}
