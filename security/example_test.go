package security_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/swim-go/swim/security"
)

func Example() {
	ours := security.NewEnvelope("prod", nil)
	theirs := security.NewEnvelope("staging", nil)

	packet, err := ours.Seal(nil, []byte("hello"))
	if err != nil {
		fmt.Println(err)
		return
	}
	plain, err := ours.Open(nil, packet)
	fmt.Println(string(plain), err)

	_, err = theirs.Open(nil, packet)
	fmt.Println(errors.Is(err, security.ErrCluster))
	// Output:
	// hello <nil>
	// true
}

// The Sealer that goes into Config.Sealer of each node.
func ExampleNewXChaCha20Poly1305() {
	key := security.GenerateKey() // on one node; the others are given it
	ring, err := security.NewKeyring(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	a, b := security.NewXChaCha20Poly1305(ring), security.NewXChaCha20Poly1305(ring)

	packet, err := a.Seal(nil, []byte("hello"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	plain, err := b.Open(nil, packet, nil)
	fmt.Println(string(plain), err)

	_, err = b.Open(nil, packet, nil) // somebody recorded it
	fmt.Println(err, errors.Is(err, security.ErrOpen))
	// Output:
	// hello <nil>
	// swim: replayed packet true
}

// A rotation, on one of the nodes. Between the steps, all others take theirs.
func ExampleKeyring() {
	old, next := security.GenerateKey(), security.GenerateKey()
	ring, err := security.NewKeyring(old)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ring.Add(next), len(ring.Keys()))
	fmt.Println(ring.Use(next.ID()), ring.Primary() == next.ID())
	fmt.Println(ring.Remove(old.ID()), len(ring.Keys()))
	fmt.Println(errors.Is(ring.Remove(next.ID()), security.ErrKeyring)) // nothing would be left
	// Output:
	// <nil> 2
	// <nil> true
	// <nil> 1
	// true
}

func ExampleLoadKeyFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "keys")
	text := security.GenerateKey().Secret() + " # since March\n" +
		security.GenerateKey().Secret() + " # on its way out\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		fmt.Println(err)
		return
	}

	keys, err := security.LoadKeyFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	ring, err := security.NewKeyring(keys[0], keys[1:]...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(ring.Keys()), ring.Primary() == keys[0].ID())
	fmt.Println(ring.Reload(path)) // after the file was changed
	// Output:
	// 2 true
	// <nil>
}

func ExampleKeyFromPassphrase() {
	key, err := security.KeyFromPassphrase("correct horse battery staple", "prod")
	fmt.Println(key, err)
	// Output:
	// Key(8ab4c7e4) <nil>
}

// The last node that does not seal yet is still there.
func ExampleEnvelope_SetStage() {
	ring, err := security.NewKeyring(security.GenerateKey())
	if err != nil {
		fmt.Println(err)
		return
	}
	e := security.NewEnvelope("prod", security.NewHMAC(ring))
	plain, err := security.NewEnvelope("prod", nil).Seal(nil, []byte("hello"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = e.Open(nil, plain)
	fmt.Println(e.Stage(), errors.Is(err, security.ErrPlain))

	if err := e.SetStage(security.AcceptPlain); err != nil {
		fmt.Println(err)
		return
	}
	message, err := e.Open(nil, plain)
	fmt.Println(e.Stage(), string(message), err)
	// Output:
	// required true
	// accept plain hello <nil>
}
