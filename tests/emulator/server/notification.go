package server

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// notification has an ID of its own, by which it is acknowledged.
func (s *Server) notification(kind string, from types.JID, children ...binary.Node) binary.Node {
	return binary.Node{
		Tag: "notification",
		Attrs: binary.Attrs{
			"from": from, "type": kind, "id": strconv.FormatInt(s.notified.Add(1), 10), "t": s.now().Unix(),
		},
		Content: children,
	}
}

// tellDevices says to all companions which devices the account has now, so that they encrypt for each of them.
// Baileys forgets its list at "devices", whatsmeow takes the new one out of "account_sync".
func (s *Server) tellDevices() {
	account := s.world.Account()
	jids := s.ownDevices(account.PN)
	var both, own []binary.Node
	for _, jid := range jids {
		lid := account.LID
		lid.Device = jid.Device
		own = append(own, binary.Node{Tag: "device", Attrs: binary.Attrs{"jid": jid, "key-index": int(jid.Device)}})
		both = append(both,
			binary.Node{Tag: "device", Attrs: binary.Attrs{"jid": jid, "lid": lid}},
			binary.Node{Tag: "device", Attrs: binary.Attrs{"jid": lid}})
	}
	hash := deviceHash(jids)
	update := binary.Node{Tag: "update", Attrs: binary.Attrs{"device_hash": hash}, Content: both}
	devices := binary.Node{Tag: "devices", Attrs: binary.Attrs{"dhash": hash}, Content: own}
	s.Broadcast(0, s.notification("devices", account.PN, update))
	s.Broadcast(0, s.notification("account_sync", account.PN, devices))
}

// ownDevices are the phone and the companions that one can write to, under the PN or the LID.
func (s *Server) ownDevices(jid types.JID) []types.JID {
	jid.Device = 0
	devices := []types.JID{jid}
	for _, companion := range s.Companions() {
		jid.Device = companion.Device
		devices = append(devices, jid)
	}
	return devices
}

// deviceHash is how both libraries shorten a list of devices (whatsmeow: participantListHashV2).
func deviceHash(devices []types.JID) string {
	names := make([]string, len(devices))
	for i, device := range devices {
		names[i] = device.ADString()
	}
	slices.Sort(names)
	sum := sha256.Sum256([]byte(strings.Join(names, "")))
	return "2:" + base64.RawStdEncoding.EncodeToString(sum[:6])
}
