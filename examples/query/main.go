// Query shows how a node asks the others and collects their answers: all of them, those
// with a tag, and some by name, of which one cannot answer in time and one does not exist.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"strings"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/query"
	"github.com/swim-go/swim/tags"
)

// patience is how long an answer is waited for. It is far above what one takes, on a
// busy machine too.
const patience = 5 * time.Second

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	ann, asking := start(ctx, "ann", "web")
	start(ctx, "bob", "db", ann.Local().Addr)
	start(ctx, "cid", "db", ann.Local().Addr)
	waitFor(ctx, ann, 3)

	fmt.Println("all members, version:")
	ask(ctx, asking, "version")

	fmt.Println("databases, repair:")
	ask(ctx, asking, "repair", query.Tagged("role", "db"))

	fmt.Println("by name, nap:")
	ask(ctx, asking, "nap", query.To("bob", "dan"))
}

// start starts a node that answers three queries. Bind stands before Join, so that none
// comes too early.
func start(ctx context.Context, name, role string, seeds ...string) (*swim.Node, *query.Queries) {
	meta, err := tags.Encode(map[string]string{"role": role})
	check(err)
	q := query.New(nil)
	q.Handle("version", func(context.Context, swim.Member, []byte) ([]byte, error) {
		return []byte("1.2 of " + name), nil
	})
	q.Handle("repair", func(context.Context, swim.Member, []byte) ([]byte, error) {
		if name == "cid" {
			return nil, errors.New("no space left")
		}
		return []byte("repaired"), nil
	})
	q.Handle("nap", func(ctx context.Context, _ swim.Member, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	n, err := swim.Start(ctx, swim.Config{Name: name, Bind: "127.0.0.1:0", Meta: meta, Delegate: q.Delegate()})
	check(err)
	check(q.Bind(n))
	_, err = n.Join(ctx, seeds...)
	check(err)
	return n, q
}

// ask prints what is answered. The answers come in any order, so they are sorted here.
func ask(ctx context.Context, q *query.Queries, name string, options ...query.Option) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answers, err := q.Ask(ctx, name, nil, append(options, query.Relays(1))...)
	check(err)
	var lines []string
	for a := range answers {
		line := fmt.Sprintf("  %s: %s", a.From.Name, a.Payload)
		if a.Err != nil {
			line = fmt.Sprintf("  %s: error: %v", a.From.Name, a.Err)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	fmt.Println(strings.Join(lines, "\n"))
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

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
