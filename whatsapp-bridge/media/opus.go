package media

import (
	"bytes"
	"encoding/binary"
	"math"
)

const (
	// WaveformSize is how many bars a voice note shows, each 0 to 100.
	WaveformSize = 64
	loudest      = 100
	// Positions in an Ogg Opus stream count samples at this rate, whatever it was recorded at (RFC 7845, section 4).
	opusRate = 48_000
)

// opus is what the pages of an Ogg Opus stream say without being decoded.
type opus struct {
	samples int64
	// packets are the sizes of the packets in bytes. Louder speech takes more.
	packets []int
}

// readOpus walks the pages (RFC 3533, section 6). It gives false for anything that is not one whole Opus stream.
func readOpus(content []byte) (opus, bool) {
	const header, skipAt = 27, 10
	var found opus
	var skip, size int
	for len(content) > 0 {
		if len(content) < header || string(content[:4]) != "OggS" {
			return opus{}, false
		}
		segments := int(content[26])
		if len(content) < header+segments {
			return opus{}, false
		}
		position, lacing, body := int64(binary.LittleEndian.Uint64(content[6:])), content[header:header+segments], 0
		for _, length := range lacing {
			body += int(length)
			size += int(length)
			if length < math.MaxUint8 {
				found.packets, size = append(found.packets, size), 0
			}
		}
		content = content[header+segments:]
		if len(content) < body {
			return opus{}, false
		}
		if head := content[:body]; bytes.HasPrefix(head, []byte("OpusHead")) && body >= skipAt+2 {
			skip = int(binary.LittleEndian.Uint16(head[skipAt:]))
		}
		found.samples = max(found.samples, position-int64(skip))
		content = content[body:]
	}
	const headers = 2
	if skip == 0 && found.samples == 0 || len(found.packets) <= headers {
		return opus{}, false
	}
	found.packets = found.packets[headers:]
	return found, true
}

// OpusSeconds gives the length of a recording that is Ogg Opus, 0 for anything else.
func OpusSeconds(content []byte) uint32 {
	if stream, ok := readOpus(content); ok {
		return stream.seconds()
	}
	return 0
}

func (o opus) seconds() uint32 { return uint32(max(1, (o.samples+opusRate/2)/opusRate)) }

// waveform guesses the loudness from the sizes of packets: nothing is decoded.
func (o opus) waveform() []byte {
	sizes := make([]float64, len(o.packets))
	for i, size := range o.packets {
		sizes[i] = float64(size)
	}
	return bars(sizes)
}

// waveformOf gives the loudness of samples.
func waveformOf(samples []int16) []byte {
	squares := make([]float64, len(samples))
	for i, sample := range samples {
		squares[i] = float64(sample) * float64(sample)
	}
	return bars(squares)
}

// bars brings values to WaveformSize bars, the highest 100; the root makes quiet speech visible.
func bars(values []float64) []byte {
	heights, highest := make([]float64, WaveformSize), 0.0
	for i := range heights {
		from, to := i*len(values)/WaveformSize, (i+1)*len(values)/WaveformSize
		to = min(max(to, from+1), len(values))
		for _, value := range values[from:to] {
			heights[i] += value / float64(to-from)
		}
		heights[i] = math.Sqrt(heights[i])
		highest = max(highest, heights[i])
	}
	shown := make([]byte, WaveformSize)
	if highest == 0 {
		return shown
	}
	for i, height := range heights {
		shown[i] = byte(math.Round(loudest * height / highest))
	}
	return shown
}
