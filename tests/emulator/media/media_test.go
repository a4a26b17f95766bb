package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/util/cbcutil"
)

func start(t *testing.T, options Options) (*Server, *http.Client) {
	t.Helper()
	s, err := Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(s.CA()) {
		t.Fatal("the CA is no PEM certificate")
	}
	dialer := net.Dialer{}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, s.Addr())
	}
	t.Cleanup(transport.CloseIdleConnections)
	return s, &http.Client{Transport: transport}
}

func call(t *testing.T, client *http.Client, method, address string, body []byte) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func uploadURL(s *Server, mmsType string, blob []byte) string {
	sum := sha256.Sum256(blob)
	return "https://" + s.Addr() + "/mms/" + mmsType + "/" + base64.URLEncoding.EncodeToString(sum[:]) + "?auth=" + url.QueryEscape(s.Auth())
}

func TestWhatIsSealedOpensAgainOnlyAsTheSameKind(t *testing.T) {
	for _, size := range []int{0, 1, 15, 16, 17, 70_000} {
		plain := bytes.Repeat([]byte{7}, size)
		sealed, err := Seal(plain, whatsmeow.MediaHistory)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Open(sealed.Blob, sealed.Key, whatsmeow.MediaHistory)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if _, err := Open(sealed.Blob, sealed.Key, whatsmeow.MediaImage); err == nil {
			t.Fatal("history opened as an image")
		}
		sealed.Blob[0] ^= 1
		if _, err := Open(sealed.Blob, sealed.Key, whatsmeow.MediaHistory); err == nil {
			t.Fatal("a changed blob opened")
		}
	}
	if _, err := Open([]byte("short"), make([]byte, 32), whatsmeow.MediaImage); err == nil {
		t.Fatal("a blob without room for its checksum opened")
	}
}

func TestABlobThatWhatsmeowSealedOpens(t *testing.T) {
	plain := []byte(strings.Repeat("the river is rising ", 999))
	key := bytes.Repeat([]byte{3}, 32)
	iv, cipherKey, macKey := derive(key, whatsmeow.MediaDocument)
	var blob bytes.Buffer
	if _, _, _, _, err := cbcutil.EncryptStream(cipherKey, iv, macKey, bytes.NewReader(plain), &blob); err != nil {
		t.Fatal(err)
	}
	got, err := Open(blob.Bytes(), key, whatsmeow.MediaDocument)
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("got %d bytes, %v", len(got), err)
	}
}

func TestAnUploadIsDownloadedByItsDirectPathWithTheSuffixThatWhatsmeowAdds(t *testing.T) {
	s, client := start(t, Options{})
	blob := []byte("sealed bytes")
	status, answer := call(t, client, http.MethodPost, uploadURL(s, "image", blob), blob)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	var got uploaded
	if err := json.Unmarshal([]byte(answer), &got); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.DirectPath, "/v/") || !strings.Contains(got.DirectPath, "?") {
		t.Fatalf("direct path %q", got.DirectPath)
	}
	sum := sha256.Sum256(blob)
	suffix := "&hash=" + base64.URLEncoding.EncodeToString(sum[:]) + "&mms-type=image&__wa-mms="
	for _, address := range []string{
		got.URL, "https://" + s.Addr() + got.DirectPath + suffix, "https://mmg.whatsapp.net" + got.DirectPath, "https://localhost" + got.DirectPath,
	} {
		if status, body := call(t, client, http.MethodGet, address, nil); status != http.StatusOK || body != string(blob) {
			t.Fatalf("%s: %d %q", address, status, body)
		}
	}
	wrong := strings.Replace(suffix, "&hash=", "&hash=AAAA", 1)
	if status, _ := call(t, client, http.MethodGet, "https://"+s.Addr()+got.DirectPath+wrong, nil); status != http.StatusForbidden {
		t.Fatalf("a wrong hash got %d", status)
	}
}

func TestPartOfABlobCanBeAskedFor(t *testing.T) {
	s, client := start(t, Options{})
	b := s.Put("video", []byte("0123456789"))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.Addr()+b.DirectPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Range", "bytes=2-4")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusPartialContent || string(body) != "234" {
		t.Fatalf("%d %q %v", response.StatusCode, body, err)
	}
}

func TestUploadsAreRefusedWithTheirReason(t *testing.T) {
	s, client := start(t, Options{MaxUpload: 10})
	good := []byte("0123456789")
	cases := []struct {
		name, address string
		body          []byte
		status        int
	}{
		{"no auth", strings.Split(uploadURL(s, "image", good), "?")[0], good, http.StatusUnauthorized},
		{"unknown type", uploadURL(s, "hologram", good), good, http.StatusBadRequest},
		{"other bytes than announced", uploadURL(s, "image", good), good[1:], http.StatusBadRequest},
		{"no hash for a token", "https://" + s.Addr() + "/mms/image/***?auth=" + s.Auth(), good, http.StatusBadRequest},
		{"too long", uploadURL(s, "image", append(good, '!')), append(good, '!'), http.StatusRequestEntityTooLarge},
		{"as long as allowed", uploadURL(s, "image", good), good, http.StatusOK},
	}
	for _, c := range cases {
		if status, answer := call(t, client, http.MethodPost, c.address, c.body); status != c.status {
			t.Errorf("%s: %d %s", c.name, status, answer)
		}
	}
	if n := len(s.Blobs()); n != 1 {
		t.Fatalf("%d blobs are stored", n)
	}
}

func TestExpiredMediaAnswersWithTheChosenStatusUntilItIsRestored(t *testing.T) {
	s, client := start(t, Options{})
	one, two := s.Put("image", []byte("one")), s.Put("image", []byte("two"))
	get := func(b Blob) int {
		status, _ := call(t, client, http.MethodGet, "https://"+s.Addr()+b.DirectPath, nil)
		return status
	}
	if err := s.Expire(one.DirectPath, http.StatusGone); err != nil {
		t.Fatal(err)
	}
	if get(one) != http.StatusGone || get(two) != http.StatusOK {
		t.Fatal("one blob should be gone, the other not")
	}
	if err := s.Expire("", http.StatusNotFound); err != nil || get(one) != http.StatusNotFound || get(two) != http.StatusNotFound {
		t.Fatal("all blobs should be missing", err)
	}
	if err := s.Expire("", http.StatusOK); err != nil || get(one) != http.StatusOK {
		t.Fatal("restored media should be served", err)
	}
	if s.Expire("", http.StatusTeapot) == nil || s.Expire("/v/nowhere?x=1", http.StatusGone) == nil {
		t.Fatal("a strange status and an unknown path should be refused")
	}
}

func TestDeletedMediaIsGone(t *testing.T) {
	s, client := start(t, Options{})
	data := []byte("history")
	b := s.Put("md-msg-hist", data)
	address := uploadURL(s, "md-msg-hist", data)
	if status, _ := call(t, client, http.MethodDelete, strings.Split(address, "?")[0], nil); status != http.StatusUnauthorized {
		t.Fatalf("deleting without auth got %d", status)
	}
	for _, want := range []int{http.StatusOK, http.StatusNotFound} {
		if status, _ := call(t, client, http.MethodDelete, address, nil); status != want {
			t.Fatalf("got %d, want %d", status, want)
		}
	}
	if _, ok := s.Get(b.DirectPath); ok {
		t.Fatal("the blob is still there")
	}
}

func TestAClientThatDoesNotTrustTheAuthorityIsNotServed(t *testing.T) {
	s, _ := start(t, Options{})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.Addr()+"/v/x?y=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
		t.Fatal("the system's roots should not trust the emulator")
	}
}
