package media

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// Outbox opens the files that may be sent. A caller may be talked into naming any file, so only what lies below one of
// its folders is opened, and nothing of the store but what was received.
type Outbox struct {
	roots          []string // real paths
	private, inbox fs.FileInfo
}

// File is an opened file. What was checked is what is read: its first Size bytes.
type File struct {
	// Name is the last part of its path, Mime what its content says it is.
	Name string
	Size int64
	Mime string
	file *os.File
}

// NewOutbox makes an outbox of the folders; what is received, in inbox below the folder private, may always be sent on.
// A folder that is not there is an error.
func NewOutbox(private, inbox string, folders []string) (*Outbox, error) {
	o := &Outbox{}
	_, store, err := realFolder(private)
	if err != nil {
		return nil, err
	}
	o.private = store
	for _, folder := range append([]string{inbox}, folders...) {
		root, info, err := realFolder(folder)
		if err != nil {
			return nil, err
		}
		if o.inbox == nil {
			o.inbox = info
		}
		o.roots = append(o.roots, root)
	}
	return o, nil
}

// realFolder gives the path of a folder with all links followed.
func realFolder(path string) (string, fs.FileInfo, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", path, err)
	}
	resolved, err := filepath.EvalSymlinks(absolute)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", path, err)
	}
	info, err := os.Stat(resolved)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", path, err)
	}
	if !info.IsDir() {
		return "", nil, fmt.Errorf("%s is not a folder", path)
	}
	return resolved, info, nil
}

// Open opens a file to send, once: whatever is then put in its place is not what is sent. The path is absolute, or
// begins with ~/.
//
// Errors: FILE_NOT_ALLOWED for what lies elsewhere, whether it is there or not, and for what is no regular file;
// FILE_NOT_FOUND.
func (o *Outbox) Open(path string) (*File, error) {
	given, err := absolute(path)
	if err != nil {
		return nil, err
	}
	resolved, err := filepath.EvalSymlinks(given)
	if err != nil {
		// What is missing is placed by its name, so that nobody can ask which files there are elsewhere.
		if root, _ := o.place(parentOf(given)); root == "" {
			return nil, o.elsewhere()
		}
		return nil, missing(err)
	}
	root, within := o.place(resolved)
	if root == "" {
		return nil, o.elsewhere()
	}
	return o.open(root, within)
}

func absolute(path string) (string, error) {
	if strings.ContainsRune(path, 0) {
		return "", fault.New(fault.FileNotFound, "No path has a NUL character.")
	}
	if rest, below := strings.CutPrefix(path, "~"+string(filepath.Separator)); below || strings.HasPrefix(path, "~/") {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fault.Wrap(fault.FileNotFound, err, "The home folder is not known.")
		}
		path = filepath.Join(home, strings.TrimPrefix(rest, "~/"))
	}
	if !filepath.IsAbs(path) {
		return "", fault.New(fault.FileNotFound, "The path is not absolute.")
	}
	return filepath.Clean(path), nil
}

// parentOf gives the path of what is missing with the links followed in as much of it as is there.
func parentOf(path string) string {
	rest := ""
	for at := path; ; at = filepath.Dir(at) {
		if resolved, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(resolved, rest)
		}
		if at == filepath.Dir(at) {
			return path
		}
		rest = filepath.Join(filepath.Base(at), rest)
	}
}

// place finds the folder that a real path lies below, "" when it may not be sent.
func (o *Outbox) place(path string) (root, within string) {
	if o.withheld(path) {
		return "", ""
	}
	for _, root := range o.roots {
		if within := below(root, path); within != "" {
			return root, within
		}
	}
	return "", ""
}

// withheld tells whether a path lies in the store but not among what was received. Folders are known by what they are:
// where names have no case, one path has many spellings.
func (o *Outbox) withheld(path string) bool {
	for at := path; ; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil {
			switch {
			case os.SameFile(info, o.inbox):
				return false
			case os.SameFile(info, o.private):
				return true
			}
		}
		if at == filepath.Dir(at) {
			return false
		}
	}
}

func below(root, path string) string {
	within, err := filepath.Rel(root, path)
	if err != nil || within == "." || !filepath.IsLocal(within) {
		return ""
	}
	return within
}

// open opens a path that has no links any more; should one have come, os.Root does not follow it out of the folder.
func (o *Outbox) open(root, within string) (*File, error) {
	folder, err := os.OpenRoot(root)
	if err != nil {
		return nil, missing(err)
	}
	defer func() { _ = folder.Close() }()
	// Opening a pipe waits for its other end, and opening a device may do something: look first.
	before, err := folder.Lstat(within)
	if err != nil {
		return nil, missing(err)
	}
	if !before.Mode().IsRegular() {
		return nil, irregular()
	}
	file, err := folder.OpenFile(within, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, missing(err)
	}
	opened, err := describe(file, filepath.Base(within))
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return opened, nil
}

func describe(file *os.File, name string) (*File, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, missing(err)
	}
	if !info.Mode().IsRegular() {
		return nil, irregular()
	}
	if info.Size() == 0 {
		return nil, fault.New(fault.InvalidMediaType, "The file is empty.")
	}
	mime, err := Sniff(file, info.Size())
	if err != nil {
		return nil, fault.Wrap(fault.FileNotFound, err, "The file cannot be read.")
	}
	return &File{Name: name, Size: info.Size(), Mime: mime, file: file}, nil
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// Reader gives the file from its beginning, and never more of it than was checked.
func (f *File) Reader() io.Reader { return io.NewSectionReader(f.file, 0, f.Size) }

// Bytes reads the whole file.
func (f *File) Bytes() ([]byte, error) {
	content, err := io.ReadAll(f.Reader())
	if err != nil {
		return nil, fault.Wrap(fault.FileNotFound, err, "The file cannot be read.")
	}
	return content, nil
}

// Check says FILE_TOO_LARGE of a file that is larger than WhatsApp takes of this kind.
func (f *File) Check(kind Kind) error {
	most := limits[kind]
	if f.Size <= most {
		return nil
	}
	problem := fault.New(fault.FileTooLarge, fmt.Sprintf("The file has %d bytes; WhatsApp takes %d MB of this kind.", f.Size, most>>20))
	if kind == Image || kind == Video || kind == Audio {
		return problem.WithResolution("Send a smaller file, or this one as a document with send_media_message_v2.")
	}
	return problem
}

func (o *Outbox) elsewhere() error {
	return fault.New(fault.FileNotAllowed, "").
		WithResolution("Put it into one of these folders: " + strings.Join(o.roots, ", ") + ".")
}

func irregular() error {
	return fault.New(fault.FileNotAllowed, "This is not a regular file.").WithResolution("Give the path of a file.")
}

func missing(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(fault.FileNotAllowed, err, "The bridge may not read the file.").
			WithResolution("Give the bridge's user the right to read it.")
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fault.Wrap(fault.FileNotFound, err, "")
	}
	return fault.Wrap(fault.FileNotAllowed, err, "The path cannot be opened.").
		WithResolution("Give the path of a regular file.")
}
