// Events prints every event that one node of three sees: the others join, one
// changes its metadata, one crashes, one leaves. It takes about ten seconds,
// nearly all of them for the crash: who does not answer is suspected first, and
// given time to say that it lives.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/swim-go/swim"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	watcher := start(ctx, "watcher")
	defer watcher.Close()
	var clumsy, polite *swim.Node

	// The loop begins with a joined for each member there is, so a subscriber
	// has no need to ask for the members first.
	for event := range watcher.Events(ctx) {
		fmt.Printf("%-9v  %-7s  is %-7v  %s\n", event.Kind, event.Member.Name, event.Member.State, why(event))

		// The body may call any method of any node. A program would adapt itself
		// to the change here; this one takes the next step of its story.
		switch event.Kind.String() + " " + event.Member.Name {
		case "joined watcher":
			clumsy = start(ctx, "clumsy", watcher.Local().Addr)
		case "joined clumsy":
			polite = start(ctx, "polite", watcher.Local().Addr)
		case "joined polite":
			check(polite.SetMeta(ctx, []byte("role=db")))
		case "updated polite":
			check(clumsy.Close()) // a crash: nobody is told
		case "failed clumsy":
			_, err := polite.Leave(ctx)
			check(err)
		case "left polite":
			check(polite.Close())
			return
		}
	}
	log.Fatal("not all of it happened within a minute")
}

// why words the reason of an event, and who accused the member, if somebody did.
func why(event swim.Event) string {
	switch {
	case event.Kind == swim.EventUpdated:
		return fmt.Sprintf("(%v %q)", event.Reason, event.Member.Meta)
	case event.By != "":
		return fmt.Sprintf("(%v, says %s)", event.Reason, event.By)
	}
	return fmt.Sprintf("(%v)", event.Reason)
}

func start(ctx context.Context, name string, seeds ...string) *swim.Node {
	node, err := swim.Start(ctx, swim.Config{Name: name, Bind: "127.0.0.1:0"})
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
