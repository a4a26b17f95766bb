// Package signal gives the people inside the emulator their Signal sessions: each is a device of whatsmeow's own SQL
// store, so that what the companions talk to is libsignal itself.
package signal

import (
	"context"
	"fmt"
	"net/url"

	"go.mau.fi/whatsmeow/proto/waAdv"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
	waLog "go.mau.fi/whatsmeow/util/log"
	_ "modernc.org/sqlite" // the "sqlite" driver
)

// Store is the database of all parties' keys and sessions.
type Store struct {
	container *sqlstore.Container
}

// Open makes or opens the database file. Nothing in it has to survive a power cut, so it never waits for the disk.
func Open(ctx context.Context, path string) (*Store, error) {
	pragmas := url.Values{
		"_pragma": {"foreign_keys(1)", "busy_timeout(10000)", "journal_mode(WAL)", "synchronous(OFF)"},
		"_txlock": {"immediate"},
	}
	container, err := sqlstore.New(ctx, "sqlite", "file:"+path+"?"+pragmas.Encode(), waLog.Noop)
	if err != nil {
		return nil, fmt.Errorf("open the Signal store %s: %w", path, err)
	}
	return &Store{container: container}, nil
}

// Close closes the database.
func (s *Store) Close() error {
	return s.container.Close()
}

// Party makes the device of a person: fresh identity, signed pre-key and registration ID.
func (s *Store) Party(ctx context.Context, pn, lid types.JID) (*Party, error) {
	device := s.container.NewDevice()
	device.ID, device.LID = &pn, lid
	// sqlstore does not save a device without one; nobody looks at a primary's.
	device.Account = &waAdv.ADVSignedDeviceIdentity{
		Details:             []byte{},
		AccountSignature:    make([]byte, 64),
		AccountSignatureKey: make([]byte, 32),
		DeviceSignature:     make([]byte, 64),
	}
	if err := device.Save(ctx); err != nil {
		return nil, fmt.Errorf("save the keys of %s: %w", lid, err)
	}
	return &Party{device: device}, nil
}
