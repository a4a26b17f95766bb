package phone

import (
	"context"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/server"
)

// shareKey hands a companion the key of the app state.
func (p *Phone) shareKey(ctx context.Context, to *server.Companion) error {
	key := p.state.key
	return p.peer(ctx, to, &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_APP_STATE_SYNC_KEY_SHARE.Enum(),
		AppStateSyncKeyShare: &waE2E.AppStateSyncKeyShare{Keys: []*waE2E.AppStateSyncKey{{
			KeyID: &waE2E.AppStateSyncKeyId{KeyID: key.id},
			KeyData: &waE2E.AppStateSyncKeyData{
				KeyData: key.data, Fingerprint: key.fingerprint, Timestamp: proto.Int64(key.at.UnixMilli()),
			},
		}}},
	})
}
