package swimtest

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

// named is a Memory that proves names, which are addresses.
type named struct{ *transport.Memory }

func (n named) ReadPacketIdentity(p []byte) (int, string, string, error) {
	size, from, err := n.ReadPacket(p)
	return size, from, from, err
}

func (n named) DialStream(ctx context.Context, to string) (net.Conn, error) {
	conn, err := n.Memory.DialStream(ctx, to)
	return namedConn{conn}, err
}

func (n named) AcceptStream() (net.Conn, error) {
	conn, err := n.Memory.AcceptStream()
	return namedConn{conn}, err
}

type namedConn struct{ net.Conn }

func (c namedConn) PeerIdentity() string { return c.RemoteAddr().String() }

// Broken transports with identities.
type (
	allAlike  struct{ named }
	nameless  struct{ named }
	notTold   struct{ named }
	otherName struct{ named }
	forgets   struct{ named }

	forgetfulConn struct {
		namedConn
		closed *bool
	}
)

func (n allAlike) ReadPacketIdentity(p []byte) (int, string, string, error) {
	size, from, err := n.ReadPacket(p)
	return size, from, "somebody", err
}

func (n nameless) ReadPacketIdentity(p []byte) (int, string, string, error) {
	size, from, err := n.ReadPacket(p)
	return size, from, "", err
}

func (n notTold) DialStream(ctx context.Context, to string) (net.Conn, error) {
	return n.Memory.DialStream(ctx, to)
}

func (n otherName) DialStream(ctx context.Context, to string) (net.Conn, error) {
	conn, err := n.Memory.DialStream(ctx, to)
	if err != nil {
		return nil, err
	}
	return otherNameConn{conn}, nil
}

type otherNameConn struct{ net.Conn }

func (c otherNameConn) PeerIdentity() string { return "the name of " + c.RemoteAddr().String() }

func (n forgets) DialStream(ctx context.Context, to string) (net.Conn, error) {
	conn, err := n.Memory.DialStream(ctx, to)
	return forgetfulConn{namedConn{conn}, new(bool)}, err
}

func (c forgetfulConn) Close() error { *c.closed = true; return c.namedConn.Close() }

func (c forgetfulConn) PeerIdentity() string {
	if *c.closed {
		return ""
	}
	return c.namedConn.PeerIdentity()
}

// fickle says something else of its connections once it is closed.
type fickle struct {
	*transport.Memory
	closed *atomic.Bool
}

func (f fickle) FromAnyPort() bool { return f.closed.Load() }
func (f fickle) Close() error      { f.closed.Store(true); return f.Memory.Close() }

func TestBrokenConnections(t *testing.T) {
	catches(t, connectionSentences, true, []broken[network]{{
		fault: "it is another with Close", sentence: "FromAnyPort does not change",
		bind: func(t *testing.T) network {
			n := transport.NewMemoryNetwork(1)
			return func() swim.Transport { return fickle{listenMemory(t, n), new(atomic.Bool)} }
		},
	}})
}

func TestBrokenIdentities(t *testing.T) {
	like := func(make func(named) swim.Transport) func(t *testing.T) network {
		return func(t *testing.T) network {
			n := transport.NewMemoryNetwork(1)
			return func() swim.Transport { return make(named{listenMemory(t, n)}) }
		}
	}
	const one, streams, stays = "ReadPacketIdentity returns one name for each sender", "Streams are identified", "PeerIdentity does not change"
	catches(t, identitySentences, true, []broken[network]{
		{
			fault: "all have one name", sentence: one, also: []string{streams},
			bind: like(func(n named) swim.Transport { return allAlike{n} }),
		},
		{
			fault: "nobody has a name", sentence: one, also: []string{streams},
			bind: like(func(n named) swim.Transport { return nameless{n} }),
		},
		{
			fault: "streams that are dialed have none", sentence: streams, also: []string{stays},
			bind: like(func(n named) swim.Transport { return notTold{n} }),
		},
		{
			fault: "streams that are dialed have another", sentence: streams,
			bind: like(func(n named) swim.Transport { return otherName{n} }),
		},
		{
			fault: "it is forgotten with Close", sentence: stays,
			bind: like(func(n named) swim.Transport { return forgets{n} }),
		},
	})
}
