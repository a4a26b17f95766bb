package world

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// maxOffset keeps times after WhatsApp was born.
const maxOffset = 15 * 365 * 24 * time.Hour

var offsetShape = regexp.MustCompile(`^-([0-9]{1,9})([dhms])(?: ([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?)?$`)

// ParseOffset reads a time relative to now: "-90m", "-2h", "-45s", "-3d" (the same time of day), or "-3d 14:05" and "-3d 14:05:30", that
// time of the UTC day three days ago. A time of day needs a whole day at least, so that it is never in the future.
func ParseOffset(s string, now time.Time) (time.Time, error) {
	parts := offsetShape.FindStringSubmatch(s)
	if parts == nil {
		return time.Time{}, fmt.Errorf(`time %q: want "-90m", "-2h", "-45s", "-3d" or "-3d 14:05" (UTC)`, s)
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return time.Time{}, fmt.Errorf("time %q: %w", s, err)
	}
	unit := map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second}[parts[2]]
	if n > int(maxOffset/unit) {
		return time.Time{}, fmt.Errorf("time %q is before WhatsApp existed", s)
	}
	at := now.UTC().Add(-time.Duration(n) * unit).Truncate(time.Second)
	if parts[3] == "" {
		return at, nil
	}
	if parts[2] != "d" || n == 0 {
		return time.Time{}, fmt.Errorf(`time %q: a time of day needs whole days before it, as in "-1d %s:%s"`, s, parts[3], parts[4])
	}
	clock := make([]int, 3)
	for i := range clock {
		if parts[3+i] == "" {
			continue
		}
		if clock[i], err = strconv.Atoi(parts[3+i]); err != nil {
			return time.Time{}, fmt.Errorf("time %q: %w", s, err)
		}
	}
	return time.Date(at.Year(), at.Month(), at.Day(), clock[0], clock[1], clock[2], 0, time.UTC), nil
}
