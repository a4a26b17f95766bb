// The Go bridge: this device of a WhatsApp account, its messages in messages.db, and an HTTP API on loopback.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"whatsapp-mcp/whatsapp-bridge/media"
	"whatsapp-mcp/whatsapp-bridge/routes"
	"whatsapp-mcp/whatsapp-bridge/store"
	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

//go:embed openapi.json
var contract []byte

const (
	exitFailed = 1
	exitUsage  = 2
	// What is under way at a signal may finish for so long.
	shutdownTime = 5 * time.Second
)

type settings struct {
	listen, store, tokenFile, emulator, ffmpeg string
	sendRoots                                  []string
	limits                                     whatsapp.Limits
	recipients                                 whatsapp.Recipients
	check                                      time.Duration
	verbose                                    bool
}

func main() {
	keepFilesPrivate()
	given, err := readSettings(os.Args[1:])
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "whatsapp-bridge:", err)
		}
		os.Exit(exitUsage)
	}
	log := openLog(given.verbose)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, given, log); err != nil {
		log.Error("stopped", "error", err)
		stop()
		os.Exit(exitFailed) //nolint:gocritic // stop was called
	}
}

func readSettings(arguments []string) (settings, error) {
	var given settings
	flags := flag.NewFlagSet("whatsapp-bridge", flag.ContinueOnError)
	flags.StringVar(&given.listen, "listen", "127.0.0.1:8080", "loopback `address` and port of the HTTP API; port 0 picks a free one")
	flags.StringVar(&given.store, "store", "store", "`folder` of messages.db, whatsapp.db and media")
	flags.StringVar(&given.tokenFile, "token-file", "", "`file` of the token that callers show (default: bridge.token in the store)")
	flags.StringVar(&given.emulator, "emulator", "", "for tests only: the ws://IP:PORT `address` of an emulated WhatsApp server on loopback")
	flags.StringVar(&given.ffmpeg, "ffmpeg", os.Getenv("WHATSAPP_MCP_FFMPEG"), "`path` of ffmpeg, which makes voice notes (default: as found in PATH)")
	flags.Func("send-root", "`folder` that files may be sent from, beside the received ones; may be repeated (default: ~/Downloads)",
		func(folder string) error {
			given.sendRoots = append(given.sendRoots, folder)
			return nil
		})
	if err := recipientsFlag(flags, &given.recipients); err != nil {
		return given, err
	}
	if err := limitFlags(flags, &given.limits); err != nil {
		return given, err
	}
	flags.DurationVar(&given.check, "check", 0, "look at the store of a bridge that is stopped for so `long`, print whether it is sound as JSON, and end")
	flags.BoolVar(&given.verbose, "verbose", os.Getenv("WHATSAPP_MCP_LOG_LEVEL") == "debug", "log more")
	if err := flags.Parse(arguments); err != nil {
		return given, err
	}
	if flags.NArg() > 0 {
		return given, fmt.Errorf("%q is not understood; see -help", flags.Arg(0))
	}
	if given.tokenFile == "" {
		given.tokenFile = filepath.Join(given.store, "bridge.token")
	}
	if given.sendRoots == nil {
		given.sendRoots = defaultSendRoots()
	}
	if given.emulator != "" {
		if _, err := whatsapp.CheckEmulator(given.emulator); err != nil {
			return given, fmt.Errorf("--emulator %s is refused: %w", given.emulator, err)
		}
	}
	return given, checkListen(given.listen)
}

// recipientsFlag is the option that keeps messages to the people and chats it names. A variable that is set and empty is no
// list of everybody.
func recipientsFlag(flags *flag.FlagSet, given *whatsapp.Recipients) error {
	const variable = "WHATSAPP_MCP_ALLOWED_RECIPIENTS"
	read := func(text string) (err error) {
		*given, err = whatsapp.ParseRecipients(text)
		return err
	}
	flags.Func("allowed-recipients", "the only `JIDs` and phone numbers that anything is sent to, with commas between them, or nobody (default: all)", read)
	set, ok := os.LookupEnv(variable)
	if !ok {
		return nil
	}
	if err := read(set); err != nil {
		return fmt.Errorf("%s: %w", variable, err)
	}
	return nil
}

// limitFlags are the options of the limits. What they are by default is far below the 51 messages in five minutes after
// which an account was reported to be restricted.
func limitFlags(flags *flag.FlagSet, given *whatsapp.Limits) error {
	for _, limit := range []struct {
		of    *uint
		name  string
		usual uint
		usage string
	}{
		{&given.NumberChecksPerMinute, "number-checks-per-minute", 3, "how many `numbers` may be looked up at WhatsApp in a minute"},
		{&given.SendsPerMinute, "sends-per-minute", 12, "how many `messages` may be sent in a minute, five of them at once"},
		{&given.SendsPerHour, "sends-per-hour", 60, "how many `messages` may be sent in an hour"},
		{&given.FirstContactsPerHour, "first-contacts-per-hour", 5, "to how many `people` without a stored message may be written in an hour"},
		{&given.FirstContactsPerDay, "first-contacts-per-day", 15, "to how many `people` without a stored message may be written in a day"},
	} {
		variable := "WHATSAPP_MCP_" + strings.ToUpper(strings.ReplaceAll(limit.name, "-", "_"))
		set, err := fromEnvironment(variable, limit.usual)
		if err != nil {
			return err
		}
		flags.UintVar(limit.of, limit.name, set, limit.usage+"; 0 for no limit, which risks the account")
	}
	return nil
}

// defaultSendRoots are the folders of WHATSAPP_MCP_SEND_ROOTS, or the user's downloads where there are any.
func defaultSendRoots() []string {
	if set := os.Getenv("WHATSAPP_MCP_SEND_ROOTS"); set != "" {
		return filepath.SplitList(set)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return nil
	}
	downloads := filepath.Join(home, "Downloads")
	if info, err := os.Stat(downloads); err != nil || !info.IsDir() {
		return nil
	}
	return []string{downloads}
}

// fromEnvironment reads a count that is set there.
func fromEnvironment(name string, missing uint) (uint, error) {
	text := os.Getenv(name)
	if text == "" {
		return missing, nil
	}
	count, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%s is a count, not %q", name, text)
	}
	return uint(count), nil
}

// run holds the store and the port before anything opens a database or connects: two bridges with one session would
// throw each other out.
func run(ctx context.Context, given settings, log *slog.Logger) error {
	if given.check > 0 {
		return check(ctx, given, log)
	}
	if err := os.MkdirAll(given.store, 0o700); err != nil {
		return fmt.Errorf("making the store's folder: %w", err)
	}
	held, err := holdStore(given.store)
	if err != nil {
		return err
	}
	defer held.release(log)
	listener, err := listen(ctx, given.listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	if err := held.describe(listener.Addr().String()); err != nil {
		return err
	}
	token, err := routes.LoadToken(given.tokenFile)
	if err != nil {
		return err
	}
	messages, err := store.Open(ctx, given.store)
	if err != nil {
		return err
	}
	defer func() { logFailure(log, "closing messages.db", messages.Close()) }()
	client, err := openWhatsApp(ctx, given, messages, log)
	if err != nil {
		return err
	}
	defer func() { logFailure(log, "closing whatsapp.db", client.Close()) }()
	server, err := routes.New(routes.Options{
		Store: messages, WhatsApp: client, Token: token, Port: listener.Addr().(*net.TCPAddr).Port, Contract: contract, Log: log,
	})
	if err != nil {
		return err
	}
	return serve(ctx, server, listener, client)
}

func openWhatsApp(ctx context.Context, given settings, messages *store.Store, log *slog.Logger) (*whatsapp.Client, error) {
	var emulator *whatsapp.Emulator
	if given.emulator != "" {
		log.Warn("EMULATED: this bridge speaks to a WhatsApp server on this machine, not to WhatsApp", "address", given.emulator)
		var err error
		if emulator, err = whatsapp.FindEmulator(ctx, given.emulator); err != nil {
			return nil, err
		}
	}
	return whatsapp.Open(ctx, whatsapp.Options{
		Folder: given.store, SendRoots: given.sendRoots, Recorder: media.Recorder{FFmpeg: given.ffmpeg},
		Store: messages, Emulator: emulator, Log: log, Terminal: terminal(),
		Limits: given.limits, Recipients: given.recipients,
	})
}

// terminal is where QR codes are drawn: nowhere when stderr is a log, which is no place for what links a device.
func terminal() io.Writer {
	if info, err := os.Stderr.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return io.Discard
	}
	return os.Stderr
}

// serve answers callers and keeps the link up until ctx ends, then lets both finish.
func serve(ctx context.Context, server *http.Server, listener net.Listener, client *whatsapp.Client) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	linked := make(chan struct{})
	go func() {
		defer close(linked)
		client.Run(ctx)
	}()
	fmt.Printf("{\"ready\":true,\"listen\":%q,\"bridge\":\"whatsapp-bridge\"}\n", listener.Addr().String())
	var err error
	select {
	case err = <-failed:
		stop()
	case <-ctx.Done():
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		if err := server.Shutdown(ending); err != nil {
			_ = server.Close()
		}
	}
	<-linked
	return err
}

func openLog(verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level, ReplaceAttr: whatsapp.Redact}))
}

func logFailure(log *slog.Logger, what string, err error) {
	if err != nil {
		log.Error(what+" failed", "error", err)
	}
}
