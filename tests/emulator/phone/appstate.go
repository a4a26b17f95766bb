package phone

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	waLog "go.mau.fi/whatsmeow/util/log"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/inbox"
	"whatsapp-mcp/emulator/server"
	"whatsapp-mcp/emulator/signal"
	"whatsapp-mcp/emulator/world"
)

// stateKey encrypts the app state.
type stateKey struct {
	id, data    []byte
	fingerprint *waE2E.AppStateSyncKeyFingerprint
	at          time.Time
}

// appState is the phone's copy of the app state: it writes patches, and reads those of the companions.
type appState struct {
	mu        sync.Mutex
	party     *signal.Party
	server    *server.Server
	world     *world.World
	processor *appstate.Processor
	key       stateKey
	chats     map[string]View
}

func newAppState(ctx context.Context, party *signal.Party, options Options) (*appState, error) {
	key, err := newStateKey(ctx, party, options.World.Now())
	if err != nil {
		return nil, err
	}
	a := &appState{
		party: party, server: options.Server, world: options.World, key: key,
		processor: appstate.NewProcessor(party.Device(), waLog.Noop), chats: map[string]View{},
	}
	for _, patch := range a.initial() {
		if err := a.write(ctx, patch); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func newStateKey(ctx context.Context, party *signal.Party, now time.Time) (stateKey, error) {
	id, err := random(4)
	if err != nil {
		return stateKey{}, err
	}
	data, err := random(32)
	if err != nil {
		return stateKey{}, err
	}
	key := stateKey{
		// Two bytes for the device that made it, the phone, then which of its keys it is.
		id: append([]byte{0, 0}, id...), data: data, at: now,
		fingerprint: &waE2E.AppStateSyncKeyFingerprint{
			RawID: proto.Uint32(party.Device().RegistrationID), CurrentIndex: proto.Uint32(0), DeviceIndexes: []uint32{0},
		},
	}
	fingerprint, err := proto.Marshal(key.fingerprint)
	if err != nil {
		return stateKey{}, fmt.Errorf("encode a key's fingerprint: %w", err)
	}
	err = party.Device().AppStateKeys.PutAppStateSyncKey(ctx, key.id, store.AppStateSyncKey{
		Data: key.data, Fingerprint: fingerprint, Timestamp: key.at.UnixMilli(),
	})
	if err != nil {
		return stateKey{}, fmt.Errorf("keep the app state key: %w", err)
	}
	return key, nil
}

// markRead says that a chat is read up to its newest message.
func (a *appState) markRead(ctx context.Context, chat types.JID, newest []world.Message) error {
	at, key := lastKey(chat, newest)
	return a.write(ctx, appstate.BuildMarkChatAsRead(chat, true, at, key))
}

// write makes a patch on top of what is there, and once more when a companion was faster.
func (a *appState) write(ctx context.Context, patch appstate.PatchInfo) error {
	for {
		if _, err := a.read(ctx, string(patch.Type)); err != nil {
			return err
		}
		err := a.append(ctx, patch)
		if errors.Is(err, server.ErrConflict) {
			continue
		}
		if err != nil {
			return err
		}
		_, err = a.read(ctx, string(patch.Type))
		return err
	}
}

func (a *appState) append(ctx context.Context, patch appstate.PatchInfo) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	version, hash, err := a.party.Device().AppState.GetAppStateVersion(ctx, string(patch.Type))
	if err != nil {
		return fmt.Errorf("the phone's version of %s: %w", patch.Type, err)
	}
	encoded, err := a.processor.EncodePatch(ctx, a.key.id, appstate.HashState{Version: version, Hash: hash}, patch)
	if err != nil {
		return fmt.Errorf("encode a patch for %s: %w", patch.Type, err)
	}
	return a.server.MoveState(string(patch.Type), version, encoded)
}

// change is one thing that a companion, or the phone itself, said about a chat.
type change struct {
	action string
	chat   types.JID
}

// read takes in the patches that the phone has not seen, checks their MACs, and returns what they changed.
func (a *appState) read(ctx context.Context, name string) ([]change, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	version, hash, err := a.party.Device().AppState.GetAppStateVersion(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("the phone's version of %s: %w", name, err)
	}
	patches, _, err := a.server.State().Since(name, version)
	if err != nil || len(patches) == 0 {
		return nil, err
	}
	list := &appstate.PatchList{Name: appstate.WAPatchName(name), Patches: patches}
	mutations, _, err := a.processor.DecodePatches(ctx, list, appstate.HashState{Version: version, Hash: hash}, true)
	if err != nil {
		return nil, fmt.Errorf("read patches %d and later of %s: %w", version+1, name, err)
	}
	var changes []change
	for _, mutation := range mutations {
		changed, err := a.apply(mutation)
		if err != nil {
			return changes, err
		}
		changes = append(changes, changed)
	}
	return changes, nil
}

func (a *appState) apply(mutation appstate.Mutation) (change, error) {
	done := change{action: mutation.Index[0]}
	if len(mutation.Index) < 2 || mutation.Action == nil {
		return done, nil
	}
	jid, err := types.ParseJID(mutation.Index[1])
	if err != nil {
		return done, nil //nolint:nilerr // Some indexes name a label or a setting and no chat.
	}
	chat, known := a.world.CanonicalChat(jid)
	if !known {
		return done, nil
	}
	done.chat = chat
	said, shown := viewOf(mutation.Action)
	if !shown {
		return done, nil
	}
	a.chats[chat.String()] = a.chats[chat.String()].with(said)
	return done, a.world.SetState(chat, said.onto)
}

func (a *appState) views() map[string]View {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.chats)
}

// Chats is what app state says about each chat.
func (p *Phone) Chats() map[string]View {
	return p.state.views()
}

// StateMoved reads what a companion changed.
func (p *Phone) StateMoved(ctx context.Context, collection string) {
	changes, err := p.state.read(ctx, collection)
	if err != nil {
		p.Log.Error("read app state", "collection", collection, "error", err)
		return
	}
	for _, change := range changes {
		p.Seen.Add(inbox.Entry{Kind: inbox.AppState, Chat: change.chat.String(), Text: change.action, At: p.World.Now()})
	}
}
