package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.mau.fi/whatsmeow"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

const (
	// WhatsApp Web shows the first code for a minute and each later one for 20 s.
	firstCodeLife = 60 * time.Second
	codeLife      = 20 * time.Second
	pairingWindow = 10 * time.Minute
	freshCodeWait = 10 * time.Second
)

// Pairing is what a person needs to link the bridge. Code is empty unless one is live.
type Pairing struct {
	State     State
	Code      string
	ExpiresAt time.Time
}

// Pairing gives the live code, if there is one.
func (c *Client) Pairing() Pairing {
	c.mu.Lock()
	defer c.mu.Unlock()
	pairing := Pairing{State: c.condition.State}
	if c.condition.State == NotPaired && time.Now().Before(c.codeExpires) {
		pairing.Code, pairing.ExpiresAt = c.code, c.codeExpires
	}
	return pairing
}

// Pair asks for fresh codes where the device is not linked, and waits a moment for the first. A session that
// WhatsApp ended is forgotten; messages are not. In every other state nothing happens.
func (c *Client) Pair(ctx context.Context) (Pairing, error) {
	ctx, cancel := context.WithTimeout(ctx, freshCodeWait)
	defer cancel()
	if pairing := c.Pairing(); pairing.Code != "" {
		return pairing, nil
	}
	fresh := make(chan struct{})
	if err := c.post(ctx, signal{kind: pairAsked, done: fresh}); err != nil {
		return c.Pairing(), err
	}
	select {
	case <-fresh:
	case <-ctx.Done():
	}
	return c.Pairing(), nil
}

// PhoneCode is what is typed on the phone instead of scanning: XXXX-XXXX.
type PhoneCode struct {
	Code      string
	ExpiresAt time.Time
}

// PairByCode asks WhatsApp for a code to type on the phone with that number. It is good for as long as this connection
// has QR codes left.
//
// Errors: INVALID_PHONE_FORMAT, INVALID_ARGUMENT when the device is linked already or WhatsApp refuses the number,
// WHATSAPP_NOT_CONNECTED while no code is live.
func (c *Client) PairByCode(ctx context.Context, phone string) (PhoneCode, error) {
	live, err := c.Pair(ctx)
	if err != nil {
		return PhoneCode{}, err
	}
	if live.State != NotPaired {
		return PhoneCode{}, fault.New(fault.InvalidArgument, "This bridge waits for no code: it is "+string(live.State)+".").
			WithStatus(http.StatusConflict).WithResolution("Look at GET /api/status.")
	}
	if live.Code == "" {
		return PhoneCode{}, fault.New(fault.WhatsappNotConnected, "")
	}
	// WhatsApp gives codes only to programs that it knows by name.
	code, err := c.library().PairPhone(ctx, phone, true, whatsmeow.PairClientChrome, "Chrome (Linux)")
	var refused *whatsmeow.IQError
	switch {
	case errors.Is(err, whatsmeow.ErrPhoneNumberTooShort), errors.Is(err, whatsmeow.ErrPhoneNumberIsNotInternational):
		return PhoneCode{}, fault.New(fault.InvalidPhoneFormat, "")
	case errors.As(err, &refused):
		return PhoneCode{}, fault.Wrap(fault.InvalidArgument, err, "WhatsApp gives no code for this number.").
			WithResolution("Give the number of the account on the phone, with its country code; or scan the QR code.")
	case err != nil:
		return PhoneCode{}, fault.Wrap(fault.WhatsappNotConnected, err, "")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return PhoneCode{Code: code, ExpiresAt: c.codesEnd}, nil
}

// startPairing begins a window of pairing with a device that has no keys yet.
func (s *supervisor) startPairing(ctx context.Context) {
	if err := s.client.newDevice(ctx); err != nil {
		s.client.log.Error("the dead session could not be forgotten", "error", err)
		return
	}
	s.pairingEnds = time.Now().Add(pairingWindow)
	s.failures = 0
	s.client.setCondition(notPaired())
	s.connect(ctx)
}

// showCodes takes the codes of one connection and shows the first.
func (s *supervisor) showCodes(codes []string) {
	s.codes = codes
	s.client.setCodesEnd(time.Now().Add(firstCodeLife + time.Duration(len(codes)-1)*codeLife))
	s.nextCode(firstCodeLife)
}

// nextCode shows the next code, or asks for more by a new connection when none is left.
func (s *supervisor) nextCode(life time.Duration) {
	if len(s.codes) == 0 {
		s.client.setCode("", time.Time{})
		s.client.library().Disconnect()
		s.pairAgain()
		return
	}
	code := s.codes[0]
	s.codes = s.codes[1:]
	s.client.setCode(code, time.Now().Add(life))
	s.codeTimer.Reset(life)
	s.answerWaiting()
	s.client.showOnTerminal(code)
}

// pairAgain reconnects for fresh codes until the window of pairing ends.
func (s *supervisor) pairAgain() {
	if time.Now().After(s.pairingEnds) {
		s.client.setCondition(pairingExpired())
		s.client.log.Info("pairing expired: POST /api/pairing asks for fresh codes")
		return
	}
	s.retryLater()
}

func (s *supervisor) answerWaiting() {
	for _, waiting := range s.waiting {
		close(waiting)
	}
	s.waiting = nil
}

func (c *Client) setCode(code string, expires time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.code, c.codeExpires = code, expires
}

// setCodesEnd says when the connection has no code left, and is made anew.
func (c *Client) setCodesEnd(end time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.codesEnd = end
}

func (c *Client) showOnTerminal(code string) {
	drawing, err := DrawQR(code)
	if err != nil {
		c.log.Error("the QR code could not be drawn", "error", err)
		return
	}
	if _, err := fmt.Fprintf(c.terminal, "%s%s\n", drawing, resolvePair); err != nil {
		c.log.Error("the QR code could not be shown", "error", err)
	}
}
