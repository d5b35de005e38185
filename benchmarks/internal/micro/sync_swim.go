package micro

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// swimPair is two nodes of swim's, of which the first compares tables with the
// second every some ten milliseconds.
type swimPair struct {
	crossing
	nodes    [2]*swim.Node
	ports    [2]*swimPort
	compared chan struct{} // the first begins to compare
	members  int
}

// betweenSyncs is how long an exchange has, in a cluster of up to 32. In one of 10,000
// swim makes it ten times as long. A node answers 32 in a second, and no more.
const betweenSyncs = 8 * time.Millisecond

// onlyPeer speaks with one member, whoever else there is, and probes nobody.
type onlyPeer struct {
	ref   wire.Ref
	known bool
}

func (s *onlyPeer) Add(ref wire.Ref, m wire.Member, _ *rand.Rand) {
	if m.Name == "b" {
		s.ref, s.known = ref, true
	}
}

func (s *onlyPeer) Remove(ref wire.Ref) { s.known = s.known && ref != s.ref }

func (s *onlyPeer) Next(*rand.Rand) (wire.Ref, bool) { return 0, false }

func (s *onlyPeer) Pick(dst []wire.Ref, n int, _ wire.Purpose, except wire.Ref, _ *rand.Rand) []wire.Ref {
	if n > 0 && s.known && s.ref != except {
		dst = append(dst, s.ref)
	}
	return dst
}

func newSwimPair(members int) (pair, error) {
	p := &swimPair{compared: make(chan struct{}, 1), members: members}
	p.ports = [2]*swimPort{newSwimPort("10.0.0.1:7946"), newSwimPort("10.0.0.2:7946")}
	for i, port := range p.ports {
		other := p.ports[1-i]
		port.out = func(packet []byte) {
			if i == 0 && kindOf(packet) == wire.Compare {
				p.first.Store(0)
				select {
				case p.compared <- struct{}{}:
				default:
				}
			}
			p.passes(len(packet))
			// A packet that a node leaves to its transport is its own again after.
			_ = other.push(append([]byte(nil), packet...), port.addr, nil)
		}
		port.dial = func() net.Conn {
			x, y := p.link()
			other.streams <- y
			return x
		}
	}
	for i, port := range p.ports {
		config := quietSwim(port)
		config.Name = []string{"a", "b"}[i]
		config.ProbeInterval, config.ProbeTimeout = time.Second, 500*time.Millisecond // nobody is probed
		config.Selector = new(onlyPeer)
		if i == 0 {
			config.SyncInterval = betweenSyncs
		}
		var err error
		if p.nodes[i], err = swim.Start(context.Background(), config); err != nil {
			_ = p.end() // the first error says more
			return nil, err
		}
	}
	if err := p.introduce(); err != nil {
		_ = p.end()
		return nil, err
	}
	return p, nil
}

// introduce lets the first learn from the second all that there is.
func (p *swimPair) introduce() error {
	if err := fillSwim(p.nodes[1], p.ports[1], p.members); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := p.nodes[0].Join(ctx, p.ports[1].addr); err != nil {
		return err
	}
	err := eventually("both know all", func() bool {
		return len(p.nodes[0].Members()) == p.members+2 && len(p.nodes[1].Members()) == p.members+2
	})
	time.Sleep(200 * time.Millisecond) // what the join brought about is over
	return err
}

func (p *swimPair) wire() *crossing { return &p.crossing }

func (p *swimPair) change(round, rows int) error {
	m := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "teller", Epoch: birth}}
	for i := range rows {
		m.Updates = append(m.Updates, changed(i, round).update())
	}
	if round > 0 { // the last ones have come across
		last := changed(rows-1, round-1)
		if m, _ := p.nodes[1].Member(last.name); m.Incarnation != last.incarnation {
			return errors.New("swim compared, and found no difference")
		}
	}
	packet, err := swimPacket(&m)
	if err != nil {
		return err
	}
	return p.ports[0].push(packet, "10.99.0.1:7946", time.After(patience))
}

// changed is what is said of a member in a round.
func changed(i, round int) claim {
	c := claimAbout(i)
	c.incarnation += uint32(round) + 1
	c.meta += ";" + string(rune('a'+round%26))
	return c
}

// kindOf is of a packet that is not sealed.
func kindOf(packet []byte) wire.Kind {
	var m wire.Message
	plain, err := security.NewEnvelope("", nil).Open(nil, packet)
	if err == nil {
		err = codec.Msgpack{}.Decode(&m, plain)
	}
	if err != nil {
		return 0
	}
	return m.Kind
}

// quiet is for how long nothing passes when an exchange is over.
const quiet = 15 * time.Millisecond

// sync waits for the next comparison.
func (p *swimPair) sync() (time.Duration, error) {
	select {
	case <-p.compared: // one that nobody waited for
	default:
	}
	select {
	case <-p.compared:
	case <-time.After(patience):
		return 0, errors.New("swim compares nothing")
	}
	for {
		last := p.last.Load()
		time.Sleep(quiet)
		if p.last.Load() == last {
			return time.Duration(last - p.first.Load()), nil
		}
	}
}

func (p *swimPair) end() (err error) {
	for _, n := range p.nodes {
		if n == nil {
			continue
		}
		if dropped := swimDrops(n); err == nil {
			err = dropped
		}
		_ = n.Close() // the transport is ours
	}
	return err
}
