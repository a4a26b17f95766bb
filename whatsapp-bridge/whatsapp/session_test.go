package whatsapp

import (
	"context"
	"crypto/rand"
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
	folder := t.TempDir()
	container := sessionStore(t, folder)
	mustSession(t, container.Upgrade(ctx))

	device := container.NewDevice()
	jid := types.NewADJID("15550100", 0, 3)
	device.ID = &jid
	device.LID = types.JID{User: "990100", Device: 3, Server: types.HiddenUserServer}
	device.Account = &waAdv.ADVSignedDeviceIdentity{
		Details: []byte("details"), AccountSignature: make([]byte, 64), AccountSignatureKey: make([]byte, 32),
		DeviceSignature: make([]byte, 64),
	}
	mustSession(t, container.PutDevice(ctx, device))
	session := make([]byte, 900)
	_, err := rand.Read(session)
	mustSession(t, err)
	const peer = "990101_1:0"
	mustSession(t, device.Sessions.PutSession(ctx, peer, session))
	mustSession(t, device.Identities.PutIdentity(ctx, peer, [32]byte(keys.NewKeyPair().Pub[:])))
	prekeys, err := device.PreKeys.GetOrGenPreKeys(ctx, 30)
	mustSession(t, err)
	if len(prekeys) != 30 {
		t.Errorf("%d pre-keys", len(prekeys))
	}
	pn, lid := types.NewJID("15550101", types.DefaultUserServer), types.NewJID("990101", types.HiddenUserServer)
	mustSession(t, device.LIDs.PutLIDMapping(ctx, lid, pn))
	_, _, err = device.Contacts.PutPushName(ctx, pn, "Bob")
	mustSession(t, err)
	mustSession(t, device.MsgSecrets.PutMessageSecret(ctx, pn, pn, "M1", make([]byte, 32)))
	mustSession(t, device.ChatSettings.PutMutedUntil(ctx, pn, time.Unix(1_750_000_000, 0)))

	again, err := sessionStore(t, folder).GetFirstDevice(ctx)
	mustSession(t, err)
	if again.ID == nil || *again.ID != jid {
		t.Fatalf("device %v", again.ID)
	}
	stored, err := again.Sessions.GetSession(ctx, peer)
	mustSession(t, err)
	if string(stored) != string(session) {
		t.Error("the Signal session changed")
	}
	known, err := again.LIDs.GetPNForLID(ctx, lid)
	mustSession(t, err)
	contact, err := again.Contacts.GetContact(ctx, pn)
	mustSession(t, err)
	if known != pn || contact.PushName != "Bob" {
		t.Errorf("mapping %v, contact %+v", known, contact)
	}
}

func sessionStore(t *testing.T, folder string) *sqlstore.Container {
	t.Helper()
	database, err := openSession(folder)
	mustSession(t, err)
	t.Cleanup(func() { mustSession(t, database.Close()) })
	return sqlstore.NewWithDB(database, "sqlite3", waLog.Noop)
}

func mustSession(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
