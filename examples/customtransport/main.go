// Customtransport runs three nodes over a transport of its own, Unix datagram
// sockets, and kills one, to see it found out. It works wherever there are such
// sockets, which is not on Windows.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/swim-go/swim"
)

func main() {
	dir, err := os.MkdirTemp("", "swim")
	check(err)
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	ann := start(ctx, dir, "ann")
	defer ann.Close()
	bob := start(ctx, dir, "bob", ann.Local().Addr)
	defer bob.Close()
	eve := start(ctx, dir, "eve", bob.Local().Addr)

	for event := range ann.Events(ctx) {
		fmt.Printf("%-9v  %s  at %s\n", event.Kind, event.Member.Name, event.Member.Addr)
		switch {
		case event.Kind == swim.EventJoined && event.Member.Name == "eve":
			check(eve.Close())
		case event.Kind == swim.EventFailed:
			return
		}
	}
	log.Fatal("not within a minute")
}

func start(ctx context.Context, dir, name string, seeds ...string) *swim.Node {
	transport, err := listenUnix(filepath.Join(dir, name))
	check(err)
	// The node closes the transport when it is closed itself.
	node, err := swim.Start(ctx, swim.Config{Name: name, Transport: transport})
	check(err)
	_, err = node.Join(ctx, seeds...)
	check(err)
	return node
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
