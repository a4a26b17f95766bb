package whatsapp

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
)

const (
	handshakeTimeout = 20 * time.Second
	firstDelay       = 500 * time.Millisecond
	longestDelay     = 60 * time.Second
	// A connection that lasted this long was a good one, so the next failure starts from the first delay again.
	steadyAfter = 10 * time.Second
	// A dial that was cut off is waited for so long at the end: it is over at once, or hangs in the handshake.
	hangUpTime = time.Second
	// After linking the server says 515 and closes. When the socket closes first, whatsmeow drops what it said.
	loginAfterLink = 2 * time.Second
)

type signalKind int

const (
	codesCame signalKind = iota
	linked
	linkFailed
	loggedIn
	dropped
	loginAgain
	dialFailed
	ended
	pairAsked
)

// signal tells the supervisor what happened. Those of a library client that was replaced are ignored.
type signal struct {
	kind       signalKind
	generation int
	codes      []string
	condition  Condition
	reason     string
	done       chan struct{}
}

// supervisor decides alone when to connect, so that nothing reconnects twice and no ended session is tried again.
type supervisor struct {
	client      *Client
	failures    int
	connectedAt time.Time
	retry       *time.Timer
	codeTimer   *time.Timer
	codes       []string
	pairingEnds time.Time
	waiting     []chan struct{}
	dialled     chan struct{} // closed when the last dial is over
}

// Run keeps the link to WhatsApp up until ctx ends. It returns when the connection is closed.
func (c *Client) Run(ctx context.Context) {
	s := &supervisor{client: c, retry: stoppedTimer(), codeTimer: stoppedTimer()}
	var history sync.WaitGroup
	history.Go(func() { c.runHistory(ctx) })
	defer history.Wait()
	defer s.hangUp()
	defer c.stopHistory(context.WithoutCancel(ctx))
	if c.Condition().State == NotPaired {
		s.pairingEnds = time.Now().Add(pairingWindow)
	}
	s.connect(ctx)
	for {
		select {
		case <-ctx.Done():
			s.answerWaiting()
			return
		case <-s.retry.C:
			s.connect(ctx)
		case <-s.codeTimer.C:
			s.nextCode(codeLife)
		case event := <-c.signals:
			if event.kind == pairAsked || event.generation == c.currentGeneration() {
				s.apply(ctx, event)
			}
		}
	}
}

// hangUp closes the connection. A whatsmeow that waits for the server's part of the handshake does not look at the
// context for 20 s, and holds what Disconnect wants (handshake.go, doHandshake); its socket is closed with the context.
func (s *supervisor) hangUp() {
	select {
	case <-s.dialled:
		s.client.library().Disconnect()
	case <-time.After(hangUpTime):
		s.client.log.Info("stopped in the middle of a handshake")
	}
}

func stoppedTimer() *time.Timer {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return timer
}

func (s *supervisor) apply(ctx context.Context, event signal) {
	state := s.client.Condition().State
	switch event.kind {
	case codesCame:
		s.failures = 0
		s.showCodes(event.codes)
	case linked:
		s.endPairing()
		s.client.setCondition(connecting("linked, logging in"))
		s.client.historyLinked(ctx)
		s.retry.Reset(loginAfterLink)
	case linkFailed:
		s.endPairing()
		s.client.log.Warn("linking failed, asking for fresh codes", "reason", event.reason)
		s.startPairing(ctx)
	case loggedIn:
		s.connectedAt = time.Now()
		s.endPairing()
		s.client.setCondition(Condition{State: Connected})
		s.note(s.client.store.LinkBegan(ctx))
		s.client.historyConnected(ctx)
	case loginAgain:
		s.retry.Stop()
		s.client.library().Disconnect()
		s.connect(ctx)
	case dropped, dialFailed:
		if condition, over := ending(s.client.words.take()); over && !state.terminal() {
			s.over(ctx, state, condition)
			return
		}
		s.lost(ctx, state, event.reason)
	case ended:
		s.over(ctx, state, event.condition)
	case pairAsked:
		s.pairAsked(ctx, state, event.done)
	}
}

// over stops everything: what comes next is a person's to decide.
func (s *supervisor) over(ctx context.Context, before State, condition Condition) {
	if condition.State == LoggedOut {
		s.note(s.client.store.LinkEnded(ctx, before == Connected))
	}
	s.endPairing()
	s.retry.Stop()
	s.client.setCondition(condition)
	s.client.historyDisconnected(ctx, condition.Reason)
	s.client.log.Warn("the link to WhatsApp ended", "state", condition.State, "reason", condition.Reason)
	// A phone that asked for a passkey may still link by another way.
	if condition.State != PasskeyRequired {
		s.client.library().Disconnect()
	}
}

// note takes what became of noting when the link ended or began. Without the note a gap of history stays unknown, which is
// no reason to stay away from WhatsApp.
func (s *supervisor) note(err error) {
	if err != nil {
		s.client.log.Error("the end or beginning of the link could not be noted", "error", err)
	}
}

func (s *supervisor) endPairing() {
	s.codes = nil
	s.codeTimer.Stop()
	s.client.setCode("", time.Time{})
}

// lost handles a connection that was closed or could not be made.
func (s *supervisor) lost(ctx context.Context, state State, reason string) {
	switch {
	case state.terminal():
	case state == NotPaired:
		s.endPairing()
		s.pairAgain()
	default:
		s.client.library().Disconnect()
		if !s.connectedAt.IsZero() && time.Since(s.connectedAt) > steadyAfter {
			s.failures = 0
		}
		s.connectedAt = time.Time{}
		s.client.setCondition(connecting(reason))
		s.client.historyDisconnected(ctx, reason)
		s.retryLater()
	}
}

func (s *supervisor) pairAsked(ctx context.Context, state State, done chan struct{}) {
	switch state {
	case LoggedOut, PasskeyRequired:
		s.waiting = append(s.waiting, done)
		s.startPairing(ctx)
	case NotPaired:
		s.waiting = append(s.waiting, done)
		if s.client.Condition().Reason == reasonPairingExpired {
			s.startPairing(ctx)
		}
	case Connecting, Connected, Replaced, ClientOutdated, TemporarilyBanned:
		close(done)
	}
}

// retryLater waits twice as long after each failure, up to a minute, give or take a quarter: many bridges that
// lose the server at the same moment must not come back at the same moment.
func (s *supervisor) retryLater() {
	delay := backoff(s.failures)
	s.failures++
	s.retry.Reset(delay)
}

func backoff(failures int) time.Duration {
	delay := longestDelay
	if failures < 7 {
		delay = min(firstDelay<<failures, longestDelay)
	}
	return delay*3/4 + rand.N(delay/2)
}

// connect dials in the background: the supervisor goes on listening meanwhile.
func (s *supervisor) connect(ctx context.Context) {
	library, generation := s.client.library(), s.client.currentGeneration()
	s.client.words.take()
	dialled := make(chan struct{})
	s.dialled = dialled
	go func() {
		defer close(dialled)
		err := library.ConnectContext(ctx)
		if err == nil || errors.Is(err, whatsmeow.ErrAlreadyConnected) || ctx.Err() != nil {
			return
		}
		s.client.log.Warn("WhatsApp could not be reached", "error", err)
		failed := signal{kind: dialFailed, generation: generation, reason: "WhatsApp could not be reached"}
		if err := s.client.post(ctx, failed); err != nil {
			s.client.log.Debug("nobody waits for this connection any more", "error", err)
		}
	}()
}
