// Basic runs two nodes in one process: they see each other, and then one leaves.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/swim-go/swim"
)

func main() {
	// Everything that waits for the network is given until then.
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	ann := start(ctx, "ann")
	defer ann.Close()
	bob := start(ctx, "bob")
	defer bob.Close()

	// Any member will do as a seed: it hands on the whole list of members.
	seed := ann.Local().Addr
	if _, err := bob.Join(ctx, seed); err != nil {
		log.Fatal(err)
	}
	fmt.Println("bob has joined ann, and sees", names(bob.Members()))

	for event := range ann.Events(ctx) {
		if event.Member.Name == "ann" {
			continue // the first event of each node is that it joined itself
		}
		fmt.Printf("ann hears that bob has %v, and sees %v\n", event.Kind, names(ann.Members()))
		if event.Kind == swim.EventLeft {
			return
		}
		// Leave returns when others have confirmed that they know. To them, a
		// node that is closed without it has failed, a few seconds later.
		if _, err := bob.Leave(ctx); err != nil {
			log.Fatal(err)
		}
	}
	log.Fatal("not within 30 seconds")
}

func start(ctx context.Context, name string) *swim.Node {
	// Names must differ within a cluster. Port 0 takes any free one.
	node, err := swim.Start(ctx, swim.Config{Name: name, Bind: "127.0.0.1:0"})
	if err != nil {
		log.Fatal(err)
	}
	return node
}

func names(members []swim.Member) (names []string) {
	for _, m := range members {
		names = append(names, m.Name)
	}
	return names
}
