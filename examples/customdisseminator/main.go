// Customdisseminator runs five nodes whose news waits in a plain bounded queue,
// and lets one of them announce ten versions of its metadata.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/swim-go/swim"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	var nodes []*swim.Node
	for i := range 5 {
		node, err := swim.Start(ctx, swim.Config{
			Name: fmt.Sprintf("node-%d", i), Bind: "127.0.0.1:0",
			Disseminator: new(fifo), // a layer belongs to one node
		})
		check(err)
		defer node.Close()
		nodes = append(nodes, node)
		_, err = node.Join(ctx, nodes[0].Local().Addr)
		check(err)
	}
	for version := range 10 {
		check(nodes[0].SetMeta(ctx, fmt.Appendf(nil, "version=%d", version+1)))
	}

	for _, node := range nodes {
		// Each event is looked at until the last version has come. Those before
		// it may be left out: a newer claim replaces the older ones on its way,
		// and a reader hears the sum of what it has missed.
		for event := range node.Events(ctx) {
			if event.Member.Name == "node-0" && event.Member.Meta == "version=10" {
				fmt.Println(node.Local().Name, "has heard of version 10 of node-0")
				break
			}
		}
	}
	check(ctx.Err())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
