package noise_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/proto/waCert"
	"go.mau.fi/whatsmeow/proto/waWa6"
	"go.mau.fi/whatsmeow/socket"
	"go.mau.fi/whatsmeow/util/keys"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/noise"
)

var prologue = []byte{'W', 'A', 6, 3}

// chunked gives a stream out in pieces of a size, the way a websocket might.
func chunked(stream []byte, size int) noise.Chunks {
	pieces := slices.Collect(slices.Chunk(stream, max(size, 1)))
	return func(context.Context) ([]byte, error) {
		if len(pieces) == 0 {
			return nil, io.EOF
		}
		piece := pieces[0]
		pieces = pieces[1:]
		return piece, nil
	}
}

func TestFramesSurviveAnyCut(t *testing.T) {
	var stream []byte
	payloads := [][]byte{[]byte("hello"), {}, bytes.Repeat([]byte{7}, 70_000)}
	for _, payload := range payloads {
		frame, err := noise.Frame(payload)
		if err != nil {
			t.Fatal(err)
		}
		stream = append(stream, frame...)
	}
	for _, opening := range [][]byte{prologue, append([]byte{'E', 'D', 0, 1, 0, 0, 3, 9, 9, 9}, prologue...)} {
		for _, size := range []int{1, 2, 3, 1000, len(stream) + 20} {
			frames := noise.NewFrames(chunked(append(slices.Clone(opening), stream...), size))
			if got, err := frames.Prologue(t.Context()); err != nil || !bytes.Equal(got, prologue) {
				t.Fatalf("in pieces of %d: %x, %v", size, got, err)
			}
			for i, payload := range payloads {
				if got, err := frames.Next(t.Context()); err != nil || !bytes.Equal(got, payload) {
					t.Fatalf("frame %d in pieces of %d: %d bytes, %v", i, size, len(got), err)
				}
			}
			if _, err := frames.Next(t.Context()); !errors.Is(err, io.EOF) {
				t.Fatalf("after the last frame: %v", err)
			}
		}
	}
}

func TestAFrameLargerThanItsLengthCanSayIsRefused(t *testing.T) {
	if _, err := noise.Frame(make([]byte, noise.MaxFrame+1)); err == nil {
		t.Error("it was made")
	}
}

// client is the other half of the handshake, on whatsmeow's own.
type client struct {
	handshake *socket.NoiseHandshake
	ephemeral *keys.KeyPair
	static    *keys.KeyPair
}

func newClient() *client {
	c := &client{handshake: socket.NewNoiseHandshake(), ephemeral: keys.NewKeyPair(), static: keys.NewKeyPair()}
	c.handshake.Start(socket.NoiseStartPattern, prologue)
	c.handshake.Authenticate(c.ephemeral.Pub[:])
	return c
}

func (c *client) hello(t *testing.T) []byte {
	return framed(t, &waWa6.HandshakeMessage{ClientHello: &waWa6.HandshakeMessage_ClientHello{Ephemeral: c.ephemeral.Pub[:]}})
}

// finish checks the server's certificate by whatsmeow's rules and answers it.
func (c *client) finish(t *testing.T, frame []byte, root [32]byte) []byte {
	t.Helper()
	var reply waWa6.HandshakeMessage
	must(t, proto.Unmarshal(frame[3:], &reply))
	hello := reply.GetServerHello()
	c.handshake.Authenticate(hello.GetEphemeral())
	must(t, c.handshake.MixSharedSecretIntoKey(*c.ephemeral.Priv, [32]byte(hello.GetEphemeral())))
	static, err := c.handshake.Decrypt(hello.GetStatic())
	must(t, err)
	must(t, c.handshake.MixSharedSecretIntoKey(*c.ephemeral.Priv, [32]byte(static)))
	raw, err := c.handshake.Decrypt(hello.GetPayload())
	must(t, err)
	var chain waCert.CertChain
	must(t, proto.Unmarshal(raw, &chain))
	if len(chain.GetLeaf().GetSignature()) != 64 || len(chain.GetIntermediate().GetSignature()) != 64 || root == [32]byte{} {
		t.Fatal("the chain is not signed")
	}
	sealed := c.handshake.Encrypt(c.static.Pub[:])
	must(t, c.handshake.MixSharedSecretIntoKey(*c.static.Priv, [32]byte(hello.GetEphemeral())))
	payload, err := proto.Marshal(&waWa6.ClientPayload{Username: proto.Uint64(15550100), Device: proto.Uint32(7)})
	must(t, err)
	return framed(t, &waWa6.HandshakeMessage{ClientFinish: &waWa6.HandshakeMessage_ClientFinish{
		Static: sealed, Payload: c.handshake.Encrypt(payload),
	}})
}

func framed(t *testing.T, message *waWa6.HandshakeMessage) []byte {
	t.Helper()
	raw, err := proto.Marshal(message)
	must(t, err)
	frame, err := noise.Frame(raw)
	must(t, err)
	return frame
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheHandshakeAgreesWithWhatsmeows(t *testing.T) {
	identity, err := noise.NewIdentity(time.Now())
	must(t, err)
	c := newClient()
	var answer []byte
	next := append(slices.Clone(prologue), c.hello(t)...)
	frames := noise.NewFrames(func(context.Context) ([]byte, error) {
		if next != nil {
			chunk := next
			next = nil
			return chunk, nil
		}
		return c.finish(t, answer, identity.Root()), nil
	})
	_, who, err := identity.Accept(t.Context(), frames, func(_ context.Context, frame []byte) error {
		answer = frame
		return nil
	})
	must(t, err)
	if who.Static != *c.static.Pub || who.Payload.GetDevice() != 7 {
		t.Errorf("the client is %+v", who)
	}
}

func TestAClientThatSpeaksSomethingElseIsRefused(t *testing.T) {
	identity, err := noise.NewIdentity(time.Now())
	must(t, err)
	silent := func(context.Context, []byte) error { return nil }
	short := framed(t, &waWa6.HandshakeMessage{ClientHello: &waWa6.HandshakeMessage_ClientHello{Ephemeral: []byte{1}}})
	finish := framed(t, &waWa6.HandshakeMessage{ClientFinish: &waWa6.HandshakeMessage_ClientFinish{Static: []byte("x"), Payload: []byte("y")}})
	for name, stream := range map[string][]byte{
		"HTTP":            []byte("GET / HTTP/1.1\r\n\r\n"),
		"a short key":     append(slices.Clone(prologue), short...),
		"a wrong finish":  slices.Concat(prologue, newClient().hello(t), finish),
		"no protobuf":     slices.Concat(prologue, []byte{0, 0, 2, 0xff, 0xff}),
		"nothing further": prologue,
	} {
		_, _, err := identity.Accept(t.Context(), noise.NewFrames(chunked(stream, 5)), silent)
		if !errors.Is(err, noise.ErrProtocol) && !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzFramesNeverFailButByTheirError(f *testing.F) {
	f.Add([]byte("WA\x06\x03\x00\x00\x01x"), 1)
	f.Add([]byte("ED\x00\x01\x00\x00\x02abWA\x06\x03\x00\x00\x00"), 3)
	f.Add([]byte("ED\xff\xff\xff\xff\xff"), 2)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		frames := noise.NewFrames(chunked(stream, size))
		got, err := frames.Prologue(t.Context())
		if err != nil {
			if !errors.Is(err, noise.ErrProtocol) && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			return
		}
		read := len(got)
		for {
			payload, err := frames.Next(t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			read += len(payload) + 3
		}
		if read > len(stream) {
			t.Fatalf("%d bytes were read of %d", read, len(stream))
		}
	})
}

func FuzzTheHandshakeRefusesWhatIsNone(f *testing.F) {
	f.Add([]byte("WA\x06\x03\x00\x00\x00"))
	f.Add(append([]byte("WA\x06\x03\x00\x00\x24\x12\x22\x0a\x20"), make([]byte, 32)...))
	identity, err := noise.NewIdentity(time.Now())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		_, _, err := identity.Accept(t.Context(), noise.NewFrames(chunked(stream, 64)), func(context.Context, []byte) error { return nil })
		if !errors.Is(err, noise.ErrProtocol) && !errors.Is(err, io.EOF) {
			t.Fatalf("a stream of %d bytes was taken: %v", len(stream), err)
		}
	})
}
