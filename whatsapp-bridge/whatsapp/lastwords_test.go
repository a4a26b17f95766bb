package whatsapp

import (
	"log/slog"
	"testing"

	waBinary "go.mau.fi/whatsmeow/binary"
)

func TestWhatTheServerSaidLastIsKnownEvenWhenTheLibraryDropsIt(t *testing.T) {
	conflict := func(kind string) []waBinary.Node {
		return []waBinary.Node{{Tag: "conflict", Attrs: waBinary.Attrs{"type": kind}}}
	}
	for _, said := range []struct {
		stanza waBinary.Node
		state  State
	}{
		{waBinary.Node{Tag: "failure", Attrs: waBinary.Attrs{"reason": "401"}}, LoggedOut},
		{waBinary.Node{Tag: "failure", Attrs: waBinary.Attrs{"reason": "403"}}, LoggedOut},
		{waBinary.Node{Tag: "failure", Attrs: waBinary.Attrs{"reason": "405"}}, ClientOutdated},
		{waBinary.Node{Tag: "failure", Attrs: waBinary.Attrs{"reason": "402", "code": "101", "expire": "60"}}, TemporarilyBanned},
		{waBinary.Node{Tag: "stream:error", Attrs: waBinary.Attrs{"code": "401"}, Content: conflict("device_removed")}, LoggedOut},
		{waBinary.Node{Tag: "stream:error", Content: conflict("replaced")}, Replaced},
		{waBinary.Node{Tag: "failure", Attrs: waBinary.Attrs{"reason": "503"}}, ""},
		{waBinary.Node{Tag: "stream:error", Attrs: waBinary.Attrs{"code": "515"}}, ""},
		{waBinary.Node{Tag: "message"}, ""},
	} {
		words := &lastWords{}
		log := listeningLog{libraryLog{slog.New(slog.DiscardHandler)}, words}.Sub("Recv")
		log.Debugf("%s", &said.stanza)
		condition, _ := ending(words.take())
		if condition.State != said.state {
			t.Errorf("%v became %q, want %q", said.stanza.Attrs, condition.State, said.state)
		}
		if words.take() != nil {
			t.Error("the words were not forgotten")
		}
	}
}
