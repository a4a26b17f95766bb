package noise

import (
	"context"
	"fmt"

	"go.mau.fi/whatsmeow/proto/waWa6"
	"go.mau.fi/whatsmeow/util/keys"
	"google.golang.org/protobuf/proto"
)

// Write sends bytes down the stream.
type Write func(context.Context, []byte) error

// Client is who stands at the other end after the handshake.
type Client struct {
	// Static is the client's Noise key: it names a device before it has an account, and proves it afterwards.
	Static [32]byte
	// Payload says what the client wants: to be linked (DevicePairingData) or to log in (Username, Device).
	Payload *waWa6.ClientPayload
}

// Accept does the server's half of the handshake: hello from the client, hello with the certificate back, and the
// client's finish with its static key and payload.
func (i *Identity) Accept(ctx context.Context, frames *Frames, write Write) (*Session, *Client, error) {
	prologue, err := frames.Prologue(ctx)
	if err != nil {
		return nil, nil, err
	}
	state, err := newState(prologue)
	if err != nil {
		return nil, nil, err
	}
	ephemeral := keys.NewKeyPair()
	if err := i.hello(ctx, state, ephemeral, frames, write); err != nil {
		return nil, nil, err
	}
	client, err := finish(ctx, state, ephemeral, frames)
	if err != nil {
		return nil, nil, err
	}
	session, err := state.split()
	if err != nil {
		return nil, nil, err
	}
	return session, client, nil
}

func (i *Identity) hello(ctx context.Context, state *state, ephemeral *keys.KeyPair, frames *Frames, write Write) error {
	message, err := handshakeMessage(ctx, frames)
	if err != nil {
		return err
	}
	theirs, err := publicKey(message.GetClientHello().GetEphemeral())
	if err != nil {
		return err
	}
	state.authenticate(theirs[:])
	state.authenticate(ephemeral.Pub[:])
	if err := state.mix(ephemeral.Priv, theirs); err != nil {
		return err
	}
	static := state.seal(i.static.Pub[:])
	if err := state.mix(i.static.Priv, theirs); err != nil {
		return err
	}
	reply, err := proto.Marshal(&waWa6.HandshakeMessage{ServerHello: &waWa6.HandshakeMessage_ServerHello{
		Ephemeral: ephemeral.Pub[:],
		Static:    static,
		Payload:   state.seal(i.chain),
	}})
	if err != nil {
		return fmt.Errorf("encode the server hello: %w", err)
	}
	frame, err := Frame(reply)
	if err != nil {
		return err
	}
	return write(ctx, frame)
}

func finish(ctx context.Context, state *state, ephemeral *keys.KeyPair, frames *Frames) (*Client, error) {
	message, err := handshakeMessage(ctx, frames)
	if err != nil {
		return nil, err
	}
	raw, err := state.open(message.GetClientFinish().GetStatic())
	if err != nil {
		return nil, err
	}
	static, err := publicKey(raw)
	if err != nil {
		return nil, err
	}
	if err := state.mix(ephemeral.Priv, static); err != nil {
		return nil, err
	}
	plain, err := state.open(message.GetClientFinish().GetPayload())
	if err != nil {
		return nil, err
	}
	client := &Client{Static: static, Payload: &waWa6.ClientPayload{}}
	if err := proto.Unmarshal(plain, client.Payload); err != nil {
		return nil, fmt.Errorf("%w: client payload: %w", ErrProtocol, err)
	}
	return client, nil
}

func handshakeMessage(ctx context.Context, frames *Frames) (*waWa6.HandshakeMessage, error) {
	frame, err := frames.Next(ctx)
	if err != nil {
		return nil, err
	}
	message := &waWa6.HandshakeMessage{}
	if err := proto.Unmarshal(frame, message); err != nil {
		return nil, fmt.Errorf("%w: handshake message: %w", ErrProtocol, err)
	}
	return message, nil
}

func publicKey(raw []byte) ([32]byte, error) {
	if len(raw) != 32 {
		return [32]byte{}, fmt.Errorf("%w: a public key of %d bytes, expected 32", ErrProtocol, len(raw))
	}
	return [32]byte(raw), nil
}
