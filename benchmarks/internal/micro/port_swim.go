package micro

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
)

// swimPort is a transport of swim's whose other end is the tester.
type swimPort struct {
	addr    string
	in      chan arrival
	streams chan net.Conn
	// out takes each packet that leaves, and keeps no part of it.
	out func(p []byte)
	// dial opens a stream to whatever address.
	dial   func() net.Conn
	closed chan struct{}
	once   sync.Once
}

// arrival is a packet that comes in.
type arrival struct {
	packet []byte
	from   string
}

func newSwimPort(addr string) *swimPort {
	return &swimPort{
		addr: addr, in: make(chan arrival), streams: make(chan net.Conn), closed: make(chan struct{}),
		out: func([]byte) {},
	}
}

func (p *swimPort) Addr() string { return p.addr }

func (p *swimPort) ReadPacket(b []byte) (int, string, error) {
	select {
	case a := <-p.in:
		return copy(b, a.packet), a.from, nil
	case <-p.closed:
		return 0, "", net.ErrClosed
	}
}

func (p *swimPort) WritePacket(b []byte, _ string) error {
	p.out(b)
	return nil
}

func (p *swimPort) DialStream(_ context.Context, to string) (net.Conn, error) {
	if p.dial == nil {
		return nil, fmt.Errorf("no stream to %s", to)
	}
	return p.dial(), nil
}

func (p *swimPort) AcceptStream() (net.Conn, error) {
	select {
	case c := <-p.streams:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *swimPort) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// push hands in a packet, and returns when the node has taken it.
func (p *swimPort) push(packet []byte, from string, end <-chan time.Time) error {
	select {
	case p.in <- arrival{packet, from}:
		return nil
	case <-p.closed:
		return net.ErrClosed
	case <-end:
		return errors.New("swim takes no packets")
	}
}

// unlimited is a rate that is asked about and never refuses: a limit that holds back
// the tester would be what is measured.
var unlimited = security.Rate{PerSecond: 1e9, Burst: 1e9}

// quietSwim is a node with the defaults of a LAN that says nothing unless asked.
func quietSwim(port *swimPort) swim.Config {
	c := swim.LAN()
	c.Bind = ""
	c.Name, c.Transport = "a", port
	c.ProbeInterval, c.ProbeTimeout = time.Hour, time.Minute
	c.GossipInterval, c.SyncInterval, c.HealInterval = -1, -1, -1
	c.Limits = swim.Limits{
		Member: unlimited, Stranger: unlimited, Strangers: unlimited,
		Stream: unlimited, Streams: unlimited, Sync: unlimited,
	}
	return c
}

// swimDrops returns an error if the node dropped anything.
func swimDrops(n *swim.Node) error {
	if d := n.Stats().Drops; d != (swim.Drops{}) {
		return fmt.Errorf("swim dropped %+v", d)
	}
	return nil
}
