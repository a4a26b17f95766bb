package whatsapp

import (
	"context"
	"math"
	"strconv"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// Location is a place on its way out, in degrees. Name and Address may be "".
type Location struct {
	Chat, Key           string
	Latitude, Longitude float64
	Name, Address       string
}

// SendLocation sends a place. Errors: those of SendText, INVALID_COORDINATES.
func (c *Client) SendLocation(ctx context.Context, place Location) (SentMessage, error) {
	if math.Abs(place.Latitude) > 90 || math.Abs(place.Longitude) > 180 {
		return SentMessage{}, fault.New(fault.InvalidCoordinates, "")
	}
	return c.send(ctx, outgoing{
		chat: place.Chat, key: place.Key,
		said: []string{"location", degrees(place.Latitude), degrees(place.Longitude), place.Name, place.Address},
		write: func(context.Context, store.Address, target) (*waE2E.Message, error) {
			return &waE2E.Message{LocationMessage: &waE2E.LocationMessage{
				DegreesLatitude: proto.Float64(place.Latitude), DegreesLongitude: proto.Float64(place.Longitude),
				Name: textOrNil(place.Name), Address: textOrNil(place.Address),
			}}, nil
		},
	})
}

func degrees(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }
