package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"

	"golang.org/x/image/draw"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

const (
	// PortraitSide is the width and height of a profile picture in pixels.
	PortraitSide    = 640
	portraitQuality = 85
)

// Portrait makes a profile picture of a JPEG, PNG or WebP image: the square in its middle, PortraitSide pixels a side, as
// JPEG, the way up that its camera meant. What is transparent becomes white.
//
// Errors: INVALID_MEDIA_TYPE for what cannot be decoded, FILE_TOO_LARGE for more pixels than are decoded.
func Portrait(content []byte) ([]byte, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || config.Width <= 0 || config.Height <= 0 {
		return nil, undecodable(err)
	}
	if config.Width > mostPixels/config.Height {
		return nil, fault.New(fault.FileTooLarge, "The image has more than 50 million pixels.").
			WithResolution("Choose a smaller picture.")
	}
	whole, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, undecodable(err)
	}
	square := image.NewRGBA(image.Rect(0, 0, PortraitSide, PortraitSide))
	draw.Draw(square, square.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(square, square.Bounds(), whole, middle(whole.Bounds()), draw.Over, nil)
	var encoded bytes.Buffer
	err = jpeg.Encode(&encoded, turned(square, orientation(content)), &jpeg.Options{Quality: portraitQuality})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "")
	}
	return encoded.Bytes(), nil
}

func undecodable(err error) error {
	return fault.Wrap(fault.InvalidMediaType, err, "The file is not a picture that can be read.").
		WithResolution("Choose a JPEG, PNG or WebP picture that does not move.")
}

// middle is the largest square in the middle.
func middle(bounds image.Rectangle) image.Rectangle {
	side := min(bounds.Dx(), bounds.Dy())
	at := bounds.Min.Add(image.Pt((bounds.Dx()-side)/2, (bounds.Dy()-side)/2))
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(side, side))}
}

// turned gives a square as its orientation, 1 to 8, means it to be seen (TIFF 6.0, tag 274).
func turned(square *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 {
		return square
	}
	last := square.Bounds().Dx() - 1
	seen := image.NewRGBA(square.Bounds())
	for y := range last + 1 {
		for x := range last + 1 {
			fromX, fromY := x, y
			// 5 to 8 lie on their side: rows and columns change places.
			if orientation >= 5 {
				fromX, fromY = y, x
			}
			switch orientation {
			case 2, 8:
				fromX = last - fromX
			case 3, 7:
				fromX, fromY = last-fromX, last-fromY
			case 4, 6:
				fromY = last - fromY
			}
			seen.SetRGBA(x, y, square.RGBAAt(fromX, fromY))
		}
	}
	return seen
}

const (
	jpegSOI, jpegSOS, jpegAPP1 = 0xd8, 0xda, 0xe1
	tagOrientation             = 0x0112
)

// orientation reads how the camera was held from a JPEG's EXIF data: 1 to 8, and 1 where nothing is said.
//
// Source: EXIF 2.32, section 4.5 (a TIFF file inside of the segment APP1).
func orientation(content []byte) int {
	if len(content) < 2 || content[0] != 0xff || content[1] != jpegSOI {
		return 1
	}
	for rest := content[2:]; len(rest) >= 4 && rest[0] == 0xff && rest[1] != jpegSOS; {
		size := int(binary.BigEndian.Uint16(rest[2:])) + 2
		if size < 4 || size > len(rest) {
			return 1
		}
		if tiff, found := bytes.CutPrefix(rest[4:size], []byte("Exif\x00\x00")); found && rest[1] == jpegAPP1 {
			return orientationIn(tiff)
		}
		rest = rest[size:]
	}
	return 1
}

func orientationIn(tiff []byte) int {
	const header, entry = 8, 12
	if len(tiff) < header {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := int(order.Uint16(tiff[at:]))
	for rest := tiff[at+2:]; entries > 0 && len(rest) >= entry; entries-- {
		if order.Uint16(rest) == tagOrientation {
			if value := int(order.Uint16(rest[8:])); value >= 1 && value <= 8 {
				return value
			}
			return 1
		}
		rest = rest[entry:]
	}
	return 1
}
