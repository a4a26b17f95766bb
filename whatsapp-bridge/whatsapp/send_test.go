package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.mau.fi/whatsmeow"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func TestOnlyWhatCertainlyDidNotLeaveMayBeSentAgain(t *testing.T) {
	for _, failure := range []struct {
		err     error
		notSent bool
	}{
		{fmt.Errorf("%w %d", whatsmeow.ErrServerReturnedError, 463), true},
		{fmt.Errorf("failed to get device list: %w", context.DeadlineExceeded), true},
		{fmt.Errorf("failed to send message node: %w", whatsmeow.ErrNotConnected), true},
		{&whatsmeow.DisconnectedError{Action: "info query"}, true},
		{whatsmeow.ErrIQRateOverLimit, true},
		{whatsmeow.ErrMessageTimedOut, false},
		{whatsmeow.ErrNotConnected, false},
		{&whatsmeow.DisconnectedError{Action: "message send"}, false},
		{&whatsmeow.DisconnectedError{Action: "message send (retry)"}, false},
		{context.DeadlineExceeded, false},
		{errors.New("something new"), false},
	} {
		if got := certainlyNotSent(failure.err); got != failure.notSent {
			t.Errorf("%v: %v", failure.err, got)
		}
	}
	refused := fault.From(notSent(fmt.Errorf("%w %d", whatsmeow.ErrServerReturnedError, 463)))
	if refused.Code != fault.WhatsappAPIError || refused.Message != "WhatsApp's server refused the message (463)." {
		t.Errorf("got %+v", refused)
	}
}

func TestASendThatWasUnderWayWhenTheBridgeDiedIsNeverMadeAgain(t *testing.T) {
	client := link(t)
	message := TextMessage{Chat: ana, Text: "once", Key: "11111111-2222"}
	before := store.Send{Key: message.Key, Fingerprint: fingerprint(message.outgoing(client)), ChatJID: ana, MessageID: "3EB001"}
	if _, _, err := client.store.ReserveSend(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	got, err := client.SendText(t.Context(), message)
	if err != nil || got.Status != store.SendUnacknowledged || got.MessageID != "3EB001" {
		t.Errorf("got %+v, %v", got, err)
	}
	message.Text = "twice"
	if _, err := client.SendText(t.Context(), message); fault.CodeOf(err) != fault.InvalidArgument {
		t.Errorf("another text under the same key gave %v", err)
	}
}

func TestASendThatCannotLeaveFreesItsKey(t *testing.T) {
	client := link(t)
	message := TextMessage{Chat: ana, Text: "hello", Key: "11111111-3333"}
	for range 2 {
		if _, err := client.SendText(t.Context(), message); fault.CodeOf(err) != fault.WhatsappNotConnected {
			t.Errorf("got %v", err)
		}
	}
}
