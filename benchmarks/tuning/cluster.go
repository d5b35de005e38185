package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// settleTime is for how long a cluster is left alone before it is measured.
const settleTime = 15 * time.Second

// setting is a cluster to be measured: its numbers, its size, and what else is
// special about it or its network.
type setting struct {
	params core.Params
	n      int
	setup  func(s *sim.Sim) // before its nodes are started, nil for a quiet local network
	begin  func(s *cluster) // when they have settled, or nil
}

// cluster is one under way.
type cluster struct {
	*sim.Sim
	news []core.Disseminator // what each has to tell, in the order of Nodes
}

// start makes a cluster whose members know each other. The same seed brings the same
// chances to all settings of one size, as far as they do the same.
func (c *setting) start(seed uint64) *cluster {
	s := &cluster{Sim: sim.New(seed)}
	s.Params = c.params
	s.Net.StreamTime = sim.StreamTime
	s.Net.Delay = between(50*time.Microsecond, 100*time.Microsecond)
	if c.setup != nil {
		c.setup(s.Sim)
	}
	configure := s.Configure
	s.Configure = func(n *sim.Node, cfg *core.Config) {
		if configure != nil {
			configure(n, cfg)
		}
		s.news = append(s.news, cfg.Disseminator)
	}
	for i := range c.n {
		s.Start(fmt.Sprintf("m%03d", i))
	}
	s.Introduce(s.Nodes())
	s.Run(settleTime)
	if c.begin != nil {
		c.begin(s)
	}
	return s
}

// silent reports whether nobody who runs has anything more to tell.
func (s *cluster) silent() bool {
	for i, n := range s.Nodes() {
		if n.Up() && s.news[i].Len() > 0 {
			return false
		}
	}
	return true
}

// silencePatience is for how long silence is awaited: where members are suspected all the
// time, there never is any.
const silencePatience = 15 * time.Second

// awaitSilence lets time pass until then.
func (s *cluster) awaitSilence() {
	end := s.Now() + silencePatience
	for looks := 0; looks < 2 && s.Now() < end; looks++ { // what was under way at the first may be told on
		if s.Run(s.Now() + 200*ms); !s.silent() {
			looks = -1
		}
	}
}

// between draws one-way delays.
func between(least, most time.Duration) func(*rand.Rand) time.Duration {
	return func(rng *rand.Rand) time.Duration { return least + time.Duration(rng.Int64N(int64(most-least)+1)) }
}

// encoding is how the simulator's nodes encode.
var encoding codec.Msgpack

// traffic is what all members have sent so far.
type traffic struct{ packets, bytes float64 }

func sent(s *cluster) (t traffic) {
	for _, n := range s.Nodes() {
		t.packets += float64(n.Sent.Packets + n.Sent.Streams)
		t.bytes += float64(n.Sent.PacketBytes + n.Sent.StreamBytes)
	}
	return t
}

func (t traffic) minus(before traffic) traffic {
	return traffic{t.packets - before.packets, t.bytes - before.bytes}
}

func (t traffic) per(x float64) traffic { return traffic{t.packets / x, t.bytes / x} }

// failed tells whether an event is the verdict about a member that was live.
func failed(e *core.Event) bool {
	return e.Kind == core.Changed && e.After.State == wire.Failed && e.Before.State.Live()
}

// verdicts counts those about members that run.
type verdicts struct {
	all     int             // at every observer
	members map[string]bool // they are about
}

func (v *verdicts) watch(s *cluster) {
	v.members = make(map[string]bool)
	s.OnEvent = func(_ *sim.Node, e *core.Event) {
		if failed(e) && s.Node(e.After.Name).Up() {
			v.all++
			v.members[e.After.Name] = true
		}
	}
}
