// Customsealer runs nodes whose packets are sealed by a Sealer of its own, one for
// programs that may use no cryptography but Go's FIPS 140-3 module. Try it with
// GODEBUG=fips140=only, where examples/encrypted ends in a panic.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"time"

	"github.com/swim-go/swim"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	old, key := newKey(), newKey()

	// Ann is through with a rotation, and opens what was sealed with the old key
	// still; bob has the new one, and seals with the old.
	ann := start(ctx, "ann", key, old)
	defer ann.Close()
	bob := start(ctx, "bob", old, key)
	defer bob.Close()
	_, err := bob.Join(ctx, ann.Local().Addr)
	check(err)
	fmt.Println("members with either key:", len(bob.Members()))

	eve := start(ctx, "eve", newKey())
	defer eve.Close()
	_, err = eve.Join(ctx, ann.Local().Addr)
	fmt.Println("eve has another, and joins:", err == nil)
	fmt.Println("ann dropped what did not open:", ann.Stats().Drops.Unopened > 0)

	_, err = swim.Start(ctx, swim.Config{Name: "cid", Bind: "127.0.0.1:0", Sealer: &fipsSealer{Keys: [][]byte{[]byte("secret")}}})
	fmt.Println("cid:", err)
}

func newKey() []byte {
	key := make([]byte, keyBytes)
	rand.Read(key)
	return key
}

func start(ctx context.Context, name string, keys ...[]byte) *swim.Node {
	node, err := swim.Start(ctx, swim.Config{Name: name, Bind: "127.0.0.1:0", Sealer: &fipsSealer{Keys: keys}})
	check(err)
	return node
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
