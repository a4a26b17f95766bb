package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"whatsapp-mcp/emulator/inbox"
	"whatsapp-mcp/emulator/phone"
)

var errDeadline = errors.New("that did not happen in time")

type receivedAnswer struct {
	// Next is what to give as since the next time.
	Next   int           `json:"next"`
	Events []inbox.Entry `json:"events"`
}

// received is what one contact got, or all of them.
func (a *API) received(r *http.Request, _ none) (receivedAnswer, error) {
	since, err := number(r, "since")
	if err != nil {
		return receivedAnswer{}, err
	}
	wanted, err := a.ofContact(r.URL.Query().Get("contact"))
	if err != nil {
		return receivedAnswer{}, err
	}
	entries, next := a.Contacts.Seen.Since(since, wanted)
	return receivedAnswer{Next: next, Events: listed(entries)}, nil
}

func (a *API) ofContact(who string) (func(inbox.Entry) bool, error) {
	if who == "" {
		return func(inbox.Entry) bool { return true }, nil
	}
	contact, err := a.World.Person(who)
	if err != nil {
		return nil, err
	}
	return func(entry inbox.Entry) bool { return entry.Contact == contact.Name }, nil
}

type phoneAnswer struct {
	Next        int                   `json:"next"`
	Events      []inbox.Entry         `json:"events"`
	Chats       map[string]phone.View `json:"chats"`
	Collections map[string]uint64     `json:"collections"`
	// Blocked are LIDs, Privacy the server's categories and values.
	Blocked []string          `json:"blocked"`
	Privacy map[string]string `json:"privacy"`
}

// phone is the phone's own view: what companions sent and asked, and the app state as it reads it.
func (a *API) phone(r *http.Request, _ none) (phoneAnswer, error) {
	since, err := number(r, "since")
	if err != nil {
		return phoneAnswer{}, err
	}
	entries, next := a.Phone.Seen.Since(since, func(inbox.Entry) bool { return true })
	answer := phoneAnswer{
		Next: next, Events: listed(entries), Chats: a.Phone.Chats(), Collections: a.Server.State().Versions(),
		Blocked: []string{}, Privacy: a.Server.Privacy(),
	}
	for _, lid := range a.Server.Blocked() {
		answer.Blocked = append(answer.Blocked, lid.String())
	}
	return answer, nil
}

type waitRequest struct {
	// For is "device_ready" (with device), "received" (with contact, and id or text) or "phone" (with id or text).
	For     string `json:"for"`
	Device  uint16 `json:"device,omitempty"`
	Contact string `json:"contact,omitempty"`
	Since   int    `json:"since,omitempty"`
	Kind    string `json:"kind,omitempty"`
	ID      string `json:"id,omitempty"`
	Text    string `json:"text,omitempty"`
	// TimeoutMS is at most 30000, which it is when absent.
	TimeoutMS int `json:"timeout_ms,omitempty"`
}

type waitAnswer struct {
	Event  *inbox.Entry `json:"event,omitempty"`
	Device *device      `json:"device,omitempty"`
}

// wait answers when something has happened, so that tests need not ask again and again.
func (a *API) wait(r *http.Request, request waitRequest) (waitAnswer, error) {
	limit := patience
	if request.TimeoutMS > 0 {
		limit = min(limit, time.Duration(request.TimeoutMS)*time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	answer, err := a.await(ctx, request)
	if errors.Is(err, context.DeadlineExceeded) {
		return answer, fmt.Errorf("waited %s for %q: %w", limit, request.For, errDeadline)
	}
	return answer, err
}

func (a *API) await(ctx context.Context, request waitRequest) (waitAnswer, error) {
	switch request.For {
	case "device_ready":
		companion, err := a.companion(request.Device)
		if err != nil {
			return waitAnswer{}, err
		}
		if err := companion.WaitReady(ctx); err != nil {
			return waitAnswer{}, err
		}
		ready := describe(companion)
		return waitAnswer{Device: &ready}, nil
	case "received":
		wanted, err := a.ofContact(request.Contact)
		if err != nil {
			return waitAnswer{}, err
		}
		event, err := a.Contacts.Seen.Wait(ctx, request.Since, func(entry inbox.Entry) bool { return wanted(entry) && request.fits(entry) })
		return waitAnswer{Event: &event}, err
	case "phone":
		event, err := a.Phone.Seen.Wait(ctx, request.Since, request.fits)
		return waitAnswer{Event: &event}, err
	default:
		return waitAnswer{}, fmt.Errorf("for is device_ready, received or phone, not %q", request.For)
	}
}

func (w waitRequest) fits(entry inbox.Entry) bool {
	return (w.Kind == "" || inbox.Kind(w.Kind) == entry.Kind) && (w.ID == "" || w.ID == entry.ID) && (w.Text == "" || w.Text == entry.Text)
}

func number(r *http.Request, name string) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s is a count, not %q", name, text)
	}
	return n, nil
}

// listed makes an empty list of no list.
func listed(entries []inbox.Entry) []inbox.Entry {
	if entries == nil {
		return []inbox.Entry{}
	}
	return entries
}
