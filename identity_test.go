package swim_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

// identified is an endpoint in memory that knows who its peers are: by their
// addresses, of which each is an identity's but for those of thieves.
type identified struct{ *transport.Memory }

var (
	_ swim.IdentifyingTransport = identified{}
	_ swim.IdentifiedConn       = identifiedConn{}
)

func identityOf(addr string) string { return strings.TrimPrefix(addr, "from ") }

func (i identified) ReadPacketIdentity(p []byte) (int, string, string, error) {
	n, from, err := i.ReadPacket(p)
	return n, from, identityOf(from), err
}

func (i identified) DialStream(ctx context.Context, to string) (net.Conn, error) {
	return knownConn(i.Memory.DialStream(ctx, to))
}

func (i identified) AcceptStream() (net.Conn, error) { return knownConn(i.Memory.AcceptStream()) }

func knownConn(c net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	return identifiedConn{c}, nil
}

type identifiedConn struct{ net.Conn }

func (c identifiedConn) PeerIdentity() string { return identityOf(c.RemoteAddr().String()) }

// Where it is known who speaks, nobody speaks in another's name.
func TestNamesAreVerified(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		verifying := func(name, addr string) *swim.Node {
			return n.start(addr+" unused", func(c *swim.Config) {
				c.Name, c.Transport, c.VerifyNames = name, identified{n.listen(addr)}, true
			})
		}
		a, b := verifying("a", "from a"), verifying("b", "from b")
		n.join(b, "from a")
		thief := verifying("b", "from c")
		if _, err := thief.Join(t.Context(), "from a"); err == nil {
			t.Error("c joined by b's name")
		}
		liar := verifying("d", "from c2")
		if _, err := liar.Join(t.Context(), "from a"); err == nil {
			t.Error("c2 joined by another's name")
		}
		n.pass(time.Minute)
		s := a.Stats()
		if s.Alive != 2 || s.Protocol.MessagesSpoofed < 2 || s.Protocol.SuspicionsRaised != 0 || s.Protocol.ProbesAcked == 0 {
			t.Errorf("%d alive, %d spoofed, %+v", s.Alive, s.Protocol.MessagesSpoofed, s.Protocol)
		}
		if m, _ := a.Member("b"); m.Addr != "from b" {
			t.Errorf("b is %+v", m)
		}
	})
}

// What the transport knows is not asked for by default.
func TestNamesAreNotVerifiedUnasked(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a")
		other := n.start("unused", func(c *swim.Config) { c.Name, c.Transport = "b", identified{n.listen("from c")} })
		n.join(other, "a")
		n.waitLive(a, 2)
	})
}
