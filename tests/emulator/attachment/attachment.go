// Package attachment seals the files that people send, and opens those that they get.
package attachment

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"go.mau.fi/whatsmeow"

	"whatsapp-mcp/emulator/media"
	"whatsapp-mcp/emulator/world"
)

// keys are what each kind of message derives its keys for, and paths the type in its upload's path.
var (
	keys = map[world.Kind]whatsmeow.MediaType{
		world.KindImage: whatsmeow.MediaImage, world.KindSticker: whatsmeow.MediaImage, world.KindVideo: whatsmeow.MediaVideo,
		world.KindAudio: whatsmeow.MediaAudio, world.KindVoice: whatsmeow.MediaAudio, world.KindDocument: whatsmeow.MediaDocument,
	}
	paths = map[world.Kind]string{
		world.KindImage: "image", world.KindSticker: "image", world.KindVideo: "video",
		world.KindAudio: "audio", world.KindVoice: "ptt", world.KindDocument: "document",
	}
)

// Attach seals a file, stores it, and says in the message's media how to get at it.
func Attach(host *media.Server, kind world.Kind, plain []byte, about *world.Media) error {
	use, known := keys[kind]
	if !known {
		return fmt.Errorf("a message of kind %q carries no file", kind)
	}
	sealed, err := media.Seal(plain, use)
	if err != nil {
		return err
	}
	blob := host.Put(paths[kind], sealed.Blob)
	about.DirectPath, about.Key, about.SHA256, about.EncSHA256 = blob.DirectPath, sealed.Key, sealed.SHA256, sealed.EncSHA256
	about.Size = sealed.Length
	return nil
}

// Fetch is the phone of a contact opening what it was sent: everything that the message says of the file must be true.
func Fetch(host *media.Server, kind world.Kind, about *world.Media) ([]byte, error) {
	sealed, err := host.Download(about.DirectPath)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(sealed); !bytes.Equal(sum[:], about.EncSHA256) {
		return nil, fmt.Errorf("%s is not the file whose hash the message gives", about.DirectPath)
	}
	plain, err := media.Open(sealed, about.Key, keys[kind])
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(plain); !bytes.Equal(sum[:], about.SHA256) || uint64(len(plain)) != about.Size {
		return nil, fmt.Errorf("the file has %d bytes and another hash or size than the message says", len(plain))
	}
	return plain, nil
}
