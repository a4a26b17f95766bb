// Command emulator is a WhatsApp server on loopback, with an account's phone and the people it knows, for tests and
// demonstrations. When it is ready it prints one line of JSON:
//
//	{"ready":true,"listen":"127.0.0.1:18999","media":"127.0.0.1:40123"}
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"whatsapp-mcp/emulator/assembly"
	"whatsapp-mcp/emulator/scenarios"
	"whatsapp-mcp/emulator/world"
)

// closing is how long an orderly end may take.
const closing = 10 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return
		}
		fmt.Fprintln(os.Stderr, "emulator:", err)
		os.Exit(1) //nolint:gocritic // The signal handler has nothing to undo.
	}
}

type settings struct {
	listen, scenario, state string
	chats, messages, most   int
	seed                    uint64
	level                   slog.Level
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("emulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:0", "loopback host:port; port 0 picks a free one")
	flags.StringVar(&s.scenario, "scenario", "", "scenario file (JSON); default: the demo that comes with the emulator")
	flags.IntVar(&s.chats, "chats", 0, "generate this many chats instead of a scenario")
	flags.IntVar(&s.messages, "messages", 0, "generate this many messages, with --chats")
	flags.Uint64Var(&s.seed, "seed", 1, "seed of the generator: the same one makes the same world")
	flags.IntVar(&s.most, "devices", 0, "how many companions the phone links at most; 0 for no limit")
	flags.StringVar(&s.state, "state", "", "empty folder for the databases; default: a temporary one")
	flags.TextVar(&s.level, "log-level", slog.LevelWarn, "debug, info, warn or error")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case s.scenario != "" && (s.chats != 0 || s.messages != 0):
		return s, errors.New("give a --scenario or --chats and --messages, not both")
	case s.most < 0:
		return s, errors.New("--devices is a number of companions, or 0")
	case (s.chats == 0) != (s.messages == 0):
		return s, errors.New("--chats and --messages go together")
	}
	return s, nil
}

func (s settings) world() (*world.World, error) {
	switch {
	case s.chats > 0:
		return world.Generate(s.chats, s.messages, s.seed, time.Now)
	case s.scenario != "":
		return world.LoadFile(s.scenario, time.Now)
	default:
		return world.Load(scenarios.Demo, time.Now)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	w, err := s.world()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: s.level}))
	emulator, err := assembly.Start(ctx, assembly.Options{
		Listen: s.listen, World: w, State: s.state, MostDevices: s.most, Log: log,
	})
	if err != nil {
		return err
	}
	type ready struct {
		Ready  bool   `json:"ready"`
		Listen string `json:"listen"`
		Media  string `json:"media"`
	}
	if err := json.NewEncoder(stdout).Encode(ready{true, emulator.Addr, emulator.MediaAddr}); err != nil {
		return fmt.Errorf("say that the emulator is ready: %w", err)
	}
	select {
	case <-ctx.Done():
		err = nil
	case err = <-emulator.Done():
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	return errors.Join(err, emulator.Close(limit))
}
