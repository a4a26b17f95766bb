package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// neighbours gives the places around one in its own chat, each side oldest first.
func (q *question) neighbours(p place, before, after int) (earlier, later []place, err error) {
	var chat int64
	if err := q.row("SELECT chat FROM message_rows WHERE key = ?", p.key).Scan(&chat); err != nil {
		return nil, nil, err
	}
	from := edge{secondOf(p.key), p.id}
	if before > 0 {
		if earlier, err = q.walkChat(chat, from, true, before); err != nil {
			return nil, nil, err
		}
		slices.Reverse(earlier)
	}
	if after > 0 {
		if later, err = q.walkChat(chat, from, false, after); err != nil {
			return nil, nil, err
		}
	}
	return earlier, later, nil
}

// Context gives a message between its neighbours in its own chat, also those of the same second. chat is what the user
// typed, or "" when the id alone shall do.
//
// Errors: MESSAGE_NOT_FOUND; AMBIGUOUS_MESSAGE with the chats for an id that stands in several; those of ResolveChat.
func (s *Store) Context(ctx context.Context, chat, id string, before, after int) (found MessageContext, err error) {
	for name, n := range map[string]int{"before": before, "after": after} {
		if n < 0 || n > maxContext {
			return found, fault.Argument(name, fmt.Sprintf("is 0 to %d", maxContext))
		}
	}
	err = s.read(ctx, func(q *question) error {
		p, err := q.placeOf(chat, id)
		if err != nil {
			return err
		}
		earlier, later, err := q.neighbours(p, before, after)
		if err != nil {
			return err
		}
		keys := []int64{p.key}
		for _, neighbour := range slices.Concat(earlier, later) {
			keys = append(keys, neighbour.key)
		}
		loaded, err := q.messages(keys, true)
		if err != nil {
			return err
		}
		found = MessageContext{Message: loaded[p.key], Before: pick(loaded, earlier), After: pick(loaded, later)}
		return nil
	})
	return found, err
}

func (q *question) placeOf(chat, id string) (place, error) {
	missing := fault.New(fault.MessageNotFound, "no message has the id "+cut(id, maxIDLength))
	if chat != "" {
		found, err := q.resolveKnown(chat)
		if err != nil {
			return place{}, err
		}
		keys, err := q.keysOf(found.JID)
		if err != nil || len(keys) == 0 {
			return place{}, cmp.Or[error](err, missing)
		}
		p := place{id: id}
		err = q.row("SELECT key FROM message_rows WHERE chat = ? AND id = ?", keys[0], id).Scan(&p.key)
		if errors.Is(err, sql.ErrNoRows) {
			err = missing
		}
		return p, err
	}
	var keys []int64
	var candidates []fault.Candidate
	err := q.each(`SELECT m.key, ch.jid FROM chats ch CROSS JOIN jids j ON j.jid = ch.jid
		CROSS JOIN message_rows m ON m.chat = j.key AND m.id = ? ORDER BY ch.jid`, []value{id}, func(row scanner) error {
		var key int64
		var c fault.Candidate
		err := row.Scan(&key, &c.JID)
		keys = append(keys, key)
		candidates = append(candidates, c)
		return err
	})
	if err != nil {
		return place{}, err
	}
	switch len(keys) {
	case 0:
		return place{}, missing
	case 1:
		return place{keys[0], id}, nil
	}
	for i := range candidates {
		if candidates[i].Name, err = q.name(candidates[i].JID); err != nil {
			return place{}, err
		}
	}
	return place{}, fault.New(fault.AmbiguousMessage, "").WithDetails(fault.Details{Chats: candidates})
}
