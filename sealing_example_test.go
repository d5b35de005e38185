package swim_test

import (
	"context"
	"fmt"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
)

// A running cluster learns to seal without an outage: each node is restarted with the
// Sealer at SendPlain, then all go on to AcceptPlain, and then to Required. At each
// step, those before it and those after it understand each other.
func ExampleNode_SetSealing() {
	ctx := context.Background()
	ring := must(security.NewKeyring(security.GenerateKey()))
	start := func(name string) *swim.Node {
		return must(swim.Start(ctx, swim.Config{
			Name: name, Bind: "127.0.0.1:0", Sealer: security.NewXChaCha20Poly1305(ring), Sealing: security.SendPlain,
		}))
	}
	a, b := start("a"), start("b")
	defer a.Close()
	defer b.Close()
	for _, stage := range []security.Stage{security.AcceptPlain, security.Required} {
		for _, node := range []*swim.Node{a, b} {
			if err := node.SetSealing(stage); err != nil {
				fmt.Println(err)
			}
			answered, err := b.Join(ctx, a.Local().Addr)
			fmt.Println(node.Local().Name, "at", stage, "answered:", answered, err)
		}
	}
	// Output:
	// a at accept plain answered: 1 <nil>
	// b at accept plain answered: 1 <nil>
	// a at required answered: 1 <nil>
	// b at required answered: 1 <nil>
}
