package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"testing"
)

func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewNRGBA(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAThumbnailKeepsTheShapeAndIsSmall(t *testing.T) {
	for _, size := range []struct{ width, height, thumbWidth, thumbHeight int }{
		{400, 200, 100, 50}, {200, 400, 50, 100}, {300, 300, 100, 100}, {1000, 1, 100, 1}, {40, 20, 40, 20},
	} {
		picture := Look(pngOf(t, size.width, size.height))
		if int(picture.Width) != size.width || int(picture.Height) != size.height {
			t.Errorf("%+v: %d x %d", size, picture.Width, picture.Height)
		}
		config, err := jpeg.DecodeConfig(bytes.NewReader(picture.Thumbnail))
		if err != nil || config.Width != size.thumbWidth || config.Height != size.thumbHeight {
			t.Errorf("%+v: thumbnail %d x %d, %v", size, config.Width, config.Height, err)
		}
	}
}

func TestWhatIsTransparentIsWhiteInTheThumbnail(t *testing.T) {
	small, err := jpeg.Decode(bytes.NewReader(Look(pngOf(t, 200, 200)).Thumbnail))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := small.At(50, 50).RGBA(); min(r, g, b) < 0xf000 {
		t.Errorf("%x %x %x", r, g, b)
	}
}

// A few bytes may say that they are a picture which fills the memory.
func TestAnEnormousPictureIsNotUnfolded(t *testing.T) {
	bomb := pngOf(t, 1, 1)
	binary.BigEndian.PutUint32(bomb[16:], 100_000)
	binary.BigEndian.PutUint32(bomb[20:], 100_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	if picture := Look(bomb); picture.Width != 100_000 || picture.Thumbnail != nil {
		t.Errorf("%+v", picture)
	}
	if picture := Look([]byte("no picture")); picture.Width != 0 || picture.Thumbnail != nil {
		t.Errorf("%+v", picture)
	}
}

func TestAMovingStickerIsKnownByItsHeader(t *testing.T) {
	header := []byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\xff\x01\x00\xff\x01\x00")
	if width, height, moves := LookAtSticker(header); width != 512 || height != 512 || !moves {
		t.Errorf("%d x %d, %v", width, height, moves)
	}
	if width, _, _ := LookAtSticker(pngOf(t, 512, 512)); width != 0 {
		t.Error("a PNG is no sticker")
	}
}
