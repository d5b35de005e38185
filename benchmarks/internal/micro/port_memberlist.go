package micro

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
)

// memberlistPort is a transport of memberlist's whose other end is the tester.
type memberlistPort struct {
	ip      net.IP
	in      chan *memberlist.Packet
	streams chan net.Conn
	// out takes each packet that leaves, and keeps no part of it.
	out func(p []byte)
	// dial opens a stream to whatever address.
	dial func() net.Conn
}

var _ memberlist.NodeAwareTransport = (*memberlistPort)(nil)

// memberlistPortNumber is that of all nodes here.
const memberlistPortNumber = 7946

func newMemberlistPort(ip string) *memberlistPort {
	return &memberlistPort{
		ip: net.ParseIP(ip).To4(), in: make(chan *memberlist.Packet), streams: make(chan net.Conn),
		out: func([]byte) {},
	}
}

func (p *memberlistPort) addr() *net.UDPAddr {
	return &net.UDPAddr{IP: p.ip, Port: memberlistPortNumber}
}

func (p *memberlistPort) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return p.ip, memberlistPortNumber, nil
}

func (p *memberlistPort) WriteTo(b []byte, _ string) (time.Time, error) {
	p.out(b)
	return time.Now(), nil
}

func (p *memberlistPort) WriteToAddress(b []byte, a memberlist.Address) (time.Time, error) {
	return p.WriteTo(b, a.Addr)
}

func (p *memberlistPort) PacketCh() <-chan *memberlist.Packet { return p.in }

func (p *memberlistPort) StreamCh() <-chan net.Conn { return p.streams }

func (p *memberlistPort) DialTimeout(addr string, _ time.Duration) (net.Conn, error) {
	if p.dial == nil {
		return nil, fmt.Errorf("no stream to %s", addr)
	}
	return p.dial(), nil
}

func (p *memberlistPort) DialAddressTimeout(a memberlist.Address, d time.Duration) (net.Conn, error) {
	return p.DialTimeout(a.Addr, d)
}

func (p *memberlistPort) Shutdown() error { return nil }

// push hands in a packet, and returns when the node has taken it, which is when it is
// done with the one before.
func (p *memberlistPort) push(packet *memberlist.Packet, end <-chan time.Time) error {
	select {
	case p.in <- packet:
		return nil
	case <-end:
		return errors.New("memberlist takes no packets")
	}
}

// complaints counts the lines of a log that say that something went wrong.
type complaints struct {
	lines atomic.Int64
	first atomic.Pointer[string]
}

func (c *complaints) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("[ERR")) || bytes.Contains(line, []byte("[WARN")) {
		if c.lines.Add(1) == 1 {
			text := string(line)
			c.first.Store(&text)
		}
	}
	return len(line), nil
}

func (c *complaints) err() error {
	if first := c.first.Load(); first != nil {
		return fmt.Errorf("memberlist complained %d times: %s", c.lines.Load(), *first)
	}
	return nil
}

// quietMemberlist is a node with the defaults of a LAN that says nothing unless
// asked.
func quietMemberlist(name string, port *memberlistPort, log *complaints) *memberlist.Config {
	c := memberlist.DefaultLANConfig()
	c.Name, c.Transport, c.LogOutput = name, port, log
	c.ProbeInterval, c.GossipInterval, c.PushPullInterval = time.Hour, 0, 0
	return c
}
