package codec_test

import (
	"fmt"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// Compression is turned on node by node. Here alice sends compressed already,
// bob does not yet, and each reads what the other one sends.
func ExampleCompressed() {
	alice := codec.Compressed{Send: codec.SendCompressed}
	bob := codec.Compressed{} // reads both forms, sends plain

	table := wire.Message{Kind: wire.Sync, Sender: wire.Sender{Name: "alice", Epoch: 1}}
	for i := range 100 {
		table.Updates = append(table.Updates, wire.Update{Member: wire.Member{
			Name: fmt.Sprint("node-", i), Addr: fmt.Sprint("10.0.0.", i, ":7946"),
			Meta: "role=web", Epoch: 1, State: wire.Alive,
		}})
	}
	compressed, err := alice.Append(nil, &table)
	if err != nil {
		fmt.Println(err)
		return
	}
	plain, err := bob.Append(nil, &table)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("less than a third:", len(compressed) < len(plain)/3)

	var received wire.Message // its Room is used again, packet after packet
	for _, data := range [][]byte{compressed, plain} {
		if err := bob.Decode(&received, data); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(received.Updates), "claims by", received.Sender.Name)
	}
	// Output:
	// less than a third: true
	// 100 claims by alice
	// 100 claims by alice
}

// What claims to unpack to more than 64 times its length is refused before
// anything is allocated for it.
func ExampleCompressed_Decode() {
	var m wire.Message
	err := codec.Compressed{}.Decode(&m, []byte("\xc1\x01\xff\xff\xff\x7f and hardly anything else"))
	fmt.Println(err)
	// Output: swim: message too large (byte 2)
}

// A mistake in the configuration says what to do about it.
func ExampleCompressed_Check() {
	fmt.Println(codec.Compressed{MaxDecodedBytes: -1}.Check())
	// Output: swim: Compressed.MaxDecodedBytes is -1: set 1 to 1073741824, or 0 for 16777216
}
