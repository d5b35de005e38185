package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/transport"
	"github.com/swim-go/swim/wire"
)

// memory measures what a real node holds for each member it knows.
func memory(b *bench) {
	b.Title("memory of a node by members")
	b.Note("One real node over a network in memory, which is told of so many members with names of 12 bytes. Heap after a collection, less that of the node")
	b.Note("alone; what the news itself takes as long as it is passed on is in it, as after a join.")
	for _, n := range pick(b, []int{1000}, []int{1000, 10_000}) {
		for _, meta := range []int{0, 100} {
			bytes, err := heapOfMembers(n, meta)
			if err != nil {
				report.Exit(err)
			}
			b.adder("memory", fmt.Sprintf("n=%d, metadata of %d bytes", n, meta))("heap for each member", bytes/float64(n), "B")
		}
	}
}

// heapOfMembers tells a node of so many members.
func heapOfMembers(n, metaBytes int) (bytes float64, err error) {
	net := transport.NewMemoryNetwork(1)
	own, err := net.Listen("a")
	if err != nil {
		return 0, err
	}
	teller, err := net.Listen("b")
	if err != nil {
		return 0, err
	}
	node, err := swim.Start(context.Background(), swim.Config{Name: "a", Transport: own, ProbeInterval: time.Minute, SyncInterval: -1})
	if err != nil {
		return 0, err
	}
	defer node.Close()
	alone := heap()
	const perPacket = 8
	for told := 0; told < n; told += perPacket {
		if err := tell(teller, told, min(perPacket, n-told), metaBytes); err != nil {
			return 0, err
		}
		for node.Stats().PacketsIn <= uint64(told/perPacket) {
			runtime.Gosched() // the next packet might find the inbox full
		}
	}
	if known := len(node.Members()); known != n+1 {
		return 0, fmt.Errorf("the node knows %d members, and was told of %d", known, n)
	}
	return heap() - alone, nil
}

// tell sends a packet of gossip about some members, from the given number on.
func tell(t *transport.Memory, first, count, metaBytes int) error {
	msg := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "b", Epoch: 1}}
	for i := range count {
		msg.Updates = append(msg.Updates, wire.Update{Member: wire.Member{
			Name: fmt.Sprintf("member-%05d", first+i), Addr: fmt.Sprintf("10.0.%d.%d:7946", (first+i)>>8, (first+i)&255),
			Meta: strings.Repeat("m", metaBytes), Epoch: 1, State: wire.Alive,
		}})
	}
	plain, err := codec.Msgpack{}.Append(nil, &msg)
	if err != nil {
		return err
	}
	packet, err := security.NewEnvelope("", nil).Seal(nil, plain)
	if err != nil {
		return err
	}
	return t.WritePacket(packet, "a")
}

// heap is what is in use after a collection.
func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
