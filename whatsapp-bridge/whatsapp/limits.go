package whatsapp

import (
	"math"
	"sync"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// limiter lets something be done so many times in any span of its length: accounts are restricted for haste. A most of
// 0 is no limit.
type limiter struct {
	mu    sync.Mutex
	most  int
	span  time.Duration
	taken []time.Time
}

// take notes that it is done now, or gives RATE_LIMIT with the seconds after which it may be. refused says what.
func (l *limiter) take(now time.Time, refused string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.most <= 0 {
		return nil
	}
	for len(l.taken) > 0 && now.Sub(l.taken[0]) >= l.span {
		l.taken = l.taken[1:]
	}
	if len(l.taken) < l.most {
		l.taken = append(l.taken, now)
		return nil
	}
	wait := l.span - now.Sub(l.taken[0])
	return fault.New(fault.RateLimit, refused).WithDetails(fault.Details{RetryAfter: int(math.Ceil(wait.Seconds()))})
}
