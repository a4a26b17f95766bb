package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"whatsapp-mcp/emulator/server"
)

// patience is how long scan and wait go on.
const patience = 30 * time.Second

var errNoDevice = errors.New("no such linked device")

type scanRequest struct {
	QR string `json:"qr"`
}

type scanned struct {
	Device uint16 `json:"device"`
	JID    string `json:"jid"`
}

// scan holds a QR code before the phone's camera, and waits until the companion has logged in.
func (a *API) scan(r *http.Request, request scanRequest) (scanned, error) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	companion, err := a.Phone.Scan(ctx, request.QR)
	if err != nil {
		return scanned{}, err
	}
	return scanned{Device: companion.Device, JID: companion.JID.String()}, nil
}

type codeRequest struct {
	Code string `json:"code"`
}

// typeCode types a code on the phone, and waits until the companion that shows it has logged in.
func (a *API) typeCode(r *http.Request, request codeRequest) (scanned, error) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	companion, err := a.Phone.TypeCode(ctx, request.Code)
	if err != nil {
		return scanned{}, err
	}
	return scanned{Device: companion.Device, JID: companion.JID.String()}, nil
}

type device struct {
	Device    uint16 `json:"device"`
	Platform  string `json:"platform"`
	Connected bool   `json:"connected"`
	Ready     bool   `json:"ready"`
	JID       string `json:"jid"`
	LID       string `json:"lid"`
	// Queued is what it has not acknowledged, PreKeys the one-time keys left, Receipts those it sent.
	Queued   int `json:"queued"`
	PreKeys  int `json:"pre_keys"`
	Receipts int `json:"receipts"`
}

func (a *API) devices(*http.Request, none) ([]device, error) {
	devices := []device{}
	for _, companion := range a.Server.Devices() {
		devices = append(devices, describe(companion))
	}
	return devices, nil
}

func describe(companion *server.Companion) device {
	now := companion.Status()
	return device{
		Device: companion.Device, Platform: companion.Platform, Connected: now.Connected, Ready: now.Ready,
		JID: companion.JID.String(), LID: companion.LID.String(),
		Queued: now.Queued, PreKeys: now.PreKeys, Receipts: now.Receipts,
	}
}

type unlinkRequest struct {
	Device uint16 `json:"device"`
}

// unlink is the "log out" next to a device in the phone's list.
func (a *API) unlink(_ *http.Request, request unlinkRequest) (none, error) {
	return none{}, a.Server.Unlink(request.Device)
}

func (a *API) companion(number uint16) (*server.Companion, error) {
	companion, ok := a.Server.Companion(number)
	if !ok {
		return nil, fmt.Errorf("device %d: %w", number, errNoDevice)
	}
	return companion, nil
}
