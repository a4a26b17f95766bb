package noise

import (
	"fmt"
	"time"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/whatsmeow/proto/waCert"
	"go.mau.fi/whatsmeow/util/keys"
	"google.golang.org/protobuf/proto"
)

// The chain as WhatsApp numbers it: the root (serial 0) signs the intermediate, which signs the leaf. whatsmeow checks
// all of it (handshake.go, verifyServerCert), Baileys neither the leaf's key nor the dates.
const (
	rootSerial         = 0
	intermediateSerial = 1
	leafSerial         = 2
	chainLifetime      = 30 * 24 * time.Hour
)

// Identity is what the server proves itself with: a static Noise key and the chain that a root key vouches for it with.
type Identity struct {
	root   *keys.KeyPair
	static *keys.KeyPair
	chain  []byte
}

// NewIdentity makes fresh keys and a chain that is valid from an hour before now.
func NewIdentity(now time.Time) (*Identity, error) {
	root, intermediate, static := keys.NewKeyPair(), keys.NewKeyPair(), keys.NewKeyPair()
	middle, err := certificate(root, intermediateSerial, rootSerial, intermediate.Pub[:], now)
	if err != nil {
		return nil, err
	}
	leaf, err := certificate(intermediate, leafSerial, intermediateSerial, static.Pub[:], now)
	if err != nil {
		return nil, err
	}
	chain, err := proto.Marshal(&waCert.CertChain{Leaf: leaf, Intermediate: middle})
	if err != nil {
		return nil, fmt.Errorf("encode the certificate chain: %w", err)
	}
	return &Identity{root: root, static: static, chain: chain}, nil
}

// Root is the public key that a client must trust: whatsmeow's WACertPubKey, Baileys' WA_CERT_DETAILS.PUBLIC_KEY.
func (i *Identity) Root() [32]byte {
	return *i.root.Pub
}

func certificate(signer *keys.KeyPair, serial, issuer uint32, key []byte, now time.Time) (*waCert.CertChain_NoiseCertificate, error) {
	details, err := proto.Marshal(&waCert.CertChain_NoiseCertificate_Details{
		Serial:       proto.Uint32(serial),
		IssuerSerial: proto.Uint32(issuer),
		Key:          key,
		NotBefore:    proto.Uint64(uint64(now.Add(-time.Hour).Unix())),
		NotAfter:     proto.Uint64(uint64(now.Add(chainLifetime).Unix())),
	})
	if err != nil {
		return nil, fmt.Errorf("encode certificate %d: %w", serial, err)
	}
	signature := ecc.CalculateSignature(ecc.NewDjbECPrivateKey(*signer.Priv), details)
	return &waCert.CertChain_NoiseCertificate{Details: details, Signature: signature[:]}, nil
}
