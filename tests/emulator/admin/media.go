package admin

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"whatsapp-mcp/emulator/attachment"
	"whatsapp-mcp/emulator/world"
)

// fileRequest is a file that a contact sends.
type fileRequest struct {
	// Kind is image, video, audio, voice, document or sticker.
	Kind world.Kind `json:"kind"`
	// Content is the file in base64; absent, Bytes of something are made up.
	Content []byte `json:"content,omitempty"`
	Bytes   int    `json:"bytes,omitempty"`
	Mime    string `json:"mime,omitempty"`
	Name    string `json:"name,omitempty"`
	Seconds uint32 `json:"seconds,omitempty"`
	// Claimed is the size that the message gives; absent, the true one.
	Claimed uint64 `json:"claimed,omitempty"`
}

const mostMadeUp = 64 << 20

func (a *API) attach(file fileRequest) (world.Kind, *world.Media, error) {
	content := file.Content
	if len(content) == 0 {
		if file.Bytes <= 0 || file.Bytes > mostMadeUp {
			return "", nil, fmt.Errorf("a file has content, or 1 to %d bytes", mostMadeUp)
		}
		pattern := []byte("made up for a test. ")
		content = bytes.Repeat(pattern, file.Bytes/len(pattern)+1)[:file.Bytes]
	}
	about := &world.Media{Mime: file.Mime, FileName: file.Name, DurationSeconds: file.Seconds}
	if err := attachment.Attach(a.Media, file.Kind, content, about); err != nil {
		return "", nil, err
	}
	if file.Claimed > 0 {
		about.Size = file.Claimed
	}
	return file.Kind, about, nil
}

type expireRequest struct {
	// Path is what the one who sent the file was told; absent for all files.
	Path string `json:"path,omitempty"`
	// Status is what a download gets: 403, 404 or 410; 200 brings the file back.
	Status int `json:"status,omitempty"`
	// Lost files are gone from the phone too.
	Lost bool `json:"lost,omitempty"`
}

// expire is the media servers forgetting a file.
func (a *API) expire(_ *http.Request, request expireRequest) (none, error) {
	if !request.Lost {
		return none{}, a.Media.Expire(request.Path, request.Status)
	}
	if request.Path == "" || request.Status != 0 {
		return none{}, errors.New("one lost file has a path, and no status")
	}
	return none{}, a.Media.Forget(request.Path)
}
