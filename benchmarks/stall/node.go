package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/benchmarks/internal/report"
)

// child is the argument that makes this program a node.
const child = "node"

// line is what a node tells its parent: its address first, then each event.
type line struct {
	Addr string         `json:",omitempty"`
	Kind swim.EventKind `json:",omitempty"`
	Name string         `json:",omitempty"`
}

// runNode is a node with defaults, named and joined by its arguments. It ends
// when its parent does: its standard input is closed then.
func runNode() {
	cfg := swim.LAN()
	cfg.Name, cfg.Bind = os.Args[2], "127.0.0.1:0"
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		cancel()
	}()
	n, err := swim.Start(ctx, cfg)
	if err != nil {
		report.Exit(err)
	}
	defer n.Close()
	out := json.NewEncoder(os.Stdout)
	tell := func(l line) {
		if err := out.Encode(l); err != nil {
			cancel()
		}
	}
	tell(line{Addr: n.Local().Addr})
	if len(os.Args) > 3 {
		if _, err := n.Join(ctx, os.Args[3]); err != nil {
			report.Exit(fmt.Errorf("%s: %w", cfg.Name, err))
		}
	}
	for e := range n.Events(ctx) {
		tell(line{Kind: e.Kind, Name: e.Member.Name})
	}
}
