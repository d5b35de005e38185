package micro

import (
	"bytes"
	"net"
	"time"

	"github.com/hashicorp/memberlist"
)

// memberlistExchange is a node of memberlist's, and a peer of it that made the
// packets.
type memberlistExchange struct {
	node, peer *memberlist.Memberlist
	port       *memberlistPort
	log        complaints
	answers    chan struct{}
	heard      chan struct{} // the node's user got a message
	inFlight   int
	claims     bool // come with each ping
	packet     *memberlist.Packet
	last       *memberlist.Packet // a message to the user
}

// retransmitOften is a RetransmitMult that lets 1,000 claims last for a trial. If it were
// endless, the few shorter ones that fit what others leave of a packet would be sent so
// much more often that memberlist would be busy with the difference.
const retransmitOften = 100

func newMemberlistExchange(v variant, t traffic) (_ task, err error) {
	x := &memberlistExchange{
		port: newMemberlistPort("10.0.0.1"), answers: make(chan struct{}, maxInFlight), heard: make(chan struct{}, maxInFlight), inFlight: t.inFlight, claims: t.updates > 0,
	}
	x.port.out = func([]byte) { x.answers <- struct{}{} }
	node := v.memberlist("a", x.port, &x.log)
	node.Delegate = x
	if t.queued > 0 {
		node.RetransmitMult, node.GossipVerifyIncoming = retransmitOften, false // the claims come plain
	}
	if x.node, err = memberlist.Create(node); err != nil {
		return nil, err
	}
	if err := x.introduce(v, t); err != nil {
		_ = x.end() // the first error says more
		return nil, err
	}
	return x, nil
}

func (v variant) memberlist(name string, port *memberlistPort, log *complaints) *memberlist.Config {
	c := quietMemberlist(name, port, log)
	c.EnableCompression = v.defaults || v.compressed
	if v.sealed {
		c.SecretKey = bytes.Repeat([]byte{7}, 32)
	}
	return c
}

// introduce lets a peer join the node, and keeps the packets it then sends.
func (x *memberlistExchange) introduce(v variant, t traffic) (err error) {
	port := newMemberlistPort("10.0.0.2")
	sent := make(chan []byte, maxInFlight)
	port.out = func(p []byte) { sent <- bytes.Clone(p) }
	port.dial = func() net.Conn {
		ours, theirs := net.Pipe()
		x.port.streams <- theirs
		return ours
	}
	config := v.memberlist("b", port, &x.log)
	config.ProbeTimeout, config.GossipVerifyIncoming = 2*time.Millisecond, false // nobody answers it
	if x.peer, err = memberlist.Create(config); err != nil {
		return err
	}
	if _, err = x.peer.Join([]string{x.port.addr().String()}); err != nil {
		return err
	}
	// ping is what the peer sends when it pings the node.
	ping := func() (*memberlist.Packet, error) {
		_, _ = x.peer.Ping("a", x.port.addr()) // to which nobody answers
		return &memberlist.Packet{Buf: <-sent, From: port.addr(), Timestamp: time.Now()}, nil
	}
	for range 20 { // until it has told its own news often enough
		if x.packet, err = ping(); err != nil {
			return err
		}
	}
	if t.updates > 0 {
		if err := fillMemberlist(x.peer, port, t.updates); err != nil {
			return err
		}
		if x.packet, err = ping(); err != nil {
			return err
		}
	}
	if err := x.peer.SendBestEffort(&memberlist.Node{Name: "a", Addr: x.port.ip, Port: memberlistPortNumber}, []byte("done")); err != nil {
		return err
	}
	x.last = &memberlist.Packet{Buf: <-sent, From: port.addr(), Timestamp: time.Now()}
	if t.queued > 0 { // the node's own claim and the peer's, until they were sent often enough
		if err := x.run(2 * retransmitOften); err != nil {
			return err
		}
	}
	if err := fillMemberlist(x.node, x.port, t.queued); err != nil {
		return err
	}
	if err := x.run(1); err != nil {
		return err
	}
	if x.node.NumMembers() != 2+max(t.updates, t.queued) {
		return errUntold
	}
	return nil
}

func (x *memberlistExchange) prepare(int) error { return nil }

// claimsWait is how many packets with claims may be answered before the claims have to
// be dealt with: memberlist answers a ping before it looks at what came beside it, and
// drops what is more than 1024 claims behind.
const claimsWait = 64

// run ends when all claims are dealt with. A message to the user shows that, since
// it waits behind them.
func (x *memberlistExchange) run(n int) error {
	batch := n
	if x.claims {
		batch = claimsWait
	}
	for ; n > 0; n -= batch {
		err := exchange(min(n, batch), x.inFlight, x.answers, func(_ int, end <-chan time.Time) error {
			return x.port.push(x.packet, end)
		})
		if err != nil {
			return err
		}
		if err = exchange(1, 1, x.heard, func(_ int, end <-chan time.Time) error { return x.port.push(x.last, end) }); err != nil {
			return err
		}
	}
	return nil
}

func (x *memberlistExchange) end() error {
	for _, m := range []*memberlist.Memberlist{x.node, x.peer} {
		if m != nil {
			if err := m.Shutdown(); err != nil {
				return err
			}
		}
	}
	return x.log.err()
}

// The node's user.

func (x *memberlistExchange) NotifyMsg([]byte)                { x.heard <- struct{}{} }
func (x *memberlistExchange) NodeMeta(int) []byte             { return nil }
func (x *memberlistExchange) GetBroadcasts(_, _ int) [][]byte { return nil }
func (x *memberlistExchange) LocalState(bool) []byte          { return nil }
func (x *memberlistExchange) MergeRemoteState([]byte, bool)   {}
