package query_test

import (
	"context"
	"fmt"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/query"
)

func Example() {
	ctx := context.Background()
	q := query.New(nil)
	node, err := swim.Start(ctx, swim.Config{Name: "a", Bind: "127.0.0.1:0", Delegate: q.Delegate()})
	if err != nil {
		panic(err)
	}
	defer node.Close()
	if err := q.Bind(node); err != nil {
		panic(err)
	}
	q.Handle("version", func(context.Context, swim.Member, []byte) ([]byte, error) {
		return []byte("1.2"), nil
	})
	answers, err := q.Ask(ctx, "version", nil)
	if err != nil {
		panic(err)
	}
	for a := range answers {
		fmt.Println(a.From.Name, string(a.Payload), a.Err)
	}
	// Output: a 1.2 <nil>
}
