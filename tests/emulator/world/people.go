package world

import (
	"fmt"
	"strings"

	"go.mau.fi/whatsmeow/types"
)

// IsMe reports whether the JID, PN or LID, on whatever device, is the account's.
func (w *World) IsMe(jid types.JID) bool {
	jid = jid.ToNonAD()
	return jid == w.account.PN || jid == w.account.LID
}

// AddContact makes somebody known. Addresses must be new.
func (w *World) AddContact(c Contact) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, jid := range []types.JID{c.PN, c.LID} {
		if _, taken := w.byUser[jid]; taken || w.IsMe(jid) {
			return fmt.Errorf("contact %q: %s belongs to somebody else already", c.Name, jid)
		}
	}
	w.contacts = append(w.contacts, &c)
	w.byUser[c.PN], w.byUser[c.LID] = &c, &c
	return nil
}

// Contacts returns everybody but the account, in the order they were added.
func (w *World) Contacts() []Contact {
	w.mu.RLock()
	defer w.mu.RUnlock()
	out := make([]Contact, len(w.contacts))
	for i, c := range w.contacts {
		out[i] = *c
	}
	return out
}

// Contact finds a person by PN or LID.
func (w *World) Contact(jid types.JID) (Contact, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	c, ok := w.byUser[jid.ToNonAD()]
	if !ok {
		return Contact{}, false
	}
	return *c, true
}

// Person finds a contact by what a human writes: a name, a push name, a phone number or a JID.
func (w *World) Person(who string) (Contact, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, c := range w.contacts {
		if c.Name == who || c.PushName == who {
			return *c, nil
		}
	}
	if strings.Contains(who, "@") {
		if jid, err := types.ParseJID(who); err == nil {
			if c, ok := w.byUser[jid.ToNonAD()]; ok {
				return *c, nil
			}
		}
	} else if c, ok := w.byUser[types.NewJID(strings.TrimPrefix(who, "+"), types.DefaultUserServer)]; ok {
		return *c, nil
	}
	return Contact{}, fmt.Errorf("%q: %w", who, ErrUnknownPerson)
}

// RevealPN ends a contact's hiding: from now on member lists and history tell both addresses.
func (w *World) RevealPN(jid types.JID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.byUser[jid.ToNonAD()]
	if !ok {
		return fmt.Errorf("%s: %w", jid, ErrUnknownPerson)
	}
	c.PNHidden = false
	return nil
}

// LID returns the LID of a person (the account included) named by either address.
func (w *World) LID(jid types.JID) (types.JID, bool) {
	if w.IsMe(jid) {
		return w.account.LID, true
	}
	c, ok := w.Contact(jid)
	return c.LID, ok
}

// PN returns the phone number of a person (the account included) named by either address, hidden or not.
func (w *World) PN(jid types.JID) (types.JID, bool) {
	if w.IsMe(jid) {
		return w.account.PN, true
	}
	c, ok := w.Contact(jid)
	return c.PN, ok
}
