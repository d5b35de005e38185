// Command ring divides keys among nodes by a consistent-hash ring that follows the
// cluster. A node joins and another crashes, and each time those keys change hands
// that have to, and no others.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/ring"
)

const keys = 10_000

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	nodes := make(map[string]*swim.Node)
	for _, name := range []string{"alpha", "bravo", "charlie"} {
		nodes[name] = start(ctx, name, nodes["alpha"])
		defer nodes[name].Close()
	}

	// Each node would have a ring; alpha's speaks for all.
	var r ring.Ring
	go func() { _ = r.Watch(ctx, nodes["alpha"]) }()
	before := await(ctx, &r, 3)
	fmt.Printf("Three nodes share %d keys\n", keys)
	count(before)

	nodes["delta"] = start(ctx, "delta", nodes["alpha"])
	defer nodes["delta"].Close()
	after := await(ctx, &r, 4)
	fmt.Println("delta joins")
	count(after)
	compare(before, after)

	_ = nodes["bravo"].Close() // without a word
	before, after = after, await(ctx, &r, 3)
	fmt.Println("bravo crashes, and is found out")
	count(after)
	compare(before, after)
}

// start starts a node that joins through another, if there is one.
func start(ctx context.Context, name string, through *swim.Node) *swim.Node {
	cfg := swim.Local()
	cfg.Name, cfg.Bind = name, "127.0.0.1:0"
	node, err := swim.Start(ctx, cfg)
	if err != nil {
		log.Fatal(err)
	}
	if through != nil {
		if _, err := node.Join(ctx, through.Local().Addr); err != nil {
			log.Fatal(err)
		}
	}
	return node
}

// await waits until so many are on the ring.
func await(ctx context.Context, r *ring.Ring, n int) *ring.Snapshot {
	if s := r.Snapshot(); s.Len() == n {
		return s
	}
	for _, s := range r.Changes(ctx) {
		if s.Len() == n {
			return s
		}
	}
	log.Fatal("the ring has ended")
	return nil
}

func key(i int) string { return fmt.Sprintf("user/%d", i) }

// count tells how many keys each has.
func count(s *ring.Snapshot) {
	has := make(map[string]int)
	for i := range keys {
		owner, _ := s.Owner(key(i))
		has[owner.Name]++
	}
	for _, name := range []string{"alpha", "bravo", "charlie", "delta"} {
		if has[name] > 0 {
			fmt.Printf("  %-8s %5d keys\n", name, has[name])
		}
	}
}

// compare tells from whom to whom keys went.
func compare(before, after *ring.Snapshot) {
	type pair struct{ from, to string }
	moved := make(map[pair]int)
	for i := range keys {
		was, _ := before.Owner(key(i))
		is, _ := after.Owner(key(i))
		if was.Name != is.Name {
			moved[pair{was.Name, is.Name}]++
		}
	}
	names := []string{"alpha", "bravo", "charlie", "delta"}
	for _, from := range names {
		for _, to := range names {
			if n := moved[pair{from, to}]; n > 0 {
				fmt.Printf("  %d of %s's went to %s\n", n, from, to)
			}
		}
	}
}
