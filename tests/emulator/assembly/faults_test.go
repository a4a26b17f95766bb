package assembly_test

import (
	"errors"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types/events"

	"whatsapp-mcp/emulator/assembly"
	"whatsapp-mcp/emulator/inbox"
)

func isRequest(id string) func(inbox.Entry) bool {
	return func(e inbox.Entry) bool { return e.Kind == inbox.PeerRequest && e.ID == id }
}

// leave disconnects a client, and returns when the server has noticed.
func (c *companion) leave() {
	c.t.Helper()
	c.Disconnect()
	c.deviceIs(c.device, func(d deviceRow) bool { return !d.Connected })
}

// again makes a client with the keys of one that is gone, and connects it.
func (c *companion) again() *companion {
	c.t.Helper()
	c.leave()
	next := c.attach(c.Store)
	next.device = c.device
	if err := next.ConnectContext(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	return next
}

func connected(c *companion) {
	c.t.Helper()
	await(c, func(*events.Connected) bool { return true })
}

func TestWhatComesWhileACompanionIsAwayWaitsForIt(t *testing.T) {
	r := start(t)
	c := r.link()
	c.settled()
	c.leave()
	r.say(bob, "", "are you there?")
	r.say(r.memberOf(football), football, "anyone?")
	r.deviceIs(c.device, func(d deviceRow) bool { return d.Queued == 2 })
	next := c.again()
	await(next, saying("are you there?"))
	await(next, saying("anyone?"))
	if done := await(next, func(*events.OfflineSyncCompleted) bool { return true }); done.Count != 2 {
		t.Errorf("%d were said to have waited", done.Count)
	}
	next.settled()
	third := next.again()
	if done := await(third, func(*events.OfflineSyncCompleted) bool { return true }); done.Count != 0 {
		t.Errorf("%d came a second time", done.Count)
	}
}

func TestADroppedConnectionIsMadeAgainAndLosesNothing(t *testing.T) {
	r := start(t)
	c := r.link()
	c.settled()
	r.fault("drop", nil)
	r.say(bob, "", "in the gap")
	await(c, func(*events.Disconnected) bool { return true })
	await(c, saying("in the gap"))
	c.settled()
}

func TestASlowConnectionIsOnlySlow(t *testing.T) {
	r := start(t)
	c := r.link()
	c.settled()
	r.fault("slow", words{"ms": 200, "device": c.device})
	asked := time.Now()
	c.send(r.jid(bob), text("slowly"))
	if took := time.Since(asked); took < 200*time.Millisecond {
		t.Errorf("answered after %s", took)
	}
	r.fault("slow", words{"on": false})
	c.send(r.jid(bob), text("quickly"))
}

func TestTheEndsOfAConnectionAreToldApart(t *testing.T) {
	for _, end := range []struct {
		kind string
		seen func(*companion)
	}{
		{"401", func(c *companion) { await(c, func(*events.LoggedOut) bool { return true }) }},
		{"405", func(c *companion) { await(c, func(*events.ClientOutdated) bool { return true }) }},
		{"440", func(c *companion) { await(c, func(*events.StreamReplaced) bool { return true }) }},
	} {
		r := start(t)
		c := r.link()
		c.settled()
		r.fault(end.kind, nil)
		end.seen(c)
	}
}

func TestAServerThatIsUnavailableIsTriedAgain(t *testing.T) {
	r := start(t)
	c := r.link()
	c.settled()
	r.fault("503", words{"count": 1})
	await(c, func(*events.Disconnected) bool { return true })
	r.say(bob, "", "back again")
	await(c, saying("back again"))
}

func TestLoginsAreRefusedWhileAFaultIsOn(t *testing.T) {
	r := start(t)
	c := r.link()
	c.settled()
	c.leave()
	r.fault("405", nil)
	await(c.again(), func(*events.ClientOutdated) bool { return true })
	r.fault("405", words{"on": false})
	r.fault("banned", nil)
	ban := await(c.again(), func(*events.TemporaryBan) bool { return true })
	if ban.Code != events.TempBanSentToTooManyPeople || ban.Expire != time.Hour {
		t.Errorf("%+v", ban)
	}
	r.fault("banned", words{"on": false})
	r.fault("440", words{"count": 1})
	await(c.again(), func(*events.StreamReplaced) bool { return true })
	connected(c.again())
}

func TestTheSameDeviceTwiceReplacesTheFirst(t *testing.T) {
	r := start(t)
	c := r.link()
	c.settled()
	twin := c.attach(c.Store)
	twin.device = c.device
	if err := twin.ConnectContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	connected(twin)
	await(c, func(*events.StreamReplaced) bool { return true })
}

func TestAnUnlinkedCompanionIsLoggedOutAndStaysOut(t *testing.T) {
	r := start(t)
	first, second := r.link(), r.link()
	first.settled()
	keys := *first.Store
	r.post("/admin/unlink", words{"device": first.device}, nil)
	await(first, func(*events.LoggedOut) bool { return true })
	again := r.attach(&keys)
	if err := again.ConnectContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(again, func(e *events.LoggedOut) bool { return e.OnConnect })
	second.settled()
	second.send(r.jid(bob), text("still here"))
}

func TestACompanionLogsItselfOut(t *testing.T) {
	r := start(t)
	c := r.link()
	c.settled()
	if err := c.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	var devices []deviceRow
	r.get("/admin/devices", &devices)
	if len(devices) != 0 {
		t.Errorf("%+v", devices)
	}
}

func TestALoggedOutCompanionIsLinkedAnew(t *testing.T) {
	r := start(t)
	c := r.link()
	c.settled()
	r.fault("401", words{"count": 1})
	await(c, func(*events.LoggedOut) bool { return true })
	if next := r.link(); next.device != 2 {
		t.Errorf("it is device %d", next.device)
	}
}

func TestEveryMessageMayArriveTwice(t *testing.T) {
	r := start(t)
	c := r.link()
	c.settled()
	r.fault("duplicate_delivery", words{"count": 1})
	r.say(bob, "", "once or twice")
	await(c, saying("once or twice"))
	c.settled()
	r.say(bob, "", "and then once")
	await(c, saying("and then once"))
}

func TestLinkingMayAskForAPasskey(t *testing.T) {
	r := start(t)
	r.fault("passkey", words{"count": 1})
	c := r.newClient()
	if err := c.ConnectContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	codes := await(c, func(*events.QR) bool { return true }).Codes
	r.refuses("/admin/scan", words{"qr": codes[0]}, 409)
	asked := await(c, func(*events.PairPasskeyRequest) bool { return true })
	if asked.PublicKey.RelyingPartID != "whatsapp.com" {
		t.Errorf("%+v", asked.PublicKey)
	}
}

func TestAQueryOfAnUnknownNamespaceIsRefused(t *testing.T) {
	r := start(t)
	c := r.link()
	_, err := c.DangerousInternals().SendIQ(t.Context(), whatsmeow.DangerousInfoQuery{Namespace: "w:nothing", Type: "get"}) //nolint:staticcheck // SA1019: a raw query is what is tested.
	var refused *whatsmeow.IQError
	if !errors.As(err, &refused) || refused.Code != 501 {
		t.Errorf("the answer is %v", err)
	}
}

func TestItListensOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "localhost:0", "nonsense"} {
		if _, err := assembly.Start(t.Context(), assembly.Options{Listen: address}); err == nil {
			t.Errorf("it listens on %s", address)
		}
	}
}
