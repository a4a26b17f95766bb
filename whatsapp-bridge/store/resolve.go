package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// Resolve turns what a user typed (a JID in any form, a phone number with country code, or a name) into an address.
// A well-formed JID or number may be unknown; a name must fit exactly one chat or person.
//
// Errors: INVALID_JID, INVALID_PHONE_FORMAT, CHAT_NOT_FOUND for a name that fits nothing, AMBIGUOUS_RECIPIENT with the
// candidates for one that fits several.
func (s *Store) Resolve(ctx context.Context, text string) (found Address, err error) {
	err = s.read(ctx, func(q *question) error {
		found, err = q.resolve(text, everyName)
		return err
	})
	return found, err
}

// ResolveChat is Resolve for questions: an address that was never seen is CHAT_NOT_FOUND.
func (s *Store) ResolveChat(ctx context.Context, text string) (found Address, err error) {
	err = s.read(ctx, func(q *question) error {
		found, err = q.resolveKnown(text)
		return err
	})
	return found, err
}

func (q *question) resolveKnown(text string) (Address, error) {
	found, err := q.resolve(text, everyName)
	if err == nil && !found.Known {
		return Address{}, unknown(found.JID)
	}
	return found, err
}

func unknown(jid string) error { return fault.New(fault.ChatNotFound, "nothing is known of "+jid) }

// resolve is the one reading of what a user typed. A name is looked up in named: (jid, folded) rows whose parameter is
// the folded name.
func (q *question) resolve(text, named string) (Address, error) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "@") {
		jid, err := q.canonical(text)
		if err != nil {
			return q.resolveName(text, named, err)
		}
		return q.describe(jid)
	}
	if looksLikePhone(text) {
		address, err := AddressOf(text)
		if err != nil {
			return q.resolveName(text, named, err)
		}
		jid, err := q.canonical(address)
		if err != nil {
			return Address{}, err
		}
		return q.describe(jid)
	}
	return q.resolveName(text, named, fault.New(fault.ChatNotFound, "no chat or person is called "+cut(text, 100)))
}

func (q *question) describe(jid string) (Address, error) {
	found := Address{JID: jid}
	err := q.row(`SELECT EXISTS (SELECT 1 FROM jids WHERE jid = ?1) OR EXISTS (SELECT 1 FROM chats WHERE jid = ?1)
		OR EXISTS (SELECT 1 FROM contacts WHERE jid = ?1) OR EXISTS (SELECT 1 FROM group_members WHERE member_jid = ?1)
		OR EXISTS (SELECT 1 FROM meta WHERE name = 'own' AND value = ?1)`, jid).Scan(&found.Known)
	if err != nil {
		return Address{}, err
	}
	found.Name, err = q.name(jid)
	return found, err
}

const (
	maxCandidates = 20
	everyName     = `SELECT jid, folded FROM (SELECT jid, folded FROM contacts UNION ALL SELECT jid, folded FROM chats)
		WHERE instr(folded, ?) > 0`
)

// resolveName finds the chat or person of a name. otherwise is the error when nothing fits.
func (q *question) resolveName(text, named string, otherwise error) (Address, error) {
	jid, err := q.pickByName(text, named, otherwise)
	if err != nil {
		return Address{}, err
	}
	return q.describe(jid)
}

// pickByName picks among the (jid, folded) rows of a query whose parameter is the folded name: the one that has
// exactly this name, or else the only one whose name begins with it, or else the only one whose name holds it.
func (q *question) pickByName(text, query string, otherwise error) (string, error) {
	folded := Fold(text)
	if folded == "" {
		return "", otherwise
	}
	var exact, beginning, holding []string
	err := q.each(query, []value{folded}, func(row scanner) error {
		var jid, names string
		if err := row.Scan(&jid, &names); err != nil {
			return err
		}
		switch {
		case strings.Contains(names, "\n"+folded+"\n"):
			exact = append(exact, jid)
		case strings.Contains(names, "\n"+folded):
			beginning = append(beginning, jid)
		default:
			holding = append(holding, jid)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if len(exact) > 0 {
		beginning, holding = nil, nil
	}
	var several []string
	for _, found := range [][]string{exact, beginning, holding} {
		slices.Sort(found)
		found = slices.Compact(found)
		if len(found) == 1 && len(several) == 0 {
			return found[0], nil
		}
		several = append(several, found...)
	}
	if len(several) == 0 {
		return "", otherwise
	}
	return "", q.ambiguous(text, several)
}

func (q *question) ambiguous(text string, jids []string) error {
	slices.Sort(jids)
	jids = slices.Compact(jids)
	made := fault.New(fault.AmbiguousRecipient, "several chats or people fit "+cut(text, 100))
	var details fault.Details
	for _, jid := range jids[:min(len(jids), maxCandidates)] {
		name, err := q.name(jid)
		if err != nil {
			return err
		}
		details.Candidates = append(details.Candidates, fault.Candidate{JID: jid, Name: name})
	}
	slices.SortFunc(details.Candidates, func(a, b fault.Candidate) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.JID, b.JID))
	})
	return made.WithDetails(details)
}

// AddressOf is the bare JID that a text means by itself: a JID in any form, or a phone number with its country code.
//
// Errors: INVALID_JID, INVALID_PHONE_FORMAT.
func AddressOf(text string) (string, error) {
	text = strings.TrimSpace(text)
	if !looksLikePhone(text) {
		return Bare(text)
	}
	number, err := phoneNumber(text)
	if err != nil {
		return "", err
	}
	return number + "@" + serverUser, nil
}

// looksLikePhone tells whether text has digits and otherwise only what people write between them.
func looksLikePhone(text string) bool {
	return strings.ContainsAny(text, "0123456789") && strings.Trim(text, "0123456789+-–. ()/\u00a0\u202f") == "" &&
		strings.LastIndexByte(text, '+') <= 0
}

const minPhone, maxPhone = 7, 15

// phoneNumber gives the digits of a number with its country code.
func phoneNumber(text string) (string, error) {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	if !strings.HasPrefix(text, "+") {
		digits = strings.TrimPrefix(digits, "00")
	}
	if len(digits) < minPhone || len(digits) > maxPhone || digits[0] == '0' {
		made := fault.New(fault.InvalidPhoneFormat, "")
		return "", made.WithDetails(fault.Details{Problem: "a number has 7 to 15 digits and begins with its country code"})
	}
	return digits, nil
}
