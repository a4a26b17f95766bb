package whatsapp

import (
	"fmt"
	"time"

	"go.mau.fi/whatsmeow/types/events"
)

// State says where the link to WhatsApp stands.
type State string

// The states of the link. From LoggedOut on, a state lasts until a person does something: none is ever retried.
const (
	NotPaired         State = "not_paired"
	Connecting        State = "connecting"
	Connected         State = "connected"
	LoggedOut         State = "logged_out"
	Replaced          State = "replaced"
	ClientOutdated    State = "client_outdated"
	TemporarilyBanned State = "temporarily_banned"
	PasskeyRequired   State = "passkey_required"
)

// Condition is a state with when it began, why, and what a person does about it.
type Condition struct {
	State      State
	Since      time.Time
	Reason     string
	Resolution string
}

// terminal tells the states which no reconnect mends.
func (s State) terminal() bool {
	switch s {
	case LoggedOut, Replaced, ClientOutdated, TemporarilyBanned, PasskeyRequired:
		return true
	case NotPaired, Connecting, Connected:
	}
	return false
}

const (
	reasonPairingExpired = "pairing_expired"

	resolvePair     = "Scan the QR code (in the bridge's terminal, or GET /api/pairing/qr.png) with WhatsApp on the phone: Settings, Linked devices, Link a device."
	resolveExpired  = "Ask for fresh codes with POST /api/pairing {} and scan one within a minute."
	resolveOutdated = "Update this program and build it again: WhatsApp no longer accepts this version of whatsmeow."
	resolvePasskey  = "This account asks for a passkey when a device is linked, which this program cannot give. " +
		"On the phone look for a way to link without a passkey, then ask for fresh codes with POST /api/pairing {}."
	resolveReplaced  = "Another program uses this bridge's session. Stop it, then start this bridge again."
	resolveLoggedOut = "The phone removed this device. Link it again: POST /api/pairing {} gives a fresh QR code; " +
		"stored messages stay."
	resolveWait = "Wait a moment: the bridge reconnects by itself."
)

func notPaired() Condition {
	return Condition{State: NotPaired, Resolution: resolvePair}
}

func pairingExpired() Condition {
	return Condition{State: NotPaired, Reason: reasonPairingExpired, Resolution: resolveExpired}
}

func connecting(reason string) Condition {
	return Condition{State: Connecting, Reason: reason, Resolution: resolveWait}
}

// ending gives the state that an event of whatsmeow ends the connection with; false for every other event.
// Codes: 401 logged out, 402 temporary ban, 403 locked, 405 outdated, 406 banned, 440 replaced.
func ending(event any) (Condition, bool) {
	switch event := event.(type) {
	case *events.LoggedOut:
		return Condition{State: LoggedOut, Reason: loggedOutReason(event), Resolution: resolveLoggedOut}, true
	case *events.StreamReplaced:
		return Condition{State: Replaced, Reason: "440: another connection took over this session", Resolution: resolveReplaced}, true
	case *events.ClientOutdated:
		return Condition{State: ClientOutdated, Reason: "405: WhatsApp refuses this version", Resolution: resolveOutdated}, true
	case *events.TemporaryBan:
		return banned(event), true
	case *events.PairPasskeyRequest:
		return Condition{State: PasskeyRequired, Reason: "the phone asks for a passkey", Resolution: resolvePasskey}, true
	}
	return Condition{}, false
}

func loggedOutReason(event *events.LoggedOut) string {
	switch {
	case !event.OnConnect, event.Reason == events.ConnectFailureLoggedOut:
		return "401: the device was removed from the account"
	case event.Reason == events.ConnectFailureMainDeviceGone:
		return "403: the account is locked or moved to another phone"
	default:
		return fmt.Sprintf("%d: WhatsApp ended the session", int(event.Reason))
	}
}

func banned(event *events.TemporaryBan) Condition {
	condition := Condition{
		State:      TemporarilyBanned,
		Reason:     fmt.Sprintf("402: temporarily banned (%d)", int(event.Code)),
		Resolution: "Stop sending and wait until the ban ends, then start this bridge again.",
	}
	if event.Expire > 0 {
		until := time.Now().Add(event.Expire).UTC().Format(time.RFC3339)
		condition.Resolution = "Stop sending. The ban ends at " + until + "; start this bridge again after it."
	}
	return condition
}
