package store_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

func TestASendIsRememberedUnderItsKey(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	send := store.Send{Key: "k1", Fingerprint: "f1", ChatJID: ada, MessageID: "M1"}
	got, repeated, err := s.ReserveSend(ctx, send)
	must(t, err)
	if repeated || got.Status != store.SendPending {
		t.Errorf("%+v %v", got, repeated)
	}
	must(t, s.FinishSend(ctx, "k1", store.SendSent, firstDay))
	send.MessageID = "M2"
	got, repeated, err = s.ReserveSend(ctx, send)
	must(t, err)
	if !repeated || got.MessageID != "M1" || got.Status != store.SendSent || got.SentAt != firstDay {
		t.Errorf("%+v %v", got, repeated)
	}
	send.Fingerprint = "f2"
	_, _, err = s.ReserveSend(ctx, send)
	if made := wantCode(t, err, fault.InvalidArgument); made.Status != 409 {
		t.Errorf("status %d", made.Status)
	}
	must(t, s.ForgetSend(ctx, "k1"))
	_, repeated, err = s.ReserveSend(ctx, send)
	must(t, err)
	if repeated {
		t.Error("the key was not freed")
	}
}

func TestTheKeyOfASettledSendIsFreeAfterTenMinutesAndThatOfAnotherNever(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	ctx := context.Background()
	for _, status := range []string{store.SendSent, store.SendUnacknowledged, store.SendPending} {
		_, _, err := s.ReserveSend(ctx, store.Send{Key: status, ChatJID: ada, MessageID: "M-" + status})
		must(t, err)
		if status != store.SendPending {
			must(t, s.FinishSend(ctx, status, status, time.Now().Unix()))
		}
	}
	for _, age := range []int{595, 10} {
		db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName)+"?_pragma=busy_timeout(5000)")
		must(t, err)
		_, err = db.Exec("UPDATE sends SET reserved_at = reserved_at - ?1, sent_at = sent_at - ?1", age)
		must(t, err)
		must(t, db.Close())
		for _, status := range []string{store.SendSent, store.SendUnacknowledged, store.SendPending} {
			_, repeated, err := s.ReserveSend(ctx, store.Send{Key: status, ChatJID: ada, MessageID: "again"})
			must(t, err)
			if old := status == store.SendSent && age == 10; repeated == old {
				t.Errorf("%s after another %d s: repeated %v", status, age, repeated)
			}
		}
	}
}
