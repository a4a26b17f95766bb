package server

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waServerSync"
	"google.golang.org/protobuf/proto"
)

// conflict is the code for a patch that does not follow the newest one.
const conflict = 409

// Errors of app state.
var (
	ErrConflict   = errors.New("somebody else's patch came first")
	ErrCollection = errors.New("there is no such collection of app state")
)

// AppState is what the account's devices agree on, as the server holds it: for each collection a list of patches that
// it cannot read. The version of a collection is the number of its patches.
type AppState struct {
	mu      sync.Mutex
	patches map[string][]*waServerSync.SyncdPatch
}

func newAppState() *AppState {
	state := &AppState{patches: map[string][]*waServerSync.SyncdPatch{}}
	for _, name := range appstate.AllPatchNames {
		state.patches[string(name)] = nil
	}
	return state
}

// Since returns the patches after a version, and the version they lead to.
func (a *AppState) Since(name string, version uint64) ([]*waServerSync.SyncdPatch, uint64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	patches, known := a.patches[name]
	current := uint64(len(patches))
	if !known || version > current {
		return nil, 0, fmt.Errorf("%w: %q at version %d", ErrCollection, name, version)
	}
	return patches[version:current:current], current, nil
}

// Versions are those of all collections.
func (a *AppState) Versions() map[string]uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	versions := make(map[string]uint64, len(a.patches))
	for name, patches := range a.patches {
		versions[name] = uint64(len(patches))
	}
	return versions
}

// Append keeps a patch that was made at a version. The server writes the version into the patch, because its author
// leaves that out, and readers need it.
func (a *AppState) Append(name string, version uint64, raw []byte) error {
	patch := &waServerSync.SyncdPatch{}
	if err := proto.Unmarshal(raw, patch); err != nil {
		return fmt.Errorf("a patch for %s: %w", name, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	patches, known := a.patches[name]
	switch {
	case !known:
		return fmt.Errorf("%w: %q", ErrCollection, name)
	case version != uint64(len(patches)):
		return fmt.Errorf("%w: %s is at version %d, not %d", ErrConflict, name, len(patches), version)
	}
	patch.Version = &waServerSync.SyncdVersion{Version: proto.Uint64(version + 1)}
	a.patches[name] = append(patches, patch)
	return nil
}

// MoveState keeps a patch of the phone's and tells all companions.
func (s *Server) MoveState(name string, version uint64, patch []byte) error {
	if err := s.state.Append(name, version, patch); err != nil {
		return err
	}
	s.tellState(0, name, version+1)
	return nil
}

func (s *Server) tellState(except uint16, name string, version uint64) {
	s.Broadcast(except, s.notification("server_sync", s.world.Account().PN,
		binary.Node{Tag: "collection", Attrs: binary.Attrs{"name": name, "version": version}}))
}

// appState answers for each collection that is asked for, or changed, with what the client lacks.
func (s *Server) appState(ctx context.Context, q *query) ([]binary.Node, *refused) {
	if q.child.Tag != "sync" {
		return nil, badRequest
	}
	var collections []binary.Node
	for _, asked := range q.child.GetChildrenByTag("collection") {
		answer, err := s.collection(ctx, q, asked)
		if err != nil {
			q.conn.log.Warn("app state", "error", err)
			return nil, badRequest
		}
		collections = append(collections, answer)
	}
	return []binary.Node{{Tag: "sync", Content: collections}}, nil
}

func (s *Server) collection(ctx context.Context, q *query, asked binary.Node) (binary.Node, error) {
	name := attr(asked, "name")
	// A client that wants a snapshot names no version; patches from the first one on are as good.
	version, err := strconv.ParseUint(attr(asked, "version"), 10, 64)
	if err != nil {
		version = 0
	}
	patch, changes := asked.GetOptionalChildByTag("patch")
	if !changes {
		return s.lacking(name, version)
	}
	err = s.state.Append(name, version, content(patch))
	if errors.Is(err, ErrConflict) {
		node, err := s.lacking(name, version)
		node.Attrs["type"] = "error"
		node.Content = append(node.GetChildren(), binary.Node{Tag: "error", Attrs: binary.Attrs{"code": conflict, "text": "conflict"}})
		return node, err
	}
	if err != nil {
		return binary.Node{}, err
	}
	previous := q.after
	q.after = func() {
		if previous != nil {
			previous()
		}
		s.tellState(q.companion.Device, name, version+1)
		// The phone learns it though the companion that changed it is gone by now.
		s.residents.StateMoved(context.WithoutCancel(ctx), name)
	}
	return binary.Node{Tag: "collection", Attrs: binary.Attrs{"name": name, "version": version + 1}}, nil
}

func (s *Server) lacking(name string, version uint64) (binary.Node, error) {
	patches, current, err := s.state.Since(name, version)
	if err != nil {
		return binary.Node{Attrs: binary.Attrs{}}, err
	}
	node := binary.Node{Tag: "collection", Attrs: binary.Attrs{"name": name, "version": current, "has_more_patches": false}}
	if len(patches) == 0 {
		return node, nil
	}
	nodes := make([]binary.Node, len(patches))
	for i, patch := range patches {
		raw, err := proto.Marshal(patch)
		if err != nil {
			return node, fmt.Errorf("encode patch %d of %s: %w", i+1, name, err)
		}
		nodes[i] = binary.Node{Tag: "patch", Content: raw}
	}
	node.Content = []binary.Node{{Tag: "patches", Content: nodes}}
	return node, nil
}
