package transport_test

import (
	"context"
	"fmt"
	"time"

	"github.com/swim-go/swim/transport"
)

// A question and its answer over one connection, that the one who asks opens.
func ExampleListenTCP() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	config := transport.TCPConfig{
		Bind:        "127.0.0.1:0",
		MaxIncoming: 500,
		Trouble:     func(peer string, err error) { fmt.Println(peer, err) },
	}
	a, err := transport.ListenTCP(ctx, config)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	b, err := transport.ListenTCP(ctx, config)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Close()

	if err := a.WritePacket([]byte("are you there?"), b.Addr()); err != nil {
		fmt.Println(err)
		return
	}
	p := make([]byte, 1500)
	n, from, err := b.ReadPacket(p)
	fmt.Println(string(p[:n]), err)
	if err := b.WritePacket([]byte("yes"), from); err != nil {
		fmt.Println(err)
		return
	}
	n, from, err = a.ReadPacket(p)
	fmt.Println(string(p[:n]), from == b.Addr(), err)
	fmt.Println(b.Stats().Incoming, "connection to b,", b.Stats().Outgoing, "from it")
	// Output:
	// are you there? <nil>
	// yes true <nil>
	// 1 connection to b, 0 from it
}

// What is wrong with a configuration is told at once, all of it.
func ExampleListenTCP_error() {
	_, err := transport.ListenTCP(context.Background(), transport.TCPConfig{MaxOutgoing: -1, Timeout: -time.Second})
	fmt.Println(err)
	// Output:
	// swim: unusable transport configuration: MaxOutgoing is -1: want 1 or more, or 0 for the default
	// swim: unusable transport configuration: Timeout is -1s: want more than 0, or 0 for the default
}
