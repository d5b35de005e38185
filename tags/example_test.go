package tags_test

import (
	"context"
	"fmt"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/tags"
)

// A node says what it is for, and others find it by that.
func Example() {
	ctx := context.Background()
	meta, err := tags.Encode(map[string]string{"role": "db", "zone": "eu-1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	node, err := swim.Start(ctx, swim.Config{Name: "a", Bind: "127.0.0.1:0", Meta: meta})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer node.Close()

	for _, m := range node.Members() {
		if role, _ := tags.Lookup(m.Meta, "role"); role == "db" {
			fmt.Println(m.Name, "is a database")
		}
	}
	// Output: a is a database
}

// One tag changes: the others are read first, since metadata is replaced as a whole.
func ExampleDecode() {
	ctx := context.Background()
	node, err := swim.Start(ctx, swim.Config{Bind: "127.0.0.1:0", Meta: []byte("\x81\xa4zone\xa4eu-1")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer node.Close()

	all, err := tags.Decode(node.Local().Meta)
	if err != nil {
		fmt.Println(err)
		return
	}
	all["draining"] = "yes"
	meta, err := tags.Encode(all)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := node.SetMeta(ctx, meta); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tags.Decode(node.Local().Meta))
	// Output: map[draining:yes zone:eu-1] <nil>
}

// A selector is asked about each member, so it looks up one tag and makes no map.
func ExampleLookup() {
	zone := func(m swim.Member) string {
		z, _ := tags.Lookup(m.Meta, "zone")
		return z
	}
	cfg := swim.Config{Selector: &selector.Zoned{Own: "eu-1", Zone: zone}}
	fmt.Println(cfg.Validate(), zone(swim.Member{Meta: "\x81\xa4zone\xa4eu-1"}))
	// Output: <nil> eu-1
}
