package swim_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/tags"
)

// Two clusters whose addresses got mixed up do not become one: each side looks at the
// other's members first.
func ExampleConfig_merge() {
	ctx := context.Background()
	start := func(name, env string) *swim.Node {
		meta, _ := tags.Encode(map[string]string{"env": env})
		node, err := swim.Start(ctx, swim.Config{
			Name: name, Bind: "127.0.0.1:0", Meta: meta,
			Merge: func(_ context.Context, _ swim.Member, members []swim.Member) error {
				for _, m := range members {
					if theirs, _ := tags.Lookup(m.Meta, "env"); theirs != env {
						return fmt.Errorf("%s is of %s, and this is %s", m.Name, theirs, env)
					}
				}
				return nil
			},
		})
		if err != nil {
			panic(err)
		}
		return node
	}
	a, b := start("a", "production"), start("b", "staging")
	defer a.Close()
	defer b.Close()

	_, err := b.Join(ctx, a.Local().Addr)
	var refused *swim.RefusedError
	if errors.As(err, &refused) {
		fmt.Println(refused.By+":", refused.Reason)
	}
	fmt.Println(len(a.Members()), len(b.Members()))
	// Output:
	// b: a is of production, and this is staging
	// 1 1
}
