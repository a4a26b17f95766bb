package whatsapp

import (
	"bytes"
	"context"
	"io"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/media"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// uploadTime bounds a send that uploads a file first.
const uploadTime = 4 * time.Minute

// MediaMessage is a file on its way out. Kind "" is what fits its content best.
type MediaMessage struct {
	Chat, Path, Caption, Key string
	Kind                     media.Kind
}

// SendMedia sends a picture, a video, a recording or a document.
//
// Errors: those of SendText and of Outbox.Open, FILE_TOO_LARGE, INVALID_MEDIA_TYPE for a file that is not of the kind.
func (c *Client) SendMedia(ctx context.Context, message MediaMessage) (SentMessage, error) {
	return c.sendFile(ctx, message.Chat, message.Key, message.Path, []string{"media", string(message.Kind), message.Caption},
		func(ctx context.Context, file *media.File) (*waE2E.Message, error) {
			kind := message.Kind
			if kind == "" {
				kind = media.KindOf(file.Mime)
			}
			return c.mediaMessage(ctx, file, kind, message.Caption)
		})
}

// SendVoice sends any file with sound as a voice note.
//
// Errors: those of SendText, of Outbox.Open and of Recorder.Record.
func (c *Client) SendVoice(ctx context.Context, chat, path, key string) (SentMessage, error) {
	return c.sendFile(ctx, chat, key, path, []string{"voice"},
		func(ctx context.Context, file *media.File) (*waE2E.Message, error) {
			recording, err := c.recorder.Record(ctx, file)
			if err != nil {
				return nil, err
			}
			sent, err := c.upload(ctx, bytes.NewReader(recording.Opus), whatsmeow.MediaAudio)
			return &waE2E.Message{AudioMessage: &waE2E.AudioMessage{
				URL: &sent.URL, DirectPath: &sent.DirectPath, MediaKey: sent.MediaKey, FileEncSHA256: sent.FileEncSHA256,
				FileSHA256: sent.FileSHA256, FileLength: &sent.FileLength, Mimetype: proto.String(media.OpusMime),
				PTT: proto.Bool(true), Seconds: &recording.Seconds, Waveform: recording.Waveform,
				MediaKeyTimestamp: proto.Int64(time.Now().Unix()),
			}}, err
		})
}

// SendSticker sends a WebP image of 512 x 512 pixels, still or moving.
//
// Errors: those of SendText and of Outbox.Open, FILE_TOO_LARGE, INVALID_MEDIA_TYPE.
func (c *Client) SendSticker(ctx context.Context, chat, path, key string) (SentMessage, error) {
	return c.sendFile(ctx, chat, key, path, []string{"sticker"},
		func(ctx context.Context, file *media.File) (*waE2E.Message, error) {
			if err := fits(file, media.Sticker); err != nil {
				return nil, err
			}
			content, err := file.Bytes()
			if err != nil {
				return nil, err
			}
			width, height, moves := media.LookAtSticker(content)
			if width != media.StickerSide || height != media.StickerSide {
				return nil, fault.New(fault.InvalidMediaType, "A sticker is a WebP image of 512 x 512 pixels.").
					WithResolution("Convert the picture to WebP of 512 x 512 pixels, or send it as an image.")
			}
			sent, err := c.upload(ctx, bytes.NewReader(content), whatsmeow.MediaImage)
			return &waE2E.Message{StickerMessage: &waE2E.StickerMessage{
				URL: &sent.URL, DirectPath: &sent.DirectPath, MediaKey: sent.MediaKey, FileEncSHA256: sent.FileEncSHA256,
				FileSHA256: sent.FileSHA256, FileLength: &sent.FileLength, Mimetype: &file.Mime,
				Width: proto.Uint32(uint32(width)), Height: proto.Uint32(uint32(height)), IsAnimated: &moves,
				MediaKeyTimestamp: proto.Int64(time.Now().Unix()),
			}}, err
		})
}

// sendFile opens a file that may be sent, once it is known where it goes, and sends what write makes of it.
func (c *Client) sendFile(
	ctx context.Context, chat, key, path string, said []string,
	write func(context.Context, *media.File) (*waE2E.Message, error),
) (SentMessage, error) {
	return c.send(ctx, outgoing{
		chat: chat, key: key, said: append(said, path), time: uploadTime,
		write: func(ctx context.Context, _ store.Address, to target) (*waE2E.Message, error) {
			if to.jid.Server == types.NewsletterServer {
				return nil, fault.Argument("chat_jid", "a newsletter takes text alone here")
			}
			file, err := c.outbox.Open(path)
			if err != nil {
				return nil, err
			}
			defer func() { _ = file.Close() }()
			return write(ctx, file)
		},
	})
}

// fits refuses a file that is not of the kind, or too large for it.
func fits(file *media.File, kind media.Kind) error {
	if !media.Fits(kind, file.Mime) {
		better := media.KindOf(file.Mime)
		return fault.New(fault.InvalidMediaType, "The file is "+file.Mime+", which WhatsApp does not show as "+string(kind)+".").
			WithResolution("Send it as " + string(better) + " with send_media_message_v2, or let send_file choose.")
	}
	return file.Check(kind)
}

func (c *Client) mediaMessage(ctx context.Context, file *media.File, kind media.Kind, caption string) (*waE2E.Message, error) {
	if err := fits(file, kind); err != nil {
		return nil, err
	}
	switch kind {
	case media.Image:
		return c.imageMessage(ctx, file, caption)
	case media.Video:
		sent, err := c.upload(ctx, file.Reader(), whatsmeow.MediaVideo)
		return &waE2E.Message{VideoMessage: &waE2E.VideoMessage{
			URL: &sent.URL, DirectPath: &sent.DirectPath, MediaKey: sent.MediaKey, FileEncSHA256: sent.FileEncSHA256,
			FileSHA256: sent.FileSHA256, FileLength: &sent.FileLength, Mimetype: &file.Mime, Caption: textOrNil(caption),
			MediaKeyTimestamp: proto.Int64(time.Now().Unix()),
		}}, err
	case media.Audio:
		if caption != "" {
			return nil, fault.Argument("caption", "audio has none")
		}
		return c.audioMessage(ctx, file)
	default:
		return c.documentMessage(ctx, file, caption)
	}
}

func (c *Client) imageMessage(ctx context.Context, file *media.File, caption string) (*waE2E.Message, error) {
	content, err := file.Bytes()
	if err != nil {
		return nil, err
	}
	picture := media.Look(content)
	sent, err := c.upload(ctx, bytes.NewReader(content), whatsmeow.MediaImage)
	return &waE2E.Message{ImageMessage: &waE2E.ImageMessage{
		URL: &sent.URL, DirectPath: &sent.DirectPath, MediaKey: sent.MediaKey, FileEncSHA256: sent.FileEncSHA256,
		FileSHA256: sent.FileSHA256, FileLength: &sent.FileLength, Mimetype: &file.Mime, Caption: textOrNil(caption),
		Width: &picture.Width, Height: &picture.Height, JPEGThumbnail: picture.Thumbnail,
		MediaKeyTimestamp: proto.Int64(time.Now().Unix()),
	}}, err
}

func (c *Client) audioMessage(ctx context.Context, file *media.File) (*waE2E.Message, error) {
	content, err := file.Bytes()
	if err != nil {
		return nil, err
	}
	seconds := media.OpusSeconds(content)
	sent, err := c.upload(ctx, bytes.NewReader(content), whatsmeow.MediaAudio)
	return &waE2E.Message{AudioMessage: &waE2E.AudioMessage{
		URL: &sent.URL, DirectPath: &sent.DirectPath, MediaKey: sent.MediaKey, FileEncSHA256: sent.FileEncSHA256,
		FileSHA256: sent.FileSHA256, FileLength: &sent.FileLength, Mimetype: &file.Mime, Seconds: &seconds,
		MediaKeyTimestamp: proto.Int64(time.Now().Unix()),
	}}, err
}

// documentMessage wraps a document with a caption, as the official clients do: others would show it without.
func (c *Client) documentMessage(ctx context.Context, file *media.File, caption string) (*waE2E.Message, error) {
	sent, err := c.upload(ctx, file.Reader(), whatsmeow.MediaDocument)
	message := &waE2E.Message{DocumentMessage: &waE2E.DocumentMessage{
		URL: &sent.URL, DirectPath: &sent.DirectPath, MediaKey: sent.MediaKey, FileEncSHA256: sent.FileEncSHA256,
		FileSHA256: sent.FileSHA256, FileLength: &sent.FileLength, Mimetype: &file.Mime, Caption: textOrNil(caption),
		FileName: &file.Name, Title: &file.Name, MediaKeyTimestamp: proto.Int64(time.Now().Unix()),
	}}
	if caption != "" {
		message = &waE2E.Message{DocumentWithCaptionMessage: &waE2E.FutureProofMessage{Message: message}}
	}
	return message, err
}

// upload encrypts a file and puts it on WhatsApp's media server.
func (c *Client) upload(ctx context.Context, content io.Reader, kind whatsmeow.MediaType) (whatsmeow.UploadResponse, error) {
	sent, err := c.library().UploadReader(ctx, content, nil, kind)
	if err != nil {
		return sent, refusal(err)
	}
	return sent, nil
}

func textOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
