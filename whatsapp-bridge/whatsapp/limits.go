package whatsapp

import (
	"context"
	"math"
	"sync"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// Limits are how often this device does what WhatsApp restricts accounts for; 0 is as often as one likes. They begin
// anew with each start of the bridge.
type Limits struct {
	NumberChecksPerMinute uint
	SendsPerMinute        uint
	SendsPerHour          uint
	FirstContactsPerHour  uint
	FirstContactsPerDay   uint
}

const (
	tooManyChecks   = "WhatsApp restricts accounts that look up many numbers, so few are allowed a minute."
	tooManySends    = "WhatsApp restricts accounts that send in haste, so few messages are allowed a minute and an hour."
	tooManyContacts = "WhatsApp restricts accounts that write to many people for the first time, so few are allowed an hour and a day."
	// burst is how many messages may go out one right after the other.
	burst = 5
)

func (l Limits) checks() *limiter {
	return newLimiter(window{most: l.NumberChecksPerMinute, span: time.Minute})
}

// sends allows the messages of a minute at an even pace behind a burst.
func (l Limits) sends() *limiter {
	minute := window{most: min(l.SendsPerMinute, burst)}
	if l.SendsPerMinute > 0 {
		minute.span = time.Minute * time.Duration(minute.most) / time.Duration(l.SendsPerMinute)
	}
	return newLimiter(minute, window{most: l.SendsPerHour, span: time.Hour})
}

func (l Limits) firstContacts() *limiter {
	return newLimiter(
		window{most: l.FirstContactsPerHour, span: time.Hour}, window{most: l.FirstContactsPerDay, span: 24 * time.Hour},
	)
}

// window is how often something may be done in any span of its length.
type window struct {
	most  uint
	span  time.Duration
	taken []time.Time
}

// wait is how long from now it takes until it may be done.
func (w *window) wait(now time.Time) time.Duration {
	for len(w.taken) > 0 && now.Sub(w.taken[0]) >= w.span {
		w.taken = w.taken[1:]
	}
	if uint(len(w.taken)) < w.most {
		return 0
	}
	return w.span - now.Sub(w.taken[0])
}

// limiter lets something be done when all its windows do.
type limiter struct {
	mu      sync.Mutex
	windows []window
}

func newLimiter(windows ...window) *limiter {
	l := &limiter{}
	for _, w := range windows {
		if w.most > 0 {
			l.windows = append(l.windows, w)
		}
	}
	return l
}

// take notes that it is done now, or gives RATE_LIMIT with the seconds after which it may be. refused says why.
func (l *limiter) take(now time.Time, refused string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var wait time.Duration
	for i := range l.windows {
		wait = max(wait, l.windows[i].wait(now))
	}
	if wait > 0 {
		return fault.New(fault.RateLimit, refused).WithDetails(fault.Details{RetryAfter: int(math.Ceil(wait.Seconds()))})
	}
	for i := range l.windows {
		l.windows[i].taken = append(l.windows[i].taken, now)
	}
	return nil
}

// unhurried lets a message go out: a new one, or a forwarded one. What changes a message that is there is not counted.
func (c *Client) unhurried(ctx context.Context, out outgoing, address store.Address) error {
	if out.act != "" && out.act != actForward {
		return nil
	}
	now := time.Now()
	if err := c.sends.take(now, tooManySends); err != nil {
		return err
	}
	stranger, err := c.store.IsStranger(ctx, address.JID)
	if err != nil || !stranger {
		return err
	}
	return c.firstContacts.take(now, tooManyContacts)
}
