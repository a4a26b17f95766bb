package whatsapp

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

const quietZone = 2

// DrawQR draws text as a QR code of half blocks, two rows of modules to a line, dark on light.
func DrawQR(text string) (string, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return "", fmt.Errorf("drawing the QR code: %w", err)
	}
	var drawing strings.Builder
	for y := -quietZone; y < code.Size+quietZone; y += 2 {
		for x := -quietZone; x < code.Size+quietZone; x++ {
			drawing.WriteRune(halfBlock(code.Black(x, y), code.Black(x, y+1)))
		}
		drawing.WriteByte('\n')
	}
	return drawing.String(), nil
}

// halfBlock is the light half of a cell: terminals are mostly dark, and scanners want dark on light.
func halfBlock(upperDark, lowerDark bool) rune {
	switch {
	case upperDark && lowerDark:
		return ' '
	case upperDark:
		return '▄'
	case lowerDark:
		return '▀'
	default:
		return '█'
	}
}

// PaintQR gives text as the PNG of a QR code.
func PaintQR(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return nil, fmt.Errorf("painting the QR code: %w", err)
	}
	code.Scale = 6
	return code.PNG(), nil
}
