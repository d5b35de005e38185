// Broadcast shows how a node tells all others something: a few words, a value of which
// only the latest matters, and a payload too large for a packet. In the end it tells one
// of them alone, and knows that it was heard.
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/swim-go/swim"
)

// listener passes on what is broadcast. NopDelegate stands for the callbacks that are
// of no interest here.
type listener struct {
	swim.NopDelegate
	name string
	told chan string
}

var _ swim.BroadcastDelegate = (*listener)(nil)

// NotifyBroadcast is called in the order in which each sender broadcast.
func (l *listener) NotifyBroadcast(from swim.Member, channel string, payload []byte) {
	if len(payload) > 100 {
		payload = fmt.Appendf(nil, "%d bytes", len(payload))
	}
	l.told <- fmt.Sprintf("%s hears %s on %s: %s", l.name, from.Name, channel, payload)
}

// NotifyMessage gets what was sent to this node alone.
func (l *listener) NotifyMessage(from swim.Member, payload []byte) {
	l.told <- fmt.Sprintf("%s is told by %s: %s", l.name, from.Name, payload)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	ann, _ := start(ctx, "ann")
	bob, bobHears := start(ctx, "bob", ann.Local().Addr)
	cid, cidHears := start(ctx, "cid", ann.Local().Addr)
	for _, n := range []*swim.Node{ann, bob, cid} {
		waitFor(ctx, n, 3)
	}

	// A channel needs no setting up, and all that listen are told.
	check(ann.Broadcast(ctx, "chat", []byte("hello, everybody")))
	bobHears.print(ctx, 1)
	cidHears.print(ctx, 1)

	// Of the values of one key only the latest is worth sending. How many of the
	// earlier ones are heard depends on how fast they follow each other; the last
	// one always is.
	for price := range 1000 {
		check(ann.Broadcast(ctx, "prices", fmt.Append(nil, price), swim.WithKey("ACME")))
	}
	fmt.Println("bob saw", bobHears.skipTo(ctx, "999"), "of the prices, the latest last")
	cidHears.skipTo(ctx, "999")

	// A payload that no packet holds is announced, and fetched over streams.
	check(ann.Broadcast(ctx, "files", bytes.Repeat([]byte("swim"), 100_000)))
	bobHears.print(ctx, 1)
	cidHears.print(ctx, 1)

	// And this returns when bob has it.
	check(ann.SendReliable(ctx, "bob", []byte("well done")))
	bobHears.print(ctx, 1)
}

func start(ctx context.Context, name string, seeds ...string) (*swim.Node, *listener) {
	l := &listener{name: name, told: make(chan string, 2000)}
	n, err := swim.Start(ctx, swim.Config{
		Name: name, Bind: "127.0.0.1:0", Delegate: l,
		// What matters most goes first.
		Channels: []swim.Channel{{Name: "prices", Priority: swim.PriorityHigh}, {Name: "files", Priority: swim.PriorityLow}},
	})
	check(err)
	_, err = n.Join(ctx, seeds...)
	check(err)
	return n, l
}

// waitFor waits until a node knows so many members.
func waitFor(ctx context.Context, n *swim.Node, members int) {
	for e := range n.Events(ctx) {
		if e.Kind == swim.EventJoined && len(n.Members()) == members {
			return
		}
	}
	log.Fatalf("%s knows %d members", n.Local().Name, len(n.Members()))
}

// next is the next thing that a listener was told.
func (l *listener) next(ctx context.Context) string {
	select {
	case line := <-l.told:
		return line
	case <-ctx.Done():
		log.Fatalf("%s was told nothing more: %v", l.name, ctx.Err())
		return ""
	}
}

func (l *listener) print(ctx context.Context, n int) {
	for range n {
		fmt.Println(l.next(ctx))
	}
}

// skipTo counts what a listener is told until one ends with the text.
func (l *listener) skipTo(ctx context.Context, text string) (n int) {
	for n = 1; !strings.HasSuffix(l.next(ctx), ": "+text); n++ {
	}
	return n
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
