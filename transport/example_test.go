package transport_test

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/swim-go/swim/transport"
)

// Two transports on one machine, each on a port that was free.
func ExampleListenUDP() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	a, err := transport.ListenUDP(ctx, "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	b, err := transport.ListenUDP(ctx, "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Close()

	if err := a.WritePacket([]byte("a packet"), b.Addr()); err != nil {
		fmt.Println(err)
		return
	}
	p := make([]byte, 1500)
	n, from, err := b.ReadPacket(p)
	fmt.Println(string(p[:n]), from == a.Addr(), err)

	out, err := a.DialStream(ctx, b.Addr())
	if err != nil {
		fmt.Println(err)
		return
	}
	io.WriteString(out, "a stream")
	out.Close()
	in, err := b.AcceptStream()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	fmt.Println(string(text), err)
	// Output:
	// a packet true <nil>
	// a stream <nil>
}

// An address that cannot be bound is told with what to do about it.
func ExampleListenUDP_error() {
	_, err := transport.ListenUDP(context.Background(), "127.0.0.1")
	fmt.Println(err)
	// Output: swim: unusable address: bind "127.0.0.1": want host:port, such as 127.0.0.1:7946, [::1]:7946 or :0
}

// A network of two, cut for a while.
func ExampleMemoryNetwork() {
	network := transport.NewMemoryNetwork(1)
	a, _ := network.Listen("a")
	b, _ := network.Listen("b")
	defer a.Close()
	defer b.Close()

	a.WritePacket([]byte("hello"), "b")
	network.Partition([]string{"a"}, []string{"b"})
	a.WritePacket([]byte("lost"), "b")
	network.Heal()
	a.WritePacket([]byte("hello again"), "b")

	p := make([]byte, 1500)
	for range 2 {
		n, from, _ := b.ReadPacket(p)
		fmt.Printf("%s: %s\n", from, p[:n])
	}
	fmt.Println(network.Stats().Cut, "cut")
	// Output:
	// a: hello
	// a: hello again
	// 1 cut
}

// A bad network: packets are lost, repeated, late and out of order.
func ExampleMemoryNetwork_SetFaults() {
	network := transport.NewMemoryNetwork(1)
	network.SetFaults(transport.Faults{
		Loss:      0.05,
		Duplicate: 0.01,
		Reorder:   0.10,
		MinDelay:  10 * time.Millisecond,
		MaxDelay:  30 * time.Millisecond,
	})
	// But what a sends to b is lost always, and what b sends to a never.
	network.SetLinkFaults("a", "b", transport.Faults{Loss: 1})
	network.SetLinkFaults("b", "a", transport.Faults{})

	a, _ := network.Listen("a")
	b, _ := network.Listen("b")
	defer a.Close()
	defer b.Close()
	a.WritePacket([]byte("ping"), "b")
	b.WritePacket([]byte("anybody there?"), "a")
	p := make([]byte, 1500)
	n, from, _ := a.ReadPacket(p)
	fmt.Printf("%s: %s\n", from, p[:n])
	fmt.Println(network.Stats().Lost, "lost")
	// Output:
	// b: anybody there?
	// 1 lost
}

// Templates choose an address of this machine. These take loopback, since what
// {{ GetPrivateIP }} comes to differs from one machine to the next.
func ExampleResolveBind() {
	const loopback = `{{ GetAllInterfaces | include "flags" "loopback" | include "type" "IPv4" | limit 1 | attr "address" }}`
	fmt.Println(transport.ResolveBind(loopback + ":7946"))
	fmt.Println(transport.ResolveBind("10.0.0.1:7946"))
	_, err := transport.ResolveBind(`{{ GetInterfaceIP "no-such" }}:7946`)
	fmt.Println(err)
	// Output:
	// 127.0.0.1:7946 <nil>
	// 10.0.0.1:7946 <nil>
	// swim: unusable address template "{{ GetInterfaceIP \"no-such\" }}:7946": no address of this machine fits: choose another function, or write the address itself
}

func ExampleResolve() {
	ctx := context.Background()
	for _, seed := range []string{"10.0.0.1", "10.0.0.1:80", "::1", "[fe80::1%eth0]:80", "10.0.0.256"} {
		addrs, err := transport.Resolve(ctx, seed, 7946)
		fmt.Println(addrs, err)
	}
	// Output:
	// [10.0.0.1:7946] <nil>
	// [10.0.0.1:80] <nil>
	// [[::1]:7946] <nil>
	// [[fe80::1%eth0]:80] <nil>
	// [] swim: unusable address: seed "10.0.0.256": want host, host:port, ip, ip:port or [ip]:port
}
