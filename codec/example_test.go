package codec_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// A message goes round, through a buffer and a message that are used again.
func ExampleMsgpack() {
	var (
		c        codec.Msgpack
		packet   = make([]byte, 0, 1400)
		received wire.Message
	)
	packet, err := c.Append(packet[:0], &wire.Message{
		Kind:   wire.Ping,
		Seq:    7,
		Sender: wire.Sender{Name: "alice", Epoch: 1},
		Target: "bob",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := c.Decode(&received, packet); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d bytes: %v from %s to %s\n", len(packet), received.Kind, received.Sender.Name, received.Target)
	fmt.Printf("%x\n", packet)
	// Output:
	// 21 bytes: ping from alice to bob
	// 9b0107a5616c6963650100a3626f620090c4000090
}

// Claims are added as long as the packet stays within its budget.
func ExampleMsgpack_UpdateSize() {
	const budgetBytes = 100
	var c codec.Msgpack
	m := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "alice", Epoch: 1}}
	room := budgetBytes - c.Size(&m)
	for i := range 10 {
		u := wire.Update{Member: wire.Member{
			Name: fmt.Sprint("node-", i), Addr: "10.0.0.1:7946", Epoch: 1, State: wire.Alive,
		}}
		if room -= c.UpdateSize(&u); room < 0 {
			break
		}
		m.Updates = append(m.Updates, u)
	}
	packet, err := c.Append(nil, &m)
	fmt.Println(len(m.Updates), "claims in", len(packet), "bytes", err)
	// Output: 2 claims in 80 bytes <nil>
}

// What is decoded holds while the packet does. What shall last is cloned.
func ExampleMsgpack_Decode() {
	packet := []byte("\x95\x01\x07\xa5alice\x01\x00")
	var m wire.Message
	if err := (codec.Msgpack{}).Decode(&m, packet); err != nil {
		fmt.Println(err)
		return
	}
	view, own := m.Sender.Name, strings.Clone(m.Sender.Name)
	copy(packet[4:], "carol") // the next packet arrives in the same buffer
	fmt.Println(view, own)
	// Output: carol alice
}

// An error tells what is wrong and where.
func ExampleDecodeError() {
	var m wire.Message
	err := codec.Msgpack{}.Decode(&m, []byte("\x95\x01\x07\xa5alice\xc3\x00"))
	fmt.Println(err)
	fmt.Println(errors.Is(err, codec.ErrMalformed))
	if e, ok := errors.AsType[codec.DecodeError](err); ok {
		fmt.Println("byte", e.Offset)
	}
	// Output:
	// swim: malformed message (byte 9)
	// true
	// byte 9
}
