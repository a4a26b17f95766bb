package media

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// page is an Ogg page with packets below 255 bytes each.
func page(position int64, packets ...[]byte) []byte {
	head := make([]byte, 27)
	copy(head, "OggS")
	binary.LittleEndian.PutUint64(head[6:], uint64(position))
	head[26] = byte(len(packets))
	var body []byte
	for _, packet := range packets {
		head = append(head, byte(len(packet)))
		body = append(body, packet...)
	}
	return append(head, body...)
}

// speech is five seconds of Opus: long packets first, then short ones.
func speech() []byte {
	const skip = 312
	opusHead := append([]byte("OpusHead\x01\x01"), 0, 0)
	binary.LittleEndian.PutUint16(opusHead[10:], skip)
	stream := append(page(0, opusHead), page(0, []byte("OpusTags"))...)
	for i := range 5 {
		size := 200
		if i > 2 {
			size = 10
		}
		packets := make([][]byte, 50)
		for j := range packets {
			packets[j] = make([]byte, size)
		}
		stream = append(stream, page(int64(skip+(i+1)*opusRate), packets...)...)
	}
	return stream
}

func recordingOf(t *testing.T, content []byte) *File {
	t.Helper()
	p := lay(t)
	path := filepath.Join(p.shared, "recording")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := p.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

var without = Recorder{FFmpeg: filepath.Join("no", "such", "ffmpeg")}

func TestWhatIsOpusAlreadyNeedsNoFfmpeg(t *testing.T) {
	content := speech()
	note, err := without.Record(t.Context(), recordingOf(t, content))
	if err != nil {
		t.Fatal(err)
	}
	if string(note.Opus) != string(content) || note.Seconds != 5 || len(note.Waveform) != WaveformSize {
		t.Errorf("%d bytes, %d s, %d bars", len(note.Opus), note.Seconds, len(note.Waveform))
	}
	if note.Waveform[0] != loudest || note.Waveform[WaveformSize-1] > 30 {
		t.Errorf("the bars are %v", note.Waveform)
	}
}

func TestOtherAudioWithoutFfmpegSaysHowToInstallIt(t *testing.T) {
	_, err := without.Record(t.Context(), recordingOf(t, []byte("RIFF\x24\x00\x00\x00WAVEfmt and so on")))
	problem := fault.From(err)
	if problem.Code != fault.FfmpegMissing || !strings.Contains(problem.Resolution, "install") ||
		!strings.Contains(problem.Resolution, "WHATSAPP_MCP_FFMPEG") {
		t.Errorf("%+v", problem)
	}
}

func TestAPlaylistIsNoSound(t *testing.T) {
	_, err := without.Record(t.Context(), recordingOf(t, []byte("#EXTM3U\n#EXT-X-TARGETDURATION:1\nfile:///etc/passwd\n")))
	if fault.CodeOf(err) != fault.InvalidMediaType {
		t.Errorf("got %v", err)
	}
}

func TestABrokenStreamIsNotTakenForOpus(t *testing.T) {
	whole := speech()
	for name, content := range map[string][]byte{
		"cut": whole[:len(whole)-1], "heads alone": whole[:2*28], "nothing": nil, "other": []byte("OggX"),
	} {
		if stream, ok := readOpus(content); ok {
			t.Errorf("%s: %+v", name, stream)
		}
	}
}

func TestBarsAreAlwaysSixtyFour(t *testing.T) {
	for _, count := range []int{0, 1, 63, 64, 65, 10_000} {
		values := make([]float64, count)
		for i := range values {
			values[i] = 1
		}
		shown := bars(values)
		if len(shown) != WaveformSize || count > 0 && shown[0] != loudest {
			t.Errorf("%d values: %v", count, shown)
		}
	}
}
