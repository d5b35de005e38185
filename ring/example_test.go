package ring_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/ring"
)

// must is for examples alone.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A key belongs to one member, and stays with it when others come.
func Example() {
	var r ring.Ring // zero is ready
	r.Add(swim.Member{Name: "a"}, swim.Member{Name: "b"}, swim.Member{Name: "c"})
	for _, key := range []string{"user/1", "user/2", "user/3"} {
		owner, _ := r.Owner(key)
		fmt.Println(key, "belongs to", owner.Name)
	}
	r.Remove("b")
	for _, key := range []string{"user/1", "user/2", "user/3"} {
		owner, _ := r.Owner(key)
		fmt.Println(key, "belongs to", owner.Name)
	}
	// Output:
	// user/1 belongs to c
	// user/2 belongs to b
	// user/3 belongs to c
	// user/1 belongs to c
	// user/2 belongs to c
	// user/3 belongs to c
}

// Each node follows its own view, and all come to the same ring.
func ExampleRing_Watch() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	a := must(swim.Start(ctx, swim.Config{Name: "a", Bind: "127.0.0.1:0"}))
	defer a.Close()
	b := must(swim.Start(ctx, swim.Config{Name: "b", Bind: "127.0.0.1:0"}))
	defer b.Close()
	must(b.Join(ctx, a.Local().Addr))

	var r ring.Ring
	go func() { _ = r.Watch(ctx, a) }()
	for _, after := range r.Changes(ctx) {
		if after.Len() == 2 {
			break
		}
	}
	owner, _ := r.Owner("user/1")
	fmt.Println("user/1 belongs to", owner.Name, owner.State)
	// Output: user/1 belongs to a alive
}

// A node hands over what it does not own any more. Keys are found by their hash:
// a store that is ordered by it reads a range at a time.
func ExampleDiff() {
	var r ring.Ring
	r.Add(swim.Member{Name: "a"}, swim.Member{Name: "b"})
	before := r.Snapshot()
	r.Add(swim.Member{Name: "c"})

	for move := range ring.Diff(before, r.Snapshot()) {
		for i := range 20 {
			key := fmt.Sprint("user/", i)
			if move.From.Name == "a" && move.Contains(ring.Hash(key)) {
				fmt.Println("a sends", key, "to", move.To.Name)
			}
		}
	}
	// Output:
	// a sends user/6 to c
	// a sends user/1 to c
}

// A loop that works through each change in its own time. What happens meanwhile
// it gets in one.
func ExampleRing_Changes() {
	var r ring.Ring
	r.Add(swim.Member{Name: "a"})
	for before, after := range r.Changes(context.Background()) {
		moved := 0.0
		for move := range ring.Diff(before, after) {
			moved += move.Fraction()
		}
		fmt.Printf("%d members then, %d now, %.0f %% of the keys moved\n", before.Len(), after.Len(), 100*moved)
		switch after.Len() {
		case 1:
			r.Add(swim.Member{Name: "b"})
			r.Add(swim.Member{Name: "c"}, swim.Member{Name: "d"})
		case 4:
			r.Remove("b")
		case 3:
			return
		}
	}
	// Output:
	// 0 members then, 1 now, 100 % of the keys moved
	// 1 members then, 4 now, 75 % of the keys moved
	// 4 members then, 3 now, 25 % of the keys moved
}

// Three copies of each key, none of two in one zone.
func ExampleSnapshot_Preference() {
	var r ring.Ring
	for i := range 9 {
		r.Add(swim.Member{Name: fmt.Sprint("node-", i), Meta: "zone=" + string("abc"[i/3])})
	}
	copies := make(map[string]string) // by zone
	for m := range r.Snapshot().Preference(ring.Hash("user/1")) {
		if _, taken := copies[m.Meta]; !taken {
			copies[m.Meta] = m.Name
		}
		if len(copies) == 3 {
			break
		}
	}
	fmt.Println(copies)
	// Output: map[zone=a:node-0 zone=b:node-3 zone=c:node-7]
}

// A member says in its metadata how much it can hold.
func ExampleOptions() {
	r := must(ring.New(ring.Options{
		Weight: func(m swim.Member) int {
			weight, err := strconv.Atoi(strings.TrimPrefix(m.Meta, "weight="))
			if err != nil {
				return 1
			}
			return weight
		},
	}))
	r.Add(
		swim.Member{Name: "large", Meta: "weight=3"},
		swim.Member{Name: "small", Meta: "weight=1"},
		swim.Member{Name: "draining", Meta: "weight=0"},
	)
	s := r.Snapshot()
	fmt.Printf("large %.2f, small %.2f, draining %.2f\n", s.Share("large"), s.Share("small"), s.Share("draining"))

	_, err := ring.New(ring.Options{Points: -1})
	fmt.Println(err)
	// Output:
	// large 0.76, small 0.24, draining 0.00
	// swim: ring.Options.Points = -1: give 1 to 4096, or 0 for 256
}
