package sim

import (
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// Node is a simulated process with its Machine.
type Node struct {
	Name, Addr string
	M          *core.Machine
	// Sent and Received count since the node was first started.
	Sent, Received Traffic

	number  int32 // its place in Sim.nodes
	up      bool
	leaving bool // it was told to, in this life
	life    int
	tickAt  time.Duration // of the earliest tick that is scheduled

	stall     stall
	stalledAt time.Duration
	slept     time.Duration // what the Machine's clock leaves out
	held      []held
	inbox     inbox
}

// Up reports whether the process runs.
func (n *Node) Up() bool { return n.up }

// Life counts how often the process was started.
func (n *Node) Life() int { return n.life }

// Traffic counts messages by kind, and the bytes of packets and streams apart.
type Traffic struct {
	ByKind       [32]uint64
	BytesByKind  [32]uint64 // in packets and streams
	Packets      uint64
	PacketBytes  uint64
	Streams      uint64
	StreamBytes  uint64
	LargestBytes int // of a packet
}

func (t *Traffic) count(m *wire.Message) { t.ByKind[m.Kind]++ }

func (t *Traffic) add(p *core.Packet, bytes int) {
	t.count(p.Msg)
	t.BytesByKind[p.Msg.Kind] += uint64(bytes)
	if p.Stream {
		t.Streams++
		t.StreamBytes += uint64(bytes)
		return
	}
	t.Packets++
	t.PacketBytes += uint64(bytes)
	t.LargestBytes = max(t.LargestBytes, bytes)
}
