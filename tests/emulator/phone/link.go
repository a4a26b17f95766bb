package phone

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/whatsmeow/proto/waAdv"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/server"
)

// ErrQR marks a text that is not the QR code of a companion.
var ErrQR = errors.New("not the QR code of a companion")

// accountSignature is put before what the account signs, so that it cannot pass for another kind of signature.
var accountSignature = []byte{6, 0}

// code is what a companion's QR code says: ref, Noise key, identity key, ADV secret and client type, separated by commas,
// after the "#" of a link that opens WhatsApp.
type code struct {
	ref      string
	static   [32]byte
	identity [32]byte
	secret   [32]byte
}

func parseCode(text string) (code, error) {
	if _, after, ok := strings.Cut(text, "#"); ok {
		text = after
	}
	parts := strings.Split(strings.TrimSpace(text), ",")
	// Baileys adds a client type, as whatsmeow does; older ones have none.
	if len(parts) < 4 || len(parts) > 5 {
		return code{}, fmt.Errorf("%w: it has %d parts, expected 5", ErrQR, len(parts))
	}
	c := code{ref: parts[0]}
	for i, key := range []*[32]byte{&c.static, &c.identity, &c.secret} {
		raw, err := base64.StdEncoding.DecodeString(parts[i+1])
		if err != nil || len(raw) != len(key) {
			return code{}, fmt.Errorf("%w: part %d is not a key of 32 bytes", ErrQR, i+2)
		}
		*key = [32]byte(raw)
	}
	return c, nil
}

// Scan links the companion that shows a QR code, and returns when it has logged in.
func (p *Phone) Scan(ctx context.Context, text string) (*server.Companion, error) {
	c, err := parseCode(text)
	if err != nil {
		return nil, err
	}
	return p.Server.Link(ctx, c.ref, c.static, func(device uint16) ([]byte, error) { return p.vouch(c, device) })
}

// vouch signs a companion's identity with the account's, and proves with the secret of the QR code that it saw the code.
func (p *Phone) vouch(c code, device uint16) ([]byte, error) {
	encryption := waAdv.ADVEncryptionType_E2EE.Enum()
	details, err := proto.Marshal(&waAdv.ADVDeviceIdentity{
		RawID:       proto.Uint32(p.party.Device().RegistrationID),
		Timestamp:   proto.Uint64(uint64(p.World.Now().Unix())),
		KeyIndex:    proto.Uint32(uint32(device)),
		AccountType: encryption, DeviceType: encryption,
	})
	if err != nil {
		return nil, fmt.Errorf("encode the device identity: %w", err)
	}
	key := p.party.Device().IdentityKey
	message := append(append(append([]byte{}, accountSignature...), details...), c.identity[:]...)
	signature := ecc.CalculateSignature(ecc.NewDjbECPrivateKey(*key.Priv), message)
	signed, err := proto.Marshal(&waAdv.ADVSignedDeviceIdentity{
		Details: details, AccountSignatureKey: key.Pub[:], AccountSignature: signature[:],
	})
	if err != nil {
		return nil, fmt.Errorf("encode the signed device identity: %w", err)
	}
	mac := hmac.New(sha256.New, c.secret[:])
	mac.Write(signed)
	container, err := proto.Marshal(&waAdv.ADVSignedDeviceIdentityHMAC{Details: signed, HMAC: mac.Sum(nil), AccountType: encryption})
	if err != nil {
		return nil, fmt.Errorf("encode the device identity container: %w", err)
	}
	return container, nil
}
