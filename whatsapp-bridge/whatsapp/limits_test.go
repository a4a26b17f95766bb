package whatsapp

import (
	"testing"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

func TestALimiterSaysWhenItMayBeTriedAgain(t *testing.T) {
	start := time.Unix(1_790_000_000, 0)
	l := newLimiter(window{most: 3, span: time.Minute})
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
	l := newLimiter(window{span: time.Minute})
	for range 100 {
		if err := l.take(time.Unix(1_790_000_000, 0), ""); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTwelveMessagesAMinuteAreFiveAtOnceAndThenOneEveryFiveSecondsAndSixtyAnHourAllTheSame(t *testing.T) {
	start := time.Unix(1_790_000_000, 0)
	l := Limits{SendsPerMinute: 12, SendsPerHour: 60}.sends()
	for sent := range 60 {
		if sent%burst == 0 && sent > 0 {
			err := l.take(start.Add(25*time.Second*time.Duration(sent/burst)-time.Second), "Too many.")
			if fault.CodeOf(err) != fault.RateLimit || fault.From(err).Details.RetryAfter != 1 {
				t.Fatalf("after %d: %v", sent, err)
			}
		}
		if err := l.take(start.Add(25*time.Second*time.Duration(sent/burst)), "Too many."); err != nil {
			t.Fatalf("after %d: %v", sent, err)
		}
	}
	if err := l.take(start.Add(5*time.Minute), "Too many."); fault.From(err).Details.RetryAfter != 55*60 {
		t.Error(err)
	}
	if err := l.take(start.Add(time.Hour), "Too many."); err != nil {
		t.Error(err)
	}
}

func TestWhatOneWindowRefusesTheOtherDoesNotCount(t *testing.T) {
	start := time.Unix(1_790_000_000, 0)
	l := newLimiter(window{most: 1, span: time.Second}, window{most: 2, span: time.Minute})
	for _, step := range []struct {
		at time.Duration
		ok bool
	}{{0, true}, {0, false}, {0, false}, {time.Second, true}, {2 * time.Second, false}, {time.Minute, true}} {
		if err := l.take(start.Add(step.at), "Too many."); (err == nil) != step.ok {
			t.Errorf("after %s: %v", step.at, err)
		}
	}
}
