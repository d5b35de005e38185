// Customselector runs eight nodes in two zones, which their metadata tells. News
// mostly stays in a zone, as where traffic between zones is slow or has a price,
// and reaches everybody all the same.
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
	var selectors []*zoned
	for i := range 8 {
		zone := string("ab"[i%2])
		s := newZoned(zone) // a layer belongs to one node
		node, err := swim.Start(ctx, swim.Config{
			Name: fmt.Sprintf("%s%d", zone, i/2), Bind: "127.0.0.1:0",
			Meta: []byte("zone=" + zone), Selector: s,
		})
		check(err)
		nodes, selectors = append(nodes, node), append(selectors, s)
		_, err = node.Join(ctx, nodes[0].Local().Addr)
		check(err)
	}
	for _, node := range nodes {
		await(ctx, node, func() bool { return len(node.Members()) == len(nodes) })
	}
	fmt.Println("all", len(nodes), "nodes know each other")

	check(nodes[0].SetMeta(ctx, []byte("zone=a version=2")))
	for _, node := range nodes {
		await(ctx, node, func() bool {
			m, _ := node.Member("a0")
			return m.Meta == "zone=a version=2"
		})
	}
	fmt.Println("all of them have heard the news from zone a")

	inside, outside := 0, 0
	for i, node := range nodes {
		check(node.Close()) // after which nothing calls its selector
		inside, outside = inside+selectors[i].inside, outside+selectors[i].outside
	}
	fmt.Printf("%d %% of the gossip stayed in its zone; by chance, 43 %% would\n", 100*inside/(inside+outside))
}

// await returns when a condition on what a node believes holds. The first events
// of a subscription are what there is, and each that follows is a change: so
// the condition is looked at whenever it may have come true, and never in vain.
func await(ctx context.Context, node *swim.Node, holds func() bool) {
	for range node.Events(ctx) {
		if holds() {
			return
		}
	}
	log.Fatalf("%s waited in vain", node.Local().Name)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
