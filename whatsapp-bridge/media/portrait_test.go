package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// The corners of a picture as it is seen.
var corners = map[string]color.RGBA{
	"TL": {255, 0, 0, 255}, "TR": {0, 255, 0, 255}, "BL": {0, 0, 255, 255}, "BR": {255, 255, 0, 255},
}

func portraitOf(t *testing.T, content []byte) image.Image {
	t.Helper()
	made, err := Portrait(content)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := jpeg.Decode(bytes.NewReader(made))
	if err != nil || picture.Bounds() != image.Rect(0, 0, PortraitSide, PortraitSide) {
		t.Fatalf("%v, %v", picture.Bounds(), err)
	}
	return picture
}

func near(got color.Color, wanted color.RGBA) bool {
	r, g, b, _ := got.RGBA()
	for _, pair := range [][2]int{{int(r >> 8), int(wanted.R)}, {int(g >> 8), int(wanted.G)}, {int(b >> 8), int(wanted.B)}} {
		if pair[0]-pair[1] > 8 || pair[1]-pair[0] > 8 {
			return false
		}
	}
	return true
}

// quarters draws the colours at the top left, top right, bottom left and bottom right.
func quarters(side int, names [4]string) *image.RGBA {
	drawn := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			drawn.SetRGBA(x, y, corners[names[y*2/side*2+x*2/side]])
		}
	}
	return drawn
}

// held is a JPEG whose EXIF data say how the camera was held.
func held(t *testing.T, drawn image.Image, orientation uint16, order binary.ByteOrder) []byte {
	t.Helper()
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, drawn, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("II*\x00")
	if order == binary.BigEndian {
		tiff = []byte("MM\x00*")
	}
	appender := order.(binary.AppendByteOrder)
	tiff = appender.AppendUint32(tiff, 8)
	tiff = appender.AppendUint16(tiff, 2)
	for _, entry := range [][2]uint16{{0x0100, 640}, {0x0112, orientation}} {
		tiff = appender.AppendUint16(tiff, entry[0])
		tiff = appender.AppendUint16(tiff, 3)
		tiff = appender.AppendUint32(tiff, 1)
		tiff = appender.AppendUint16(tiff, entry[1])
		tiff = appender.AppendUint16(tiff, 0)
	}
	segment := append([]byte("Exif\x00\x00"), tiff...)
	content := append([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 4, 'x', 'x', 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(segment)+2))...)
	return append(append(content, segment...), plain.Bytes()[2:]...)
}

// What the first row and the first column stand for is what the tag says (EXIF 2.32, table 6).
func TestAPortraitStandsTheWayTheCameraMeant(t *testing.T) {
	for orientation, stored := range map[uint16][4]string{
		1: {"TL", "TR", "BL", "BR"}, 2: {"TR", "TL", "BR", "BL"}, 3: {"BR", "BL", "TR", "TL"}, 4: {"BL", "BR", "TL", "TR"},
		5: {"TL", "BL", "TR", "BR"}, 6: {"TR", "BR", "TL", "BL"}, 7: {"BR", "TR", "BL", "TL"}, 8: {"BL", "TL", "BR", "TR"},
		9: {"TL", "TR", "BL", "BR"}, 0: {"TL", "TR", "BL", "BR"},
	} {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			seen := portraitOf(t, held(t, quarters(64, stored), orientation, order))
			for name, at := range map[string]image.Point{"TL": {80, 80}, "TR": {560, 80}, "BL": {80, 560}, "BR": {560, 560}} {
				if !near(seen.At(at.X, at.Y), corners[name]) {
					t.Errorf("%d, %s: %s is %v", orientation, order, name, seen.At(at.X, at.Y))
				}
			}
		}
	}
}

func TestAPortraitIsTheMiddleSquareOfAPictureOfAnySize(t *testing.T) {
	for _, size := range []image.Point{{1000, 300}, {300, 1000}, {64, 16}, {640, 640}, {3, 1}} {
		drawn := image.NewNRGBA(image.Rect(0, 0, size.X, size.Y))
		for y := range size.Y {
			for x := range size.X {
				at := corners["TL"]
				if side := min(size.X, size.Y); x < (size.X-side)/2 || x >= (size.X+side)/2 || y < (size.Y-side)/2 || y >= (size.Y+side)/2 {
					at = corners["TR"]
				}
				drawn.Set(x, y, at)
			}
		}
		var content bytes.Buffer
		if err := png.Encode(&content, drawn); err != nil {
			t.Fatal(err)
		}
		seen := portraitOf(t, content.Bytes())
		for _, at := range []image.Point{{0, 0}, {639, 639}, {320, 320}} {
			if !near(seen.At(at.X, at.Y), corners["TL"]) {
				t.Errorf("%v: %v is %v", size, at, seen.At(at.X, at.Y))
			}
		}
	}
	if clear := portraitOf(t, pngOf(t, 20, 20)); !near(clear.At(5, 5), color.RGBA{255, 255, 255, 255}) {
		t.Error("what is transparent is not white")
	}
}

func TestWhatIsNoPictureMakesNoPortrait(t *testing.T) {
	bomb := pngOf(t, 1, 1)
	binary.BigEndian.PutUint32(bomb[16:], 100_000)
	binary.BigEndian.PutUint32(bomb[20:], 100_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	torn := pngOf(t, 300, 300)
	for name, wrong := range map[string]struct {
		content []byte
		code    fault.Code
	}{
		"a bomb": {bomb, fault.FileTooLarge}, "text": {[]byte("no picture"), fault.InvalidMediaType},
		"a torn file": {torn[:len(torn)/2], fault.InvalidMediaType}, "nothing": {nil, fault.InvalidMediaType},
	} {
		if _, err := Portrait(wrong.content); fault.CodeOf(err) != wrong.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// EXIF data come from anywhere: whatever they say, it is read or passed over.
func FuzzEXIFDataAreReadOrPassedOver(f *testing.F) {
	for _, seed := range []string{
		"", "\xff\xd8", "\xff\xd8\xff\xe1\x00\x02", "\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\x08\x00\x00\x00",
		"\xff\xd8\xff\xe1\x00\x20Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00",
		"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if got := orientation(content); got < 1 || got > 8 {
			t.Errorf("%d", got)
		}
	})
}
