// Customadmission runs a cluster that admits members by the version of the
// program's own protocol, which they announce in their metadata. One that is too
// old is refused, and both sides know why.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/swim-go/swim"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	ann := start(ctx, "ann", 4)
	defer ann.Close()
	bob := start(ctx, "bob", 3)
	defer bob.Close()
	_, err := bob.Join(ctx, ann.Local().Addr)
	check(err)
	fmt.Println("versions 4 and 3:", len(ann.Members()), "members")

	// Eve asks nobody for a version, and would have found out about her own otherwise.
	eve, err := swim.Start(ctx, swim.Config{Name: "eve", Bind: "127.0.0.1:0", Meta: announce(1)})
	check(err)
	defer eve.Close()
	_, err = eve.Join(ctx, ann.Local().Addr)
	var refused *swim.RefusedError
	if !errors.As(err, &refused) {
		log.Fatalf("eve was not refused: %v", err)
	}
	fmt.Printf("version 1 is told by %s: %s\n", refused.By, refused.Reason)
	fmt.Println("ann counts what she refused:", ann.Stats().Protocol.ClaimsRefused > 0)
}

func start(ctx context.Context, name string, version int) *swim.Node {
	node, err := swim.Start(ctx, swim.Config{
		Name: name, Bind: "127.0.0.1:0",
		Meta: announce(version), Admission: dialect{oldest: 3, newest: 4},
	})
	check(err)
	return node
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
