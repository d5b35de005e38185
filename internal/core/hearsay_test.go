package core_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// Who hears of a suspicion before the departure that it stands for.
func TestHearsayAfterTable(t *testing.T) {
	b := newBench(t, noProbes, func(c *core.Config) { c.Identified = true })
	hear := func(sender string, msg wire.Message) {
		b.receiveFrom(core.Path{Addr: addr(sender), Identity: sender}, sender, msg)
	}
	for _, name := range []string{"b", "c", "d"} {
		hear(name, wire.Message{Kind: wire.Gossip, Updates: []wire.Update{claim(name, 0, wire.Alive, "")}})
	}
	// c holds b for said to have left, and gives its table.
	hear("c", wire.Message{Kind: wire.SyncReply, Seq: 1, Updates: []wire.Update{claim("b", 1, wire.Suspect, "")}})
	hear("d", wire.Message{Kind: wire.Gossip, Updates: []wire.Update{claim("b", 1, wire.Left, "")}})
	for end := b.now + 10*time.Minute; b.now < end; {
		b.until(b.now + 100*time.Millisecond)
		hear("d", wire.Message{Kind: wire.Gossip})
		for _, p := range of(wire.PingReq, b.packets) {
			hear(p.To[len("at "):], wire.Message{Kind: wire.Nack, Seq: p.Msg.Seq, Target: "b", Updates: []wire.Update{claim("b", 1, wire.Left, "")}})
		}
		hear("c", wire.Message{Kind: wire.Gossip, Updates: []wire.Update{claim("b", 1, wire.Left, "")}})
	}
	b.want("b", wire.Left, 1)
}

// A rolling deployment where senders are identified: one leaves, another joins.
func TestJoinerDuringHearsay(t *testing.T) {
	for i, wait := range []int{100, 300, 500, 800, 1000, 1200, 1500, 1800, 2100, 2500} {
		s := sim.New(uint64(i + 1))
		s.Configure = func(_ *sim.Node, c *core.Config) { c.Identified = true }
		clusterOf(t, s, 16)
		gone := s.Node("n5")
		s.Leave(gone)
		s.At(s.Now()+50*time.Millisecond, func() { s.Crash(gone) })
		s.Run(s.Now() + time.Duration(wait)*time.Millisecond)
		j := s.Start("joiner")
		s.Join(j, fmt.Sprint("n", 7))
		s.Run(s.Now() + 5*time.Minute)
		for _, n := range s.Nodes() {
			if m, ok := n.M.Member("n5"); n.Up() && ok && m.State != wire.Left {
				t.Errorf("joined %d ms after the departure: 5 minutes later %s holds n5 for %v; agrees %v", wait, n.Name, m.State, n.M.Agrees())
			}
		}
	}
}

// A departure that is hearsay does not cut the answer to the last call short.
func TestHearsayLeavesTheLastCallItsTime(t *testing.T) {
	b := newBench(t, noProbes, func(c *core.Config) { c.Identified = true })
	hear := func(sender string, msg wire.Message) {
		b.receiveFrom(core.Path{Addr: addr(sender), Identity: sender}, sender, msg)
	}
	for _, name := range []string{"b", "c", "d", "e"} {
		hear(name, wire.Message{Kind: wire.Gossip, Updates: []wire.Update{claim(name, 0, wire.Alive, "")}})
	}
	hear("c", wire.Message{Kind: wire.Gossip, Updates: []wire.Update{claim("b", 0, wire.Suspect, "c")}})
	// Nobody confirms it, and it is put off again and again.
	var called time.Duration
	for end := b.now + 2*time.Minute; b.now < end; {
		b.until(min(b.m.Deadline(), end))
		if len(of(wire.PingReq, b.packets)) > 0 {
			called = b.now
		}
		hear("d", wire.Message{Kind: wire.Gossip})
		if called == b.now && called > time.Minute {
			break
		}
	}
	b.want("b", wire.Suspect, 0)
	b.until(b.now + 5*time.Millisecond)
	hear("d", wire.Message{Kind: wire.Gossip, Updates: []wire.Update{claim("b", 0, wire.Left, "")}})
	b.until(b.now + 10*time.Millisecond)
	b.want("b", wire.Suspect, 0)
}
