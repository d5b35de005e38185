// Migration is what a program on hashicorp/memberlist looks like on swim: its
// Delegate with metadata, broadcasts and state, its veto of strangers, and its
// end. docs/migration.md tells what became of what.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/tags"
)

// member is a node and what its program knows.
type member struct {
	*swim.Node
	*registry
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	ann := start(ctx, "ann", "production")
	defer ann.Close()
	bob := start(ctx, "bob", "production", ann.Local().Addr)
	defer bob.Close()

	check(ann.offer(ctx, ann.Node, "web"))
	bob.await(ctx, "web", 1)
	fmt.Println("bob heard by broadcast who serves web:", bob.who("web"))
	check(bob.offer(ctx, bob.Node, "web", "mail"))
	ann.await(ctx, "mail", 1)

	cid := start(ctx, "cid", "production", bob.Local().Addr)
	defer cid.Close()
	cid.await(ctx, "web", 2)
	fmt.Println("cid, who joined later, has it from bob's state:", cid.who("web"))

	eve, err := swim.Start(ctx, config("eve", "staging"))
	check(err)
	defer eve.Close()
	_, err = eve.Join(ctx, ann.Local().Addr)
	var refused *swim.RefusedError
	if errors.As(err, &refused) {
		fmt.Println("eve is not let in:", refused.Reason)
	}

	// What was UpdateNode: the metadata changes, and all hear of it.
	meta, err := tags.Encode(map[string]string{"env": "production", "role": "canary"})
	check(err)
	check(cid.SetMeta(ctx, meta))
	for event := range ann.Events(ctx) {
		if role, _ := tags.Lookup(event.Member.Meta, "role"); role == "canary" {
			fmt.Println("ann is told that a canary now is", event.Member.Name)
			break
		}
	}
	check(ctx.Err())

	check(stop(ctx, bob.Node))
	cid.await(ctx, "web", 1)
	fmt.Println("bob has left, and web is served by", cid.who("web"))
}

// start is what Create and Join were.
func start(ctx context.Context, name, env string, seeds ...string) member {
	cfg := config(name, env)
	r := newRegistry()
	cfg.Delegate = r
	node, err := swim.Start(ctx, cfg)
	check(err)
	_, err = node.Join(ctx, seeds...)
	check(err)
	return member{node, r}
}

// config is what DefaultLANConfig and the fields set on it were.
func config(name, env string) swim.Config {
	meta, err := tags.Encode(map[string]string{"env": env})
	check(err)
	cfg := swim.LAN()
	cfg.Name = name
	cfg.Bind = "127.0.0.1:0" // LAN binds to port 7946 of all interfaces
	cfg.Meta = meta          // was Delegate.NodeMeta
	cfg.Admission = only(env)
	return cfg
}

// stop is what Leave and Shutdown were.
func stop(ctx context.Context, node *swim.Node) error {
	leaving, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := node.Leave(leaving) // waits until others have confirmed it
	return errors.Join(err, node.Close())
}

// await waits until so many members serve something.
func (m member) await(ctx context.Context, service string, n int) {
	for len(m.who(service)) != n {
		select {
		case <-m.changed:
		case <-ctx.Done():
			log.Fatalf("%s waited in vain for %d who serve %s", m.Local().Name, n, service)
		}
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
