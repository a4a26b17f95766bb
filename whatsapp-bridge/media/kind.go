// Package media knows files: which may be sent, what they are by their content, how a picture looks when it is small,
// and how a recording becomes a voice note. It knows neither WhatsApp's library nor the store.
package media

import "strings"

// Kind is how WhatsApp shows a file.
type Kind string

// The kinds. A voice note is audio that was recorded for the chat.
const (
	Image    Kind = "image"
	Video    Kind = "video"
	Audio    Kind = "audio"
	Voice    Kind = "voice"
	Document Kind = "document"
	Sticker  Kind = "sticker"
)

// limits are the largest files in bytes, as the official clients have them.
var limits = map[Kind]int64{
	Image: 16 << 20, Video: 64 << 20, Audio: 16 << 20, Voice: 16 << 20, Document: 2000 << 20, Sticker: 1 << 20,
}

// Limit is the largest file of a kind, in bytes.
func Limit(kind Kind) int64 { return limits[kind] }

// KindOf gives the kind that fits a mime type best. Whatever WhatsApp's clients do not show is a document.
func KindOf(mime string) Kind {
	for _, kind := range []Kind{Image, Video, Audio} {
		if Fits(kind, mime) {
			return kind
		}
	}
	return Document
}

// Fits tells whether a file of the mime type can be shown as this kind. Anything may be a document.
func Fits(kind Kind, mime string) bool {
	base, _, _ := strings.Cut(mime, ";")
	switch kind {
	case Image:
		return base == "image/jpeg" || base == "image/png" || base == "image/webp"
	case Video:
		return base == "video/mp4" || base == "video/3gpp"
	case Audio:
		// Of Ogg, phones play Opus alone.
		return base == "audio/mpeg" || base == "audio/mp4" || base == "audio/aac" || base == "audio/amr" || mime == OpusMime
	case Voice:
		return demuxers[base] != ""
	case Sticker:
		return base == "image/webp"
	case Document:
		return true
	}
	return false
}

// extensions are those that a received file may get. Nothing in it is run by being opened; everything else is .bin.
var extensions = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif",
	"video/mp4": ".mp4", "video/3gpp": ".3gp", "video/quicktime": ".mov", "video/webm": ".webm",
	"audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/aac": ".aac", "audio/amr": ".amr", "audio/ogg": ".ogg",
	"audio/wav": ".wav", "audio/flac": ".flac",
	"application/pdf": ".pdf", "text/plain": ".txt", "text/csv": ".csv", "application/json": ".json",
	"application/zip": ".zip", "text/vcard": ".vcf", "text/calendar": ".ics",
	wordMime: ".docx", sheetMime: ".xlsx", slidesMime: ".pptx",
	"application/vnd.oasis.opendocument.text":         ".odt",
	"application/vnd.oasis.opendocument.spreadsheet":  ".ods",
	"application/vnd.oasis.opendocument.presentation": ".odp",
	"application/epub+zip":                            ".epub",
}

// Extension gives the ending of a received file by what its sender says it is.
func Extension(mime string) string {
	base, _, _ := strings.Cut(mime, ";")
	if extension, known := extensions[strings.ToLower(strings.TrimSpace(base))]; known {
		return extension
	}
	return ".bin"
}
