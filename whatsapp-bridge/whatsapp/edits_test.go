package whatsapp

import (
	"strings"
	"testing"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func TestAnOwnMessageCanBeEditedForFifteenMinutes(t *testing.T) {
	sent := time.Unix(1_790_000_000, 0)
	own := store.StoredMessage{FromMe: true, Timestamp: sent.Unix()}
	if err := mayEdit(own, sent.Add(editWindow)); err != nil {
		t.Errorf("at the end of the window: %v", err)
	}
	if err := mayEdit(own, sent.Add(editWindow+time.Second)); fault.CodeOf(err) != fault.EditWindowClosed {
		t.Errorf("after the window: %v", err)
	}
	if err := mayEdit(store.StoredMessage{Timestamp: sent.Unix()}, sent); fault.CodeOf(err) != fault.NotOwnMessage {
		t.Errorf("somebody else's: %v", err)
	}
}

func TestATextIsAsLongInCharactersAsWhatsAppTakesIt(t *testing.T) {
	longest := strings.Repeat("燈", longestText)
	if err := textFits(longest); err != nil {
		t.Errorf("the longest: %v", err)
	}
	if err := textFits(longest + "!"); fault.CodeOf(err) != fault.TextTooLong {
		t.Errorf("one more: %v", err)
	}
}
