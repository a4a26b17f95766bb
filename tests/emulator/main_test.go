package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

func TestItSaysWhereItListensAndEndsWhenTold(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"--chats", "3", "--messages", "30", "--seed", "7"}, in, io.Discard) }()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var ready struct {
		Ready         bool
		Listen, Media string
	}
	if err := json.Unmarshal(line, &ready); err != nil || !ready.Ready || ready.Media == "" {
		t.Fatalf("%s: %v", line, err)
	}
	response, err := http.Get("http://" + ready.Listen + "/root")
	if err != nil {
		t.Fatal(err)
	}
	root, err := io.ReadAll(response.Body)
	if err != nil || len(root) != 64 {
		t.Errorf("the root key is %q, %v", root, err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	for _, args := range [][]string{
		{"--listen", "0.0.0.0:0"},
		{"--chats", "3"},
		{"--messages", "30"},
		{"--scenario", "x.json", "--chats", "3", "--messages", "30"},
		{"--scenario", "there-is-no-such-file.json"},
		{"--log-level", "loud"},
		{"--devices", "-1"},
		{"--state", "main.go"},
		{"--state", "."},
		{"stray"},
	} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}
