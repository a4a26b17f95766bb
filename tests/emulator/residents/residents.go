package residents

import (
	"context"
	"log/slog"

	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/phone"
	"whatsapp-mcp/emulator/server"
	"whatsapp-mcp/emulator/signal"
	"whatsapp-mcp/emulator/world"
)

// Residents are the phone and the contacts together, as the server knows them.
type Residents struct {
	World    *world.World
	Phone    *phone.Phone
	Contacts *Contacts
	Log      *slog.Logger
}

var _ server.Residents = (*Residents)(nil)

// Bundle gives out the keys of whoever a JID belongs to.
func (r *Residents) Bundle(ctx context.Context, jid types.JID) (signal.Bundle, bool, error) {
	if jid.Device != 0 {
		return signal.Bundle{}, false, nil
	}
	if r.World.IsMe(jid) {
		bundle, err := r.Phone.Bundle(ctx)
		return bundle, err == nil, err
	}
	contact, known := r.World.Contact(jid)
	if !known {
		return signal.Bundle{}, false, nil
	}
	bundle, err := r.Contacts.Bundle(ctx, contact)
	return bundle, err == nil, err
}

// Letter hands a companion's message to whoever it is for.
func (r *Residents) Letter(ctx context.Context, to types.JID, letter server.Letter) {
	if r.World.IsMe(to) {
		r.Phone.Letter(ctx, letter)
		return
	}
	contact, known := r.World.Contact(to)
	if !known {
		r.Log.Warn("a letter to nobody", "to", to, "message", letter.ID)
		return
	}
	r.Contacts.Letter(ctx, contact, letter)
}

// Receipt hands a companion's receipt to whoever it is for.
func (r *Residents) Receipt(ctx context.Context, to types.JID, receipt server.Receipt) {
	if r.World.IsMe(to) {
		r.Phone.Receipt(ctx, receipt)
		return
	}
	contact, known := r.World.Contact(to)
	if !known {
		r.Log.Warn("a receipt for nobody", "to", to, "type", receipt.Type)
		return
	}
	r.Contacts.Receipt(ctx, contact, receipt)
}

// MediaRetry asks the phone for a file.
func (r *Residents) MediaRetry(ctx context.Context, retry server.MediaRetry) {
	r.Phone.MediaRetry(ctx, retry)
}

// Linked tells the phone about a new companion.
func (r *Residents) Linked(ctx context.Context, companion *server.Companion) {
	r.Phone.Linked(ctx, companion)
}

// StateMoved tells the phone about a companion's change of app state.
func (r *Residents) StateMoved(ctx context.Context, collection string) {
	r.Phone.StateMoved(ctx, collection)
}
