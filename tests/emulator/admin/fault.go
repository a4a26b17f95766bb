package admin

import (
	"fmt"
	"net/http"
	"time"

	"whatsapp-mcp/emulator/fault"
)

type faultRequest struct {
	Kind   fault.Kind `json:"kind"`
	Device uint16     `json:"device,omitempty"`
	// MS is how long slow and phone_slow wait, and how long drop keeps everybody away.
	MS int `json:"ms,omitempty"`
	// On is true when absent.
	On *bool `json:"on,omitempty"`
	// Count is how often it happens, absent for as long as it is on. Each connection that it ends now counts too, but for banned.
	Count int `json:"count,omitempty"`
}

func (a *API) fault(_ *http.Request, request faultRequest) (none, error) {
	if !request.Kind.Known() {
		return none{}, fmt.Errorf("there is no fault %q", request.Kind)
	}
	if request.Device != 0 {
		if _, err := a.companion(request.Device); err != nil {
			return none{}, err
		}
	}
	if request.On != nil && !*request.On {
		a.Faults.Clear(request.Kind, request.Device)
		return none{}, nil
	}
	f := fault.Fault{Kind: request.Kind, Device: request.Device, Delay: time.Duration(request.MS) * time.Millisecond, Count: request.Count}
	// A cut happens once, now.
	if f.Kind != fault.Drop {
		if err := a.Faults.Set(f); err != nil {
			return none{}, err
		}
	}
	a.Server.Strike(f)
	return none{}, nil
}
