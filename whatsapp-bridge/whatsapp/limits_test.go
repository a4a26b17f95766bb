package whatsapp

import (
	"testing"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

func TestALimiterSaysWhenItMayBeTriedAgain(t *testing.T) {
	start := time.Unix(1_790_000_000, 0)
	l := &limiter{most: 3, span: time.Minute}
	for _, step := range []struct {
		at    time.Duration
		after int // seconds to wait, 0 where it may be done
	}{
		{0, 0},
		{10 * time.Second, 0},
		{20 * time.Second, 0},
		{20 * time.Second, 40},
		{59500 * time.Millisecond, 1},
		{time.Minute, 0},
		{time.Minute, 10},
		{70 * time.Second, 0},
		{71 * time.Second, 9},
		{time.Hour, 0},
		{time.Hour, 0},
		{time.Hour, 0},
		{time.Hour, 60},
	} {
		err := l.take(start.Add(step.at), "Too many.")
		if step.after == 0 {
			if err != nil {
				t.Errorf("after %s: %v", step.at, err)
			}
			continue
		}
		if fault.CodeOf(err) != fault.RateLimit || fault.From(err).Details.RetryAfter != step.after {
			t.Errorf("after %s: %v, expected to wait %d s", step.at, err, step.after)
		}
	}
}

func TestALimiterOfNothingLimitsNothing(t *testing.T) {
	l := &limiter{span: time.Minute}
	for range 100 {
		if err := l.take(time.Unix(1_790_000_000, 0), ""); err != nil {
			t.Fatal(err)
		}
	}
}
