package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/swim-go/swim"
)

// order is what the parent tells a node to do, as a line of JSON. What is empty
// is not to be done.
type order struct {
	Join  string // the address of a member
	Meta  string // new metadata
	Leave bool
}

// runNode is all that the processes of the nodes do: obey what comes in on
// standard input, and print the list of members whenever it has changed.
func runNode(name, clusterName string) error {
	// Ctrl-C reaches all processes of a terminal. The parent ends this one.
	signal.Ignore(os.Interrupt)
	ctx := context.Background()
	node, err := swim.Start(ctx, swim.Config{Name: name, Cluster: clusterName, Bind: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	defer node.Close()
	go report(ctx, node)

	for orders := json.NewDecoder(os.Stdin); ; {
		var o order
		switch err := orders.Decode(&o); {
		case errors.Is(err, io.EOF):
			return nil // the parent is done, or gone
		case err != nil:
			return err
		}
		if err := obey(ctx, node, o); err != nil || o.Leave {
			return err
		}
	}
}

func obey(ctx context.Context, node *swim.Node, o order) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if o.Join != "" {
		if _, err := node.Join(ctx, o.Join); err != nil {
			return err
		}
	}
	if o.Meta != "" {
		if err := node.SetMeta(ctx, []byte(o.Meta)); err != nil {
			return err
		}
	}
	if o.Leave {
		_, err := node.Leave(ctx)
		return err
	}
	return nil
}

// report prints a line of JSON with all members after each event, the first of
// which is that the node itself has joined. Members is never older than the event.
func report(ctx context.Context, node *swim.Node) {
	out := json.NewEncoder(os.Stdout)
	for range node.Events(ctx) {
		if err := out.Encode(node.Members(swim.Alive, swim.Suspect, swim.Failed, swim.Left)); err != nil {
			log.Fatal(err)
		}
	}
}
