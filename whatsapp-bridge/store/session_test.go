package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/proto/waAdv"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
	waLog "go.mau.fi/whatsmeow/util/log"
)

// docs/decisions/0001-sqlite-without-cgo.md rests on this: whatsmeow's own session store runs on the driver that
// messages.db uses. It names the dialect "sqlite3" and the driver "sqlite".
func TestTheLibrarysSessionStoreRunsOnTheDriverWithoutCgo(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "whatsapp.db")
	container := sessions(t, path)
	must(t, container.Upgrade(ctx))

	device := container.NewDevice()
	jid := types.NewADJID("15550100", 0, 3)
	device.ID = &jid
	device.LID = types.JID{User: "990100", Device: 3, Server: types.HiddenUserServer}
	device.Account = &waAdv.ADVSignedDeviceIdentity{
		Details: []byte("details"), AccountSignature: make([]byte, 64), AccountSignatureKey: make([]byte, 32), DeviceSignature: make([]byte, 64),
	}
	must(t, container.PutDevice(ctx, device))
	session := make([]byte, 900)
	_, err := rand.Read(session)
	must(t, err)
	const peer = "990101_1:0"
	must(t, device.Sessions.PutSession(ctx, peer, session))
	must(t, device.Identities.PutIdentity(ctx, peer, [32]byte(keys.NewKeyPair().Pub[:])))
	prekeys, err := device.PreKeys.GetOrGenPreKeys(ctx, 30)
	must(t, err)
	if len(prekeys) != 30 {
		t.Errorf("%d prekeys", len(prekeys))
	}
	pn, lid := types.NewJID("15550101", types.DefaultUserServer), types.NewJID("990101", types.HiddenUserServer)
	must(t, device.LIDs.PutLIDMapping(ctx, lid, pn))
	_, _, err = device.Contacts.PutPushName(ctx, pn, "Bob")
	must(t, err)
	must(t, device.MsgSecrets.PutMessageSecret(ctx, pn, pn, "M1", make([]byte, 32)))
	must(t, device.ChatSettings.PutMutedUntil(ctx, pn, time.Unix(firstDay, 0)))

	again, err := sessions(t, path).GetFirstDevice(ctx)
	must(t, err)
	if again.ID == nil || *again.ID != jid {
		t.Fatalf("device %v", again.ID)
	}
	stored, err := again.Sessions.GetSession(ctx, peer)
	must(t, err)
	want(t, "session", string(stored), string(session))
	known, err := again.LIDs.GetPNForLID(ctx, lid)
	must(t, err)
	want(t, "mapping", known.String(), pn.String())
	contact, err := again.Contacts.GetContact(ctx, pn)
	must(t, err)
	want(t, "push name", contact.PushName, "Bob")
}

func sessions(t *testing.T, path string) *sqlstore.Container {
	t.Helper()
	address := url.URL{Scheme: "file", Path: path, RawQuery: "_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", address.String())
	must(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { must(t, db.Close()) })
	return sqlstore.NewWithDB(db, "sqlite3", waLog.Noop)
}
