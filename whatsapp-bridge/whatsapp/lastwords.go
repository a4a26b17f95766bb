package whatsapp

import (
	"strconv"
	"sync"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types/events"
	waLog "go.mau.fi/whatsmeow/util/log"
)

// lastWords keeps what the server said last of the connection itself. whatsmeow drops a stanza that is still in its
// queue when the socket closes, and the server closes right after it says why: without this, "logged out" or
// "replaced" would look like a lost connection now and then, and be answered by a reconnect.
type lastWords struct {
	mu     sync.Mutex
	stanza *waBinary.Node
}

func (l *lastWords) hear(stanza *waBinary.Node) {
	if stanza.Tag != "failure" && stanza.Tag != "stream:error" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stanza = stanza
}

// take gives the event that whatsmeow would have made of the words, nil where they end nothing, and forgets them.
func (l *lastWords) take() any {
	l.mu.Lock()
	defer l.mu.Unlock()
	stanza := l.stanza
	l.stanza = nil
	switch {
	case stanza == nil:
		return nil
	case stanza.Tag == "failure":
		return refusedLogin(stanza)
	}
	conflict := stanza.GetChildByTag("conflict")
	switch code, _ := stanza.Attrs["code"].(string); {
	case conflict.AttrGetter().OptionalString("type") == "replaced":
		return &events.StreamReplaced{}
	case code == strconv.Itoa(int(events.ConnectFailureLoggedOut)):
		return &events.LoggedOut{}
	}
	return nil
}

func refusedLogin(failure *waBinary.Node) any {
	attributes := failure.AttrGetter()
	switch reason := events.ConnectFailureReason(attributes.OptionalInt("reason")); {
	case reason.IsLoggedOut():
		return &events.LoggedOut{OnConnect: true, Reason: reason}
	case reason == events.ConnectFailureTempBanned:
		return &events.TemporaryBan{
			Code:   events.TempBanReason(attributes.OptionalInt("code")),
			Expire: time.Duration(attributes.OptionalInt("expire")) * time.Second,
		}
	case reason == events.ConnectFailureClientOutdated:
		return &events.ClientOutdated{}
	}
	return nil
}

// listeningLog is the only place where whatsmeow shows a stanza before it queues it: the log of what it receives.
type listeningLog struct {
	libraryLog
	words *lastWords
}

// Sub gives a log that listens too.
func (l listeningLog) Sub(module string) waLog.Logger {
	return listeningLog{libraryLog: libraryLog{l.log.With("module", module)}, words: l.words}
}

// Debugf logs nothing, as everywhere; it listens.
func (l listeningLog) Debugf(_ string, args ...any) {
	if len(args) == 1 {
		if stanza, ok := args[0].(*waBinary.Node); ok {
			l.words.hear(stanza)
		}
	}
}
