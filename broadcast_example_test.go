package swim_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/swim-go/swim"
)

// board shows what is broadcast.
type board struct {
	swim.NopDelegate
	lines chan string
}

func (b board) NotifyBroadcast(from swim.Member, channel string, payload []byte) {
	b.lines <- fmt.Sprintf("%s on %s: %s", from.Name, channel, payload)
}

func ExampleNode_Broadcast() {
	ctx := context.Background()
	b := board{lines: make(chan string)}
	ann, err := swim.Start(ctx, swim.Config{Name: "ann", Bind: "127.0.0.1:0"})
	if err != nil {
		log.Fatal(err)
	}
	defer ann.Close()
	bob, err := swim.Start(ctx, swim.Config{Name: "bob", Bind: "127.0.0.1:0", Delegate: b})
	if err != nil {
		log.Fatal(err)
	}
	defer bob.Close()
	if _, err := bob.Join(ctx, ann.Local().Addr); err != nil {
		log.Fatal(err)
	}

	// A later broadcast with the same key would take the place of the second.
	err = errors.Join(
		ann.Broadcast(ctx, "chat", []byte("hello")),
		ann.Broadcast(ctx, "state", []byte("the leader is bob"), swim.WithKey("leader")),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-b.lines)
	fmt.Println(<-b.lines)
	// Output:
	// ann on chat: hello
	// ann on state: the leader is bob
}
