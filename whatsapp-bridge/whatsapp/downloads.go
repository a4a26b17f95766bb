package whatsapp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/media"
	"whatsapp-mcp/whatsapp-bridge/store"
)

const (
	// downloadTime bounds a download, the phone's time to upload the file again included.
	downloadTime = 4 * time.Minute
	// mostDownload is the largest file in bytes that is fetched.
	mostDownload = 256 << 20
	// sealSize is by how much a file is larger on the server, at most: padding and checksum.
	sealSize = 64
)

// DownloadedMedia is where a message's file lies on this machine. Size in bytes.
type DownloadedMedia struct {
	MessageID string `json:"message_id"`
	ChatJID   string `json:"chat_jid"`
	Path      string `json:"path"`
	Kind      string `json:"kind"`
	Mime      string `json:"mime,omitempty"`
	FileName  string `json:"file_name,omitempty"`
	Size      int64  `json:"size"`
}

var mediaTypes = map[string]whatsmeow.MediaType{
	store.KindImage: whatsmeow.MediaImage, store.KindSticker: whatsmeow.MediaImage, store.KindVideo: whatsmeow.MediaVideo,
	store.KindAudio: whatsmeow.MediaAudio, store.KindVoice: whatsmeow.MediaAudio, store.KindDocument: whatsmeow.MediaDocument,
}

// Download fetches the file of a message into the media folder, once: it is answered from there the next time. chat may
// be "" where the id stands in one chat alone.
//
// Errors: those of MessageByID, NO_MEDIA_CONTENT, FILE_TOO_LARGE, MEDIA_EXPIRED, NOT_PAIRED and its like.
func (c *Client) Download(ctx context.Context, chat, id string) (DownloadedMedia, error) {
	ctx, cancel := context.WithTimeout(ctx, downloadTime)
	defer cancel()
	m, err := c.store.MessageByID(ctx, chat, id)
	if err != nil {
		return DownloadedMedia{}, err
	}
	switch {
	case m.Media == nil:
		return DownloadedMedia{}, fault.New(fault.NoMediaContent, "The message is of kind "+m.Kind+" and carries no file.")
	case m.Media.DirectPath == "":
		return DownloadedMedia{}, fault.New(fault.NoMediaContent, "The message was stored without the way to its file.").
			WithResolution("Open it on the phone.")
	case m.Media.Size > mostDownload:
		return DownloadedMedia{}, fault.New(fault.FileTooLarge,
			fmt.Sprintf("The file has %d bytes; this bridge fetches %d MB at most.", m.Media.Size, mostDownload>>20)).
			WithResolution("Open it on the phone.")
	}
	name := fileName(m)
	leave, err := c.flights.enter(ctx, "download "+name)
	if err != nil {
		return DownloadedMedia{}, fault.Wrap(fault.Internal, err, "")
	}
	defer leave()
	path := filepath.Join(c.mediaFolder, name)
	if !holds(path, m.Media.FileSHA256) {
		if err := c.fetch(ctx, m, path); err != nil {
			return DownloadedMedia{}, err
		}
	}
	if err := c.store.SetLocalPath(ctx, m.ChatJID, m.ID, filepath.ToSlash(filepath.Join(MediaFolder, name))); err != nil {
		return DownloadedMedia{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return DownloadedMedia{}, fault.Wrap(fault.Internal, err, "")
	}
	return DownloadedMedia{
		MessageID: m.ID, ChatJID: m.ChatJID, Path: path, Kind: m.Kind, Mime: m.Media.Mime, FileName: m.Media.FileName,
		Size: info.Size(),
	}, nil
}

// fileName names a received file from its message: an id may hold anything, and stand in two chats.
func fileName(m store.StoredMessage) string {
	const longest = 64
	id := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, m.ID)
	sum := sha256.Sum256([]byte(m.ChatJID + "\n" + m.ID))
	return id[:min(len(id), longest)] + "-" + hex.EncodeToString(sum[:4]) + media.Extension(m.Media.Mime)
}

// holds tells whether the file is there as it was sent.
func holds(path string, want []byte) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return false
	}
	return string(sum.Sum(nil)) == string(want)
}

// fetch downloads into a file of its own, which takes the name only when it is whole. When the server has the file no
// more, the phone is asked for it.
func (c *Client) fetch(ctx context.Context, m store.StoredMessage, path string) error {
	library, err := c.ready()
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(c.mediaFolder, ".download-*")
	if err != nil {
		return fault.Wrap(fault.Internal, err, "")
	}
	defer func() { _ = os.Remove(file.Name()) }()
	defer func() { _ = file.Close() }()
	err = fetchInto(ctx, library, m, m.Media.DirectPath, file)
	if expired(err) {
		var renewed string
		if renewed, err = c.askPhone(ctx, library, m); err == nil {
			err = fetchInto(ctx, library, m, renewed, file)
		}
		if expired(err) {
			err = fault.Wrap(fault.MediaExpired, err, "")
		}
	}
	if err != nil {
		return notFetched(err)
	}
	if err := errors.Join(file.Close(), os.Rename(file.Name(), path)); err != nil {
		return fault.Wrap(fault.Internal, err, "")
	}
	return nil
}

func expired(err error) bool {
	return errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith403) || errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith404) ||
		errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith410)
}

func notFetched(err error) error {
	switch {
	case errors.Is(err, errTooMuch):
		return fault.Wrap(fault.FileTooLarge, err, "The file is larger than its message says.").
			WithResolution("Open it on the phone.")
	case errors.Is(err, whatsmeow.ErrInvalidMediaSHA256), errors.Is(err, whatsmeow.ErrInvalidMediaEncSHA256),
		errors.Is(err, whatsmeow.ErrInvalidMediaHMAC):
		return fault.Wrap(fault.WhatsappAPIError, err, "What the server holds is not the file that was sent.")
	}
	return refusal(err)
}

func fetchInto(ctx context.Context, library *whatsmeow.Client, m store.StoredMessage, path string, file *os.File) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := file.Truncate(0); err != nil {
		return err
	}
	// The library adds to the path's query, and takes it for granted that there is one (download.go).
	if !strings.Contains(path, "?") {
		path += "?"
	}
	key := m.Media.MediaKey
	if len(m.Media.FileEncSHA256) == 0 {
		key = nil // newsletters do not encrypt
	}
	most := int64(mostDownload + sealSize)
	if m.Media.Size > 0 {
		most = m.Media.Size + sealSize
	}
	return library.DownloadMediaWithPathToFile(ctx, path, m.Media.FileEncSHA256, m.Media.FileSHA256, key,
		mediaTypes[m.Kind], "", false, &bounded{File: file, most: most})
}

var errTooMuch = errors.New("the file is larger than was said")

// bounded is a file that takes no more than was said: who sends a file also says how large it is.
type bounded struct {
	whatsmeow.File
	most, end int64
}

func (b *bounded) Write(content []byte) (int, error) {
	if b.end += int64(len(content)); b.end > b.most {
		return 0, errTooMuch
	}
	return b.File.Write(content)
}

func (b *bounded) Seek(offset int64, whence int) (int64, error) {
	at, err := b.File.Seek(offset, whence)
	b.end = at
	return at, err
}
