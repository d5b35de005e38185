// Quickstart starts a node, joins the addresses given as arguments, and prints
// who comes and goes. Run it twice on one machine, the second time with the
// address that the first one prints:
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart 127.0.0.1:7946
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/swim-go/swim"
)

func main() {
	ctx := context.Background()
	node, err := swim.Start(ctx, swim.Config{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := node.Join(ctx, os.Args[1:]...); err != nil {
		log.Fatal(err)
	}
	for event := range node.Events(ctx) { // first, those who take part
		fmt.Println(event.Kind, event.Member.Name, event.Member.Addr)
	}
}
