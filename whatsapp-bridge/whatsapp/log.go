package whatsapp

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"

	waLog "go.mau.fi/whatsmeow/util/log"
)

// libraryLog hands whatsmeow's log to ours. Debug lines are dropped whatever the level, because they hold whole
// stanzas with names and ciphertexts.
type libraryLog struct{ log *slog.Logger }

var _ waLog.Logger = libraryLog{}

func (l libraryLog) Debugf(string, ...any) {}
func (l libraryLog) Infof(format string, args ...any) {
	l.log.Info(redact(fmt.Sprintf(format, args...)))
}

func (l libraryLog) Warnf(format string, args ...any) {
	l.log.Warn(redact(fmt.Sprintf(format, args...)))
}

func (l libraryLog) Errorf(format string, args ...any) {
	l.log.Error(redact(fmt.Sprintf(format, args...)))
}

func (l libraryLog) Sub(module string) waLog.Logger {
	return libraryLog{l.log.With("module", module)}
}

var longNumber = regexp.MustCompile(`[0-9]{3,}[0-9]{4}`)

// redact keeps the last four digits of phone numbers, LIDs and group ids, and cuts stanzas off where they begin:
// a newsletter's stanza holds its message in the clear.
func redact(line string) string {
	if stanza := strings.IndexByte(line, '<'); stanza >= 0 {
		line = line[:stanza] + "<stanza>"
	}
	return longNumber.ReplaceAllStringFunc(line, func(number string) string {
		return "…" + number[len(number)-4:]
	})
}
