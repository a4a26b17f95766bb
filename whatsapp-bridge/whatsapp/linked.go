package whatsapp

import (
	"context"
	"slices"

	"go.mau.fi/whatsmeow/types"
)

// LinkedDevice is a device of the account. WhatsApp's server tells nothing but its number; 0 is the phone.
type LinkedDevice struct {
	ID         int    `json:"id"`
	JID        string `json:"jid"`
	Kind       string `json:"kind"`
	ThisBridge bool   `json:"this_bridge"`
}

// Kinds of devices.
const (
	devicePhone     = "phone"
	deviceCompanion = "companion"
)

// LinkedDevices are the devices of the account, the phone first.
type LinkedDevices struct {
	Devices []LinkedDevice `json:"devices"`
}

// LinkedDevices asks WhatsApp's server which devices the account has.
//
// Asked anew and not with GetUserDevices, which answers from a cache and may leave out the device that asks.
func (c *Client) LinkedDevices(ctx context.Context) (LinkedDevices, error) {
	library, err := c.ready()
	if err != nil {
		return LinkedDevices{}, err
	}
	own := c.Own().JID
	found, err := c.lookUp(ctx, library, own)
	if err != nil {
		return LinkedDevices{}, err
	}
	me := int(library.Store.GetJID().Device)
	numbers := append(found.devices, me)
	slices.Sort(numbers)
	listed := LinkedDevices{Devices: []LinkedDevice{}}
	for _, number := range slices.Compact(numbers) {
		kind := deviceCompanion
		if number == 0 {
			kind = devicePhone
		}
		jid := types.JID{User: own.User, Server: own.Server, Device: uint16(number)}
		listed.Devices = append(listed.Devices, LinkedDevice{
			ID: number, JID: jid.String(), Kind: kind, ThisBridge: number == me,
		})
	}
	return listed, nil
}
