package assembly_test

import (
	"testing"

	"go.mau.fi/whatsmeow/types/events"
)

func TestTwoCompanionsAreLinkedByQRAsDevicesOneAndTwo(t *testing.T) {
	r := start(t)
	first, second := r.link(), r.link()
	if first.device != 1 || second.device != 2 {
		t.Fatalf("linked as devices %d and %d", first.device, second.device)
	}
	var devices []struct {
		Device  uint16 `json:"device"`
		Ready   bool   `json:"ready"`
		PreKeys int    `json:"pre_keys"`
	}
	r.get("/admin/devices", &devices)
	if len(devices) != 2 || !devices[0].Ready || !devices[1].Ready || devices[0].PreKeys < 800 {
		t.Fatalf("%+v", devices)
	}
}

func TestALinkedCompanionGetsItsHistoryAtOnce(t *testing.T) {
	r := start(t)
	c := r.link()
	chunk := await(c, func(h *events.HistorySync) bool { return len(h.Data.GetConversations()) > 0 })
	if chunk.Data.GetPhoneNumberToLidMappings() == nil {
		t.Error("the first chunk has no LID mappings")
	}
	await(c, func(h *events.HistorySync) bool { return h.Notification.GetDirectPath() != "" })
}
