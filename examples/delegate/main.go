// Delegate shows what a node tells its Delegate: who comes and goes, what others
// sent, and that another process uses its name. Two nodes greet each other, and
// then a third one joins under a name that is taken.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/swim-go/swim"
)

// greeter says what it is told, and answers who says hello. A Delegate that wants
// only some of the callbacks embeds swim.NopDelegate for the others.
type greeter struct {
	name string
	told chan string

	// The first callback may come before Start has returned the node, so each
	// that wants to use it waits until it is there.
	node    *swim.Node
	started chan struct{}
}

var _ swim.ConflictDelegate = (*greeter)(nil)

// NotifyEvent is called with the same events that Node.Events iterates over.
// That it may block here does no harm to the node: changes of one member that
// come meanwhile become one.
func (g *greeter) NotifyEvent(e swim.Event) {
	g.say("%v %s (%v)", e.Kind, e.Member.Name, e.Reason)
}

// NotifyMessage may answer, as any callback may call any method of the node.
func (g *greeter) NotifyMessage(from swim.Member, payload []byte) {
	g.say("%q, says %s", payload, from.Name)
	if string(payload) == "hello" {
		<-g.started
		check(g.node.Send(context.Background(), from.Name, []byte("hello yourself")))
	}
}

// NotifyConflict is for a program to tell its operator. The node goes on, and so
// does the other one; the members believe in the one that started later.
func (g *greeter) NotifyConflict(other swim.Member) {
	g.say("my name is used at %s too", other.Addr)
}

func (g *greeter) say(format string, args ...any) {
	g.told <- g.name + ": " + fmt.Sprintf(format, args...)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	ann := start(ctx, "ann", "ann")
	bob := start(ctx, "bob", "bob", ann.node.Local().Addr)
	ann.print(ctx, 2)
	bob.print(ctx, 2)

	// One packet, best effort: no error means that it was sent, not that it came.
	check(ann.node.Send(ctx, "bob", []byte("hello")))
	bob.print(ctx, 1)
	ann.print(ctx, 1)

	twin := start(ctx, "the other bob", "bob", ann.node.Local().Addr)
	ann.print(ctx, 2) // to her, a new life of bob replaced the old one
	bob.print(ctx, 1)
	twin.print(ctx, 3)
}

func start(ctx context.Context, nickname, name string, seeds ...string) *greeter {
	g := &greeter{name: nickname, told: make(chan string), started: make(chan struct{})}
	var err error
	g.node, err = swim.Start(ctx, swim.Config{Name: name, Bind: "127.0.0.1:0", Delegate: g})
	check(err)
	close(g.started)
	_, err = g.node.Join(ctx, seeds...)
	check(err)
	return g
}

// print prints the next things that the greeter was told.
func (g *greeter) print(ctx context.Context, n int) {
	for range n {
		select {
		case line := <-g.told:
			fmt.Println(line)
		case <-ctx.Done():
			log.Fatalf("%s was told nothing more: %v", g.name, ctx.Err())
		}
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
