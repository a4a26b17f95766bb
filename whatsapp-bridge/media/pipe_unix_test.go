//go:build unix

package media

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

func TestAPipeADeviceAndASocketAreRefusedAtOnce(t *testing.T) {
	p := lay(t)
	pipe, socket := filepath.Join(p.shared, "pipe"), filepath.Join(p.shared, "socket")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	number, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(number) }()
	// A socket's path must be short.
	t.Chdir(p.shared)
	if err := syscall.Bind(number, &syscall.SockaddrUnix{Name: "socket"}); err != nil {
		t.Fatal(err)
	}
	everything, err := NewOutbox(p.store, p.inbox, []string{"/"})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, socket, link(t, "/dev/zero", filepath.Join(p.shared, "zero")), "/dev/zero", "/dev/tty"} {
		done := make(chan error, 1)
		go func() {
			_, err := everything.Open(path)
			done <- err
		}()
		select {
		case err := <-done:
			if code := fault.CodeOf(err); code != fault.FileNotAllowed && code != fault.FileNotFound {
				t.Errorf("%s: %v", path, err)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%s holds everything up", path)
		}
	}
}

// On Windows an open file cannot be replaced.
func TestWhatTakesThePlaceOfAnOpenedFileIsNotSent(t *testing.T) {
	p := lay(t)
	path := filepath.Join(p.shared, "plain.txt")
	file, err := p.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	link(t, filepath.Join(p.elsewhere, "secret.txt"), path)
	if content, err := file.Bytes(); err != nil || string(content) != "content of plain.txt" {
		t.Errorf("%q, %v", content, err)
	}
}
