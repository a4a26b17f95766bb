package store

import (
	"context"
	"database/sql"
	"errors"
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// keyLifetime is how long the key of a settled send is remembered, in seconds: a client that repeats a call by itself
// does it sooner.
const keyLifetime = 600

// ReserveSend claims an idempotency key before anything is sent. When the key is taken it gives what came of it and
// true; the same key for another request is INVALID_ARGUMENT with status 409. Keys of ten minutes ago are free again,
// unless the outcome of their send is still not known.
func (s *Store) ReserveSend(ctx context.Context, send Send) (Send, bool, error) {
	if send.Key == "" {
		return send, false, fault.New(fault.InvalidArgument, "the idempotency key is empty")
	}
	repeated := false
	err := s.writeLive(ctx, func(t *tx) error {
		if err := t.run("DELETE FROM sends WHERE status = ? AND MAX(reserved_at, sent_at) < ?", SendSent, now()-keyLifetime); err != nil {
			return err
		}
		known, err := t.send(send.Key)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			send.Status, send.SentAt = SendPending, 0
			return t.run(`INSERT INTO sends (idempotency_key, fingerprint, chat_jid, message_id, status, reserved_at)
				VALUES (?, ?, ?, ?, ?, ?)`, send.Key, send.Fingerprint, send.ChatJID, send.MessageID, SendPending, now())
		case err != nil:
			return err
		case known.Fingerprint != send.Fingerprint:
			return fault.Argument("Idempotency-Key", "was used for another request").WithStatus(http.StatusConflict).
				WithResolution("Use a new key for a new message.")
		}
		send, repeated = known, true
		return nil
	})
	return send, repeated, err
}

func (t *tx) send(key string) (Send, error) {
	send := Send{Key: key}
	var sentAt sql.NullInt64
	err := t.row("SELECT fingerprint, chat_jid, message_id, status, sent_at FROM sends WHERE idempotency_key = ?", key).
		Scan(&send.Fingerprint, &send.ChatJID, &send.MessageID, &send.Status, &sentAt)
	send.SentAt = sentAt.Int64
	return send, err
}

// FinishSend notes what became of a send; sentAt in seconds.
func (s *Store) FinishSend(ctx context.Context, key, status string, sentAt int64) error {
	return s.writeLive(ctx, func(t *tx) error {
		return t.run("UPDATE sends SET status = ?, sent_at = ? WHERE idempotency_key = ?", status, sentAt, key)
	})
}

// ForgetSend frees the key of a send that certainly did not go out.
func (s *Store) ForgetSend(ctx context.Context, key string) error {
	return s.writeLive(ctx, func(t *tx) error {
		return t.run("DELETE FROM sends WHERE idempotency_key = ?", key)
	})
}

// UnsettledSends gives the sends whose outcome is not known: a receipt may still show that they arrived.
func (s *Store) UnsettledSends(ctx context.Context) (unsettled []Send, err error) {
	err = s.read(ctx, func(q *question) error {
		unsettled = nil
		return q.each(`SELECT idempotency_key, fingerprint, chat_jid, message_id, status, COALESCE(sent_at, 0)
			FROM sends WHERE status <> ?`, []value{SendSent}, func(row scanner) error {
			var send Send
			err := row.Scan(&send.Key, &send.Fingerprint, &send.ChatJID, &send.MessageID, &send.Status, &send.SentAt)
			unsettled = append(unsettled, send)
			return err
		})
	})
	return unsettled, err
}
