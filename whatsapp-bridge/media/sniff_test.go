package media

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
)

func TestAFileIsKnownByItsContent(t *testing.T) {
	for _, file := range []struct {
		head, mime string
		kind       Kind
	}{
		{"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg", Image},
		{"\x89PNG\r\n\x1a\n", "image/png", Image},
		{"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", Image},
		{"GIF89a", "image/gif", Document},
		{"\x00\x00\x00\x18ftypheic", "image/heic", Document},
		{"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", "video/mp4", Video},
		{"\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x00", "video/3gpp", Video},
		{"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", "video/quicktime", Document},
		{"\x1aE\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm", "video/webm", Document},
		{"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00", "audio/mp4", Audio},
		{"ID3\x04\x00\x00", "audio/mpeg", Audio},
		{"\xff\xfb\x90\x64", "audio/mpeg", Audio},
		{"\xff\xf1\x50\x80", "audio/aac", Audio},
		{"#!AMR\n", "audio/amr", Audio},
		{"OggS\x00\x02" + strings.Repeat("\x00", 21) + "\x13OpusHead\x01\x01", OpusMime, Audio},
		{"OggS\x00\x02" + strings.Repeat("\x00", 21) + "\x1e\x01vorbis", "audio/ogg", Document},
		{"fLaC\x00\x00\x00\x22", "audio/flac", Document},
		{"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav", Document},
		{"%PDF-1.7", "application/pdf", Document},
		{"<html><script>alert(1)</script>", "text/html", Document},
		{"\xff\xfeH\x00e\x00l\x00l\x00o\x00", "text/plain", Document},
		{"#EXTM3U\nfile:///etc/passwd\n", "text/plain", Document},
		{"\x7fELF\x02\x01\x01\x00\x00", "application/octet-stream", Document},
	} {
		mime, err := Sniff(strings.NewReader(file.head), int64(len(file.head)))
		if err != nil || mime != file.mime || KindOf(mime) != file.kind {
			t.Errorf("%q: %s, %s, %v", file.head, mime, KindOf(mime), err)
		}
	}
}

func TestOfficeDocumentsAreToldFromArchives(t *testing.T) {
	for mime, entries := range map[string][][2]string{
		wordMime:               {{"[Content_Types].xml", "x"}, {"word/document.xml", "x"}},
		sheetMime:              {{"[Content_Types].xml", "x"}, {"xl/workbook.xml", "x"}},
		slidesMime:             {{"[Content_Types].xml", "x"}, {"ppt/slide.xml", "x"}},
		"application/epub+zip": {{"mimetype", "application/epub+zip"}},
		"application/zip":      {{"mimetype", "text/x-evil"}, {"readme.txt", "x"}},
		"application/vnd.oasis.opendocument.text": {{"mimetype", "application/vnd.oasis.opendocument.text"}},
	} {
		var packed bytes.Buffer
		archive := zip.NewWriter(&packed)
		for _, entry := range entries {
			writer, err := archive.Create(entry[0])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := writer.Write([]byte(entry[1])); err != nil {
				t.Fatal(err)
			}
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := Sniff(bytes.NewReader(packed.Bytes()), int64(packed.Len())); err != nil || got != mime {
			t.Errorf("%s: %s, %v", mime, got, err)
		}
	}
}

func TestAReceivedFileGetsNoEndingThatIsRun(t *testing.T) {
	for mime, want := range map[string]string{
		"image/jpeg": ".jpg", "AUDIO/OGG; codecs=opus": ".ogg", "application/x-msdownload": ".bin", "text/html": ".bin",
		"image/svg+xml": ".bin", "../../x": ".bin", "": ".bin",
	} {
		if got := Extension(mime); got != want {
			t.Errorf("%q: %s", mime, got)
		}
	}
}

func FuzzAFileIsSniffedOrRefused(f *testing.F) {
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("OggS\x00\x02"))
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8X"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) == 0 {
			return
		}
		mime, err := Sniff(bytes.NewReader(content), int64(len(content)))
		if err == nil && mime == "" {
			t.Error("a file without a type")
		}
		LookAtSticker(content)
		if stream, ok := readOpus(content); ok && (len(stream.waveform()) != WaveformSize || stream.seconds() == 0) {
			t.Errorf("%+v", stream)
		}
	})
}
