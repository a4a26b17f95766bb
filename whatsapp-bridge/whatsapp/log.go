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
	l.log.Info(fmt.Sprintf(format, args...))
}

func (l libraryLog) Warnf(format string, args ...any) {
	l.log.Warn(fmt.Sprintf(format, args...))
}

func (l libraryLog) Errorf(format string, args ...any) {
	l.log.Error(fmt.Sprintf(format, args...))
}

func (l libraryLog) Sub(module string) waLog.Logger {
	return libraryLog{l.log.With("module", module)}
}

// Redact is the ReplaceAttr of every log of the bridge: no full number, no stanza, whoever writes the line.
func Redact(_ []string, attribute slog.Attr) slog.Attr {
	switch attribute.Value.Kind() {
	case slog.KindString:
		attribute.Value = slog.StringValue(redact(attribute.Value.String()))
	case slog.KindAny:
		if err, ok := attribute.Value.Any().(error); ok {
			attribute.Value = slog.StringValue(redact(err.Error()))
		}
	default:
	}
	return attribute
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
