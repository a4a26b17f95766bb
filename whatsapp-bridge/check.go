package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// check looks at a store that no bridge holds and prints what it found: nobody else opens messages.db, not even to see
// whether it is sound. It holds the store meanwhile, and changes nothing in it.
func check(ctx context.Context, given settings, log *slog.Logger) error {
	if _, err := os.Stat(filepath.Join(given.store, store.FileName)); errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no " + store.FileName + " in " + given.store)
	}
	held, err := holdStore(given.store)
	if err != nil {
		return err
	}
	defer held.release(log)
	found, err := store.Inspect(ctx, given.store, given.check)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}
