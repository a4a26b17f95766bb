package media

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// Recording is a voice note: Ogg with Opus, its length in seconds and its bars.
type Recording struct {
	Opus     []byte
	Seconds  uint32
	Waveform []byte
}

const (
	convertTime = 60 * time.Second
	// Only the loudness is read from these samples.
	sampleRate = "8000"
)

// demuxers are ffmpeg's names for the formats that sound comes in, by mime type. It is told which one to use: left to
// guess, it takes a text for a playlist, and reads the files or addresses that stand in it.
var demuxers = map[string]string{
	"audio/mpeg": "mp3", "audio/mp4": "mov", "audio/aac": "aac", "audio/amr": "amr", "audio/ogg": "ogg", "audio/wav": "wav",
	"audio/flac": "flac", "audio/aiff": "aiff", "video/mp4": "mov", "video/3gpp": "mov", "video/quicktime": "mov",
	"video/webm": "matroska",
}

// Recorder makes voice notes. FFmpeg is the program's path; "" looks for it where programs are.
type Recorder struct{ FFmpeg string }

// Record makes a voice note of any file with sound. One that is Opus already is left as it is; the bars are then only
// guessed where ffmpeg is missing.
//
// Errors: INVALID_MEDIA_TYPE, FFMPEG_MISSING, FILE_TOO_LARGE.
func (r Recorder) Record(ctx context.Context, file *File) (Recording, error) {
	if !Fits(Voice, file.Mime) {
		return Recording{}, fault.New(fault.InvalidMediaType, "The file is "+file.Mime+", and no sound.").
			WithResolution("Choose an audio file, or send this one with send_file.")
	}
	if err := file.Check(Voice); err != nil {
		return Recording{}, err
	}
	content, err := file.Bytes()
	if err != nil {
		return Recording{}, err
	}
	stream, ready := readOpus(content)
	program, err := r.find()
	if err != nil {
		if !ready {
			return Recording{}, err
		}
		return Recording{Opus: content, Seconds: stream.seconds(), Waveform: stream.waveform()}, nil
	}
	converted, samples, err := convert(ctx, program, demuxers[base(file.Mime)], content)
	if ready {
		waveform := stream.waveform()
		if err == nil {
			waveform = waveformOf(samples)
		}
		return Recording{Opus: content, Seconds: stream.seconds(), Waveform: waveform}, nil
	}
	if err != nil {
		return Recording{}, err
	}
	if stream, ready = readOpus(converted); !ready {
		return Recording{}, silent(nil)
	}
	if int64(len(converted)) > limits[Voice] {
		return Recording{}, fault.New(fault.FileTooLarge, "The recording is too long for a voice note.")
	}
	return Recording{Opus: converted, Seconds: stream.seconds(), Waveform: waveformOf(samples)}, nil
}

func silent(cause error) error {
	return fault.Wrap(fault.InvalidMediaType, cause, "ffmpeg finds no sound in the file.").
		WithResolution("Choose another audio file, or send this one with send_file.")
}

func base(mime string) string {
	name, _, _ := strings.Cut(mime, ";")
	return name
}

func (r Recorder) find() (string, error) {
	name := r.FFmpeg
	if name == "" {
		name = "ffmpeg"
	}
	program, err := exec.LookPath(name)
	if err != nil {
		return "", fault.Wrap(fault.FfmpegMissing, err, "").WithResolution(installLine())
	}
	return program, nil
}

func installLine() string {
	line := "sudo apt install ffmpeg"
	switch runtime.GOOS {
	case "darwin":
		line = "brew install ffmpeg"
	case "windows":
		line = "winget install ffmpeg"
	}
	return fmt.Sprintf("Install it (`%s`) or set WHATSAPP_MCP_FFMPEG to its path and start the bridge again; "+
		"an .ogg file with Opus can be sent without it.", line)
}

// convert gives the sound as Ogg Opus and as samples. The program gets a copy of what was checked, in a folder that
// only this user may enter.
func convert(ctx context.Context, program, demuxer string, content []byte) (converted []byte, samples []int16, err error) {
	folder, err := os.MkdirTemp("", "whatsapp-voice-")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	given, made, loud := filepath.Join(folder, "given"), filepath.Join(folder, "made.ogg"), filepath.Join(folder, "samples")
	if err := os.WriteFile(given, content, 0o600); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, convertTime)
	defer cancel()
	//nolint:gosec // the program is the user's own setting, the arguments are ours
	command := exec.CommandContext(ctx, program, "-nostdin", "-hide_banner", "-loglevel", "error",
		"-protocol_whitelist", "file", "-f", demuxer, "-i", given,
		"-map", "0:a:0", "-map_metadata", "-1", "-c:a", "libopus", "-b:a", "32k", "-ac", "1", "-ar", "16000",
		"-application", "voip", "-f", "ogg", made,
		"-map", "0:a:0", "-ac", "1", "-ar", sampleRate, "-f", "s16le", loud)
	said, err := command.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && ctx.Err() == nil:
		return nil, nil, silent(fmt.Errorf("ffmpeg: %w: %s", err, lastLine(said)))
	case err != nil:
		return nil, nil, fmt.Errorf("running ffmpeg: %w", err)
	}
	if converted, err = os.ReadFile(made); err != nil {
		return nil, nil, err
	}
	raw, err := os.ReadFile(loud)
	if err != nil {
		return nil, nil, err
	}
	samples = make([]int16, len(raw)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	return converted, samples, nil
}

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}
