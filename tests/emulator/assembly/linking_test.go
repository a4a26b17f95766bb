package assembly_test

import (
	"strings"
	"testing"
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

func TestWhatIsNotAQRCodeOfThisServerIsRefused(t *testing.T) {
	r := start(t)
	r.refuses("/admin/scan", words{"qr": "hello"}, 400)
	r.refuses("/admin/scan", words{"qr": "2@ref,AAAA,BBBB,CCCC,9"}, 400)
	key := strings.Repeat("A", 43) + "="
	r.refuses("/admin/scan", words{"qr": "2@ref," + key + "," + key + "," + key + ",9"}, 409)
	r.refuses("/admin/scan", words{"photo": "x"}, 400)
}
