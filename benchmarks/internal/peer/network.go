package peer

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/swim-go/swim/transport"
)

// Network is where the nodes of one cluster meet.
type Network struct {
	memory *transport.MemoryNetwork // nil for sockets on the loopback interface
	next   atomic.Uint32
}

// Loopback gives each node a UDP socket and a TCP listener on the loopback interface,
// on a free port, as the library does it by itself.
func Loopback() *Network { return new(Network) }

// Memory keeps packets and streams within the process: the same fabric for each
// library.
func Memory(seed uint64) *Network { return &Network{memory: transport.NewMemoryNetwork(seed)} }

// String is what settings call the network.
func (n *Network) String() string {
	if n.memory == nil {
		return "udp"
	}
	return "memory"
}

// listen makes an endpoint in memory, with an address that looks like one of IP,
// since not every library takes others.
func (n *Network) listen() (*transport.Memory, error) {
	i := n.next.Add(1)
	return n.memory.Listen(fmt.Sprintf("10.%d.%d.%d:7946", i>>16, i>>8&0xff, i&0xff))
}

// fabric lends an endpoint in memory to memberlist. Each packet is given a buffer of
// its size, since memberlist keeps it: over sockets it makes one of 64 KiB.
type fabric struct {
	*transport.Memory
	packets chan *memberlist.Packet
	streams chan net.Conn
	ended   chan struct{}
	running sync.WaitGroup
	ending  sync.Once
}

var _ memberlist.NodeAwareTransport = (*fabric)(nil)

func newFabric(m *transport.Memory) *fabric {
	f := &fabric{
		Memory: m, packets: make(chan *memberlist.Packet), streams: make(chan net.Conn),
		ended: make(chan struct{}),
	}
	f.running.Go(f.readPackets)
	f.running.Go(f.acceptStreams)
	return f
}

// endpoint is an address in memory as a packet tells it.
type endpoint string

func (endpoint) Network() string  { return "memory" }
func (e endpoint) String() string { return string(e) }

func (f *fabric) readPackets() {
	buf := make([]byte, transport.MaxPacketBytes)
	for {
		n, from, err := f.ReadPacket(buf)
		if err != nil {
			return
		}
		p := &memberlist.Packet{Buf: append([]byte(nil), buf[:n]...), From: endpoint(from), Timestamp: time.Now()}
		select {
		case f.packets <- p:
		case <-f.ended:
			return
		}
	}
}

func (f *fabric) acceptStreams() {
	for {
		c, err := f.AcceptStream()
		if err != nil {
			return
		}
		select {
		case f.streams <- c:
		case <-f.ended:
			_ = c.Close()
			return
		}
	}
}

// FinalAdvertiseAddr and all that follows implement memberlist.NodeAwareTransport.
func (f *fabric) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	host, port, err := net.SplitHostPort(f.Addr())
	if err != nil {
		return nil, 0, err
	}
	p, err := strconv.Atoi(port)
	return net.ParseIP(host).To4(), p, err
}

func (f *fabric) WriteTo(b []byte, addr string) (time.Time, error) {
	return time.Now(), f.WritePacket(b, addr)
}

func (f *fabric) WriteToAddress(b []byte, to memberlist.Address) (time.Time, error) {
	return f.WriteTo(b, to.Addr)
}

func (f *fabric) PacketCh() <-chan *memberlist.Packet { return f.packets }

func (f *fabric) StreamCh() <-chan net.Conn { return f.streams }

func (f *fabric) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return f.DialStream(ctx, addr)
}

func (f *fabric) DialAddressTimeout(to memberlist.Address, timeout time.Duration) (net.Conn, error) {
	return f.DialTimeout(to.Addr, timeout)
}

func (f *fabric) Shutdown() error {
	f.ending.Do(func() { close(f.ended) })
	err := f.Close()
	f.running.Wait()
	return err
}
