package media

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
)

// OpusMime is how WhatsApp names what it records.
const OpusMime = "audio/ogg; codecs=opus"

const (
	wordMime   = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	sheetMime  = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	slidesMime = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
)

const headSize = 3072

// Sniff gives the mime type of a file by its content; its name says nothing that could be trusted.
func Sniff(file io.ReaderAt, size int64) (string, error) {
	head := make([]byte, min(size, headSize))
	if n, err := file.ReadAt(head, 0); err != nil && (!errors.Is(err, io.EOF) || n < len(head)) {
		return "", err
	}
	if mime := sniffSound(head); mime != "" {
		return mime, nil
	}
	if mime := sniffBox(head); mime != "" {
		return mime, nil
	}
	mime := http.DetectContentType(head)
	switch base, _, _ := strings.Cut(mime, ";"); base {
	case "application/zip":
		return sniffPackage(file, size), nil
	case "audio/wave":
		return "audio/wav", nil
	default:
		return base, nil
	}
}

func sniffSound(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("OggS")):
		if bytes.Contains(head[:min(len(head), 64)], []byte("OpusHead")) {
			return OpusMime
		}
		return "audio/ogg"
	case bytes.HasPrefix(head, []byte("fLaC")):
		return "audio/flac"
	case bytes.HasPrefix(head, []byte("#!AMR")):
		return "audio/amr"
	case bytes.HasPrefix(head, []byte("ID3")):
		return "audio/mpeg"
	case len(head) > 3 && head[0] == 0xff && head[1]&0xf6 == 0xf0 && head[2]&0x3c != 0x3c:
		return "audio/aac"
	// Layers II and III (nobody uses I, which the mark of UTF-16 looks like), a bit rate and a sampling rate that exist.
	case len(head) > 3 && head[0] == 0xff && head[1]&0xe0 == 0xe0 && (head[1]&0x06 == 0x02 || head[1]&0x06 == 0x04) &&
		head[1]&0x18 != 0x08 && head[2]&0xf0 != 0xf0 && head[2]&0xf0 != 0 && head[2]&0x0c != 0x0c:
		return "audio/mpeg"
	}
	return ""
}

// sniffBox reads the brand of an ISO base media file (ISO/IEC 14496-12).
func sniffBox(head []byte) string {
	if len(head) < 12 || string(head[4:8]) != "ftyp" {
		return ""
	}
	switch brand := string(head[8:12]); {
	case brand == "M4A " || brand == "M4B ":
		return "audio/mp4"
	case strings.HasPrefix(brand, "qt"):
		return "video/quicktime"
	case strings.HasPrefix(brand, "3g"):
		return "video/3gpp"
	case strings.HasPrefix(brand, "hei") || strings.HasPrefix(brand, "mif"):
		return "image/heic"
	case brand == "avif":
		return "image/avif"
	}
	return "video/mp4"
}

// sniffPackage tells the documents that are zip archives from other archives.
func sniffPackage(file io.ReaderAt, size int64) string {
	const plain = "application/zip"
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return plain
	}
	for _, entry := range archive.File {
		switch {
		case entry.Name == "mimetype":
			if mime := declared(entry); extensions[mime] != "" {
				return mime
			}
		case strings.HasPrefix(entry.Name, "word/"):
			return wordMime
		case strings.HasPrefix(entry.Name, "xl/"):
			return sheetMime
		case strings.HasPrefix(entry.Name, "ppt/"):
			return slidesMime
		}
	}
	return plain
}

// declared reads the mime type that OpenDocument and EPUB files carry.
func declared(entry *zip.File) string {
	reader, err := entry.Open()
	if err != nil {
		return ""
	}
	defer func() { _ = reader.Close() }()
	text, err := io.ReadAll(io.LimitReader(reader, 128))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
