package media

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// place is a store with its media folder, a folder that may be sent from and one that may not.
type place struct {
	store, inbox, shared, elsewhere string
	*Outbox
}

func lay(t *testing.T) place {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := place{
		store: filepath.Join(base, "store"), inbox: filepath.Join(base, "store", "media"),
		shared: filepath.Join(base, "shared"), elsewhere: filepath.Join(base, "elsewhere"),
	}
	for _, folder := range []string{p.inbox, filepath.Join(p.shared, "below"), p.elsewhere} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{
		filepath.Join(p.store, "bridge.token"), filepath.Join(p.inbox, "received.txt"), filepath.Join(p.shared, "plain.txt"),
		filepath.Join(p.shared, "below", "deep.txt"), filepath.Join(p.elsewhere, "secret.txt"),
	} {
		if err := os.WriteFile(path, []byte("content of "+filepath.Base(path)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if p.Outbox, err = NewOutbox(p.store, p.inbox, []string{p.shared}); err != nil {
		t.Fatal(err)
	}
	return p
}

func link(t *testing.T, target, path string) string {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOnlyRegularFilesBelowAnAllowedFolderAreOpened(t *testing.T) {
	p := lay(t)
	other, err := NewOutbox(p.store, p.inbox, []string{filepath.Dir(p.store)})
	if err != nil {
		t.Fatal(err)
	}
	token := filepath.Join(p.store, "bridge.token")
	secret := filepath.Join(p.elsewhere, "secret.txt")
	for name, attempt := range map[string]struct {
		outbox *Outbox
		path   string
		code   fault.Code
	}{
		"a file of the folder":           {p.Outbox, filepath.Join(p.shared, "plain.txt"), ""},
		"deeper":                         {p.Outbox, filepath.Join(p.shared, "below", "deep.txt"), ""},
		"what was received":              {p.Outbox, filepath.Join(p.inbox, "received.txt"), ""},
		"back and forth inside":          {p.Outbox, p.shared + "/below/../plain.txt", ""},
		"a link inside":                  {p.Outbox, link(t, filepath.Join(p.shared, "plain.txt"), filepath.Join(p.shared, "inner")), ""},
		"by a link to the folder":        {p.Outbox, filepath.Join(link(t, p.shared, filepath.Join(p.elsewhere, "door")), "plain.txt"), ""},
		"elsewhere":                      {p.Outbox, secret, fault.FileNotAllowed},
		"elsewhere and not there":        {p.Outbox, filepath.Join(p.elsewhere, "nothing"), fault.FileNotAllowed},
		"out by dots":                    {p.Outbox, p.shared + "/../elsewhere/secret.txt", fault.FileNotAllowed},
		"out by a link":                  {p.Outbox, link(t, secret, filepath.Join(p.shared, "out")), fault.FileNotAllowed},
		"out by a relative link":         {p.Outbox, link(t, "../elsewhere/secret.txt", filepath.Join(p.shared, "relative")), fault.FileNotAllowed},
		"out by a linked folder":         {p.Outbox, filepath.Join(link(t, p.elsewhere, filepath.Join(p.shared, "folder")), "secret.txt"), fault.FileNotAllowed},
		"a folder whose name begins so":  {p.Outbox, p.shared + "-too/plain.txt", fault.FileNotAllowed},
		"the token":                      {p.Outbox, token, fault.FileNotAllowed},
		"the token by dots":              {p.Outbox, p.inbox + "/../bridge.token", fault.FileNotAllowed},
		"the token by a link":            {p.Outbox, link(t, token, filepath.Join(p.inbox, "token")), fault.FileNotAllowed},
		"the token in an allowed folder": {other, token, fault.FileNotAllowed},
		"the rest of an allowed folder":  {other, secret, ""},
		"received below one more":        {other, filepath.Join(p.inbox, "received.txt"), ""},
		"the folder itself":              {p.Outbox, p.shared, fault.FileNotAllowed},
		"a folder in it":                 {p.Outbox, filepath.Join(p.shared, "below"), fault.FileNotAllowed},
		"a link to nothing":              {p.Outbox, link(t, filepath.Join(p.shared, "gone"), filepath.Join(p.shared, "dangling")), fault.FileNotFound},
		"a link to itself":               {p.Outbox, link(t, filepath.Join(p.shared, "loop"), filepath.Join(p.shared, "loop")), fault.FileNotAllowed},
		"not there":                      {p.Outbox, filepath.Join(p.shared, "nothing"), fault.FileNotFound},
		"below a file":                   {p.Outbox, filepath.Join(p.shared, "plain.txt", "x"), fault.FileNotFound},
		"with a NUL":                     {p.Outbox, p.shared + "/plain.txt\x00.png", fault.FileNotFound},
		"relative":                       {p.Outbox, "plain.txt", fault.FileNotFound},
		"empty":                          {p.Outbox, "", fault.FileNotFound},
		"a home that is not this user's": {p.Outbox, "~root/plain.txt", fault.FileNotFound},
		"longer than a name can be":      {p.Outbox, filepath.Join(p.shared, strings.Repeat("x", 5000)), fault.FileNotAllowed},
	} {
		file, err := attempt.outbox.Open(attempt.path)
		if fault.CodeOf(err) != attempt.code {
			t.Errorf("%s: got %v, not %q", name, err, attempt.code)
		}
		if file == nil {
			continue
		}
		content, err := file.Bytes()
		if err != nil || !strings.HasPrefix(string(content), "content of ") || file.Mime != "text/plain" {
			t.Errorf("%s: %q, %s, %v", name, content, file.Mime, err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAHomePathIsTheUsersOwn(t *testing.T) {
	p := lay(t)
	t.Setenv("HOME", p.shared)
	t.Setenv("USERPROFILE", p.shared)
	file, err := p.Open("~/plain.txt")
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil || file.Name != "plain.txt" {
		t.Error(file.Name, err)
	}
}

func TestAFileThatGrowsIsReadAsFarAsItWasChecked(t *testing.T) {
	p := lay(t)
	path := filepath.Join(p.shared, "plain.txt")
	file, err := p.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	more, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(more, " and more"); err != nil {
		t.Fatal(err)
	}
	if err := more.Close(); err != nil {
		t.Fatal(err)
	}
	if content, err := file.Bytes(); err != nil || string(content) != "content of plain.txt" {
		t.Errorf("%q, %v", content, err)
	}
}

// The folder may change between the look at the path and the opening.
func TestALinkThatComesInBetweenIsNotFollowedOut(t *testing.T) {
	p := lay(t)
	link(t, p.elsewhere, filepath.Join(p.shared, "swapped"))
	if _, err := p.open(p.shared, filepath.Join("swapped", "secret.txt")); fault.CodeOf(err) != fault.FileNotAllowed {
		t.Errorf("got %v", err)
	}
	link(t, filepath.Join(p.shared, "plain.txt"), filepath.Join(p.shared, "last"))
	if _, err := p.open(p.shared, "last"); fault.CodeOf(err) != fault.FileNotAllowed {
		t.Errorf("got %v", err)
	}
}

func TestAnEmptyFileHasNothingToSend(t *testing.T) {
	p := lay(t)
	path := filepath.Join(p.shared, "empty")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Open(path); fault.CodeOf(err) != fault.InvalidMediaType {
		t.Errorf("got %v", err)
	}
}

func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	p := lay(t)
	for _, folder := range []string{filepath.Join(p.shared, "nothing"), filepath.Join(p.shared, "plain.txt")} {
		if _, err := NewOutbox(p.store, p.inbox, []string{folder}); err == nil || !strings.Contains(err.Error(), folder) {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

func TestAFileThatThisUserMayNotReadIsRefused(t *testing.T) {
	denied := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission}
	if err := missing(denied); fault.CodeOf(err) != fault.FileNotAllowed {
		t.Errorf("got %v", err)
	}
}

func TestEachKindHasItsLimit(t *testing.T) {
	for kind, most := range limits {
		if err := (&File{Size: most}).Check(kind); err != nil {
			t.Error(kind, err)
		}
		if err := (&File{Size: most + 1}).Check(kind); fault.CodeOf(err) != fault.FileTooLarge {
			t.Error(kind, err)
		}
	}
}
