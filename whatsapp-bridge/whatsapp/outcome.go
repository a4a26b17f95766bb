package whatsapp

import (
	"errors"
	"strings"

	"go.mau.fi/whatsmeow"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// beforeLeaving are the beginnings of whatsmeow's errors from before it writes a message to the socket. It gives them
// no types; one that is worded anew counts as unacknowledged, which is the safe side.
var beforeLeaving = []string{
	"failed to get device list", "failed to get group members", "failed to get LID for PN", "failed to get user info",
	"no LID found", "failed to marshal message", "failed to create sender key", "failed to encrypt group message",
	"failed to fetch LID mappings", "failed to prefetch sessions", "failed to save cached sessions",
	"failed to add message to retry store",
}

// certainlyNotSent tells the errors after which a send may be made anew: the server refused the message, or it never
// left. Everything else may have left, however unlikely.
func certainlyNotSent(err error) bool {
	var cut *whatsmeow.DisconnectedError
	var refused *whatsmeow.IQError
	switch {
	case errors.As(err, &cut):
		return !strings.HasPrefix(cut.Action, "message send")
	case errors.Is(err, whatsmeow.ErrServerReturnedError), errors.Is(err, whatsmeow.ErrUnknownServer),
		errors.Is(err, whatsmeow.ErrIQTimedOut), errors.Is(err, whatsmeow.ErrNotLoggedIn), errors.As(err, &refused):
		return true
	}
	for _, stage := range beforeLeaving {
		if strings.HasPrefix(err.Error(), stage) {
			return true
		}
	}
	// Wrapped, it comes from writing the stanza; bare, from waiting after it was written.
	return errors.Is(err, whatsmeow.ErrNotConnected) && errors.Unwrap(err) != nil
}

func notSent(err error) error {
	if errors.Is(err, whatsmeow.ErrServerReturnedError) {
		return fault.Wrap(fault.WhatsappAPIError, err, "WhatsApp's server refused the message"+codeIn(err)+".")
	}
	return refusal(err)
}

// codeIn finds the number that the server refused a message with, such as 463 for a stranger who must not be written to.
func codeIn(err error) string {
	text := err.Error()
	number := text[strings.LastIndexByte(text, ' ')+1:]
	if strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return " (" + number + ")"
}
