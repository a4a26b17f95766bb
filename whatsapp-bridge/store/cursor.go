package store

import (
	"encoding/base64"
	"encoding/json"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// cursorData is where a list goes on: behind the row with these sort values. It is not secret, only opaque.
type cursorData struct {
	List   string `json:"l"`
	Sort   string `json:"s"`
	Text   string `json:"t,omitempty"`
	Number int64  `json:"n,omitempty"`
	ID     string `json:"i,omitempty"`
}

type cursor struct {
	cursorData
	set bool
}

func sealCursor(data cursorData) string {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err) // strings and numbers can always be written
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// openCursor reads a cursor of this list in this order. "" is the beginning.
func openCursor(text, list, sort string) (cursor, error) {
	if text == "" {
		return cursor{}, nil
	}
	c := cursor{set: true}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &c.cursorData)
	}
	if err != nil || c.List != list || c.Sort != sort || c.Number < 0 || c.Number > maxTimestamp {
		return cursor{}, fault.Argument("cursor", "is not a next_cursor of this list in this order")
	}
	return c, nil
}
