package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/swim-go/swim"
)

// host is what a host's process is told.
type host struct {
	Name, Addr  string
	Seeds       []string
	ForgetAfter time.Duration
}

// line is what it tells: that it is ready for its cable, then each event, and in the
// end what it counted.
type line struct {
	Ready bool           `json:",omitempty"`
	Kind  swim.EventKind `json:",omitempty"`
	Name  string         `json:",omitempty"`
	Stats *swim.Stats    `json:",omitempty"`
}

// stdin is shared by who waits for a word from the parent and who waits for its end.
var stdin = bufio.NewReader(os.Stdin)

// plugged is closed when the parent says that the cable is there.
var plugged = make(chan struct{})

// endWithParent ends a context when the parent closes our standard input, or ends.
func endWithParent(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		var once sync.Once
		for {
			if _, err := stdin.ReadString('\n'); err != nil {
				cancel()
				return
			}
			once.Do(func() { close(plugged) })
		}
	}()
	return ctx
}

// runHost is a node on its host. Its parent gives it the cable; the address it takes
// itself, since only who is in a namespace can set it up.
func runHost(ctx context.Context) error {
	var h host
	if err := json.Unmarshal([]byte(os.Getenv(role)), &h); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(line{Ready: true}); err != nil {
		return err
	}
	select {
	case <-plugged:
	case <-ctx.Done():
		return nil
	}
	for _, args := range []string{
		"link set lo up",
		"addr add " + h.Addr + "/24 dev " + hostCable,
		"link set " + hostCable + " up",
	} {
		if err := ip(ctx, args); err != nil {
			return err
		}
	}
	cfg := swim.LAN()
	cfg.Name, cfg.Bind = h.Name, h.Addr+":7946"
	cfg.Seeds, cfg.ForgetAfter = swim.StaticSeeds(h.Seeds), h.ForgetAfter
	n, err := swim.Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer n.Close()
	for e := range n.Events(ctx) {
		if err := out.Encode(line{Kind: e.Kind, Name: e.Member.Name}); err != nil {
			return err
		}
	}
	stats := n.Stats()
	return out.Encode(line{Stats: &stats})
}

// ip runs the program of that name.
func ip(ctx context.Context, args string) error {
	out, err := exec.CommandContext(ctx, "ip", strings.Fields(args)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", args, err, strings.TrimSpace(string(out)))
	}
	return nil
}
