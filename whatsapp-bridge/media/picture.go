package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // reads PNG

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // reads WebP
)

const (
	thumbnailSide    = 100
	thumbnailQuality = 60
	// mostPixels is what is still decoded for a thumbnail: a small file may unfold into more memory than there is.
	mostPixels = 50_000_000
)

// Picture is what a message says about an image. Thumbnail is a JPEG of at most 100 pixels a side, nil where the image
// cannot be decoded; sizes in pixels, 0 when not known.
type Picture struct {
	Width, Height uint32
	Thumbnail     []byte
}

// Look reads a JPEG, PNG or WebP image.
func Look(content []byte) Picture {
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || config.Width <= 0 || config.Height <= 0 {
		return Picture{}
	}
	picture := Picture{Width: uint32(config.Width), Height: uint32(config.Height)}
	if config.Width > mostPixels/config.Height {
		return picture
	}
	if whole, _, err := image.Decode(bytes.NewReader(content)); err == nil {
		picture.Thumbnail = shrink(whole)
	}
	return picture
}

// shrink makes the thumbnail; what is transparent becomes white.
func shrink(whole image.Image) []byte {
	size := whole.Bounds()
	width, height := thumbnailSide, thumbnailSide
	if size.Dx() > size.Dy() {
		height = max(1, thumbnailSide*size.Dy()/size.Dx())
	} else {
		width = max(1, thumbnailSide*size.Dx()/size.Dy())
	}
	small := image.NewRGBA(image.Rect(0, 0, min(width, size.Dx()), min(height, size.Dy())))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), whole, size, draw.Over, nil)
	var encoded bytes.Buffer
	if err := jpeg.Encode(&encoded, small, &jpeg.Options{Quality: thumbnailQuality}); err != nil {
		return nil
	}
	return encoded.Bytes()
}

// StickerSide is the width and height of a sticker in pixels.
const StickerSide = 512

// LookAtSticker reads the size of a WebP file, moving ones included, and whether it moves; zeros for what is none.
//
// Source: the WebP container's VP8X chunk, which x/image/webp does not read of moving images.
func LookAtSticker(content []byte) (width, height int, moves bool) {
	if len(content) >= 30 && string(content[:4]) == "RIFF" && string(content[8:16]) == "WEBPVP8X" {
		moves = content[20]&0x02 != 0
		return 1 + int(uint24(content[24:])), 1 + int(uint24(content[27:])), moves
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || format != "webp" {
		return 0, 0, false
	}
	return config.Width, config.Height, false
}

func uint24(b []byte) uint32 {
	return binary.LittleEndian.Uint32([]byte{b[0], b[1], b[2], 0})
}
