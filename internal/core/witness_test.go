package core_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// A relay that finds the target silent is an accuser of its own when the suspicion is
// heard of, before its nack is due or after.
func TestRelayTestifies(t *testing.T) {
	for _, test := range []struct {
		what    string
		spoil   func(b *bench) // 500 ms after the ping-req
		accuses time.Duration  // when the suspicion is heard of
		want    bool
	}{
		{"found silent", nil, 600 * time.Millisecond, true},
		{"accused already", nil, 100 * time.Millisecond, true},
		{"too long ago", nil, 2001 * time.Millisecond, false},
		{"answered", func(b *bench) { b.ack(b.pinged) }, 600 * time.Millisecond, false},
		{"stood still", func(b *bench) { b.m.Resumed(b.now) }, 600 * time.Millisecond, false},
		{"doubts itself", func(b *bench) { b.gossip("d", claim("self", 0, wire.Suspect, "d")) }, 600 * time.Millisecond, false},
	} {
		b := newBench(t, func(c *core.Config) { c.Selector = new(idle) })
		b.meet("b", "c", "d", "e")
		b.receive("c", wire.Message{Kind: wire.PingReq, Seq: 9, Target: "b"})
		b.pinged = b.only(wire.Ping)
		early := test.accuses < 400*time.Millisecond
		b.until(test.accuses)
		if !early && test.spoil != nil {
			test.spoil(b)
		}
		b.gossip("c", claim("b", 0, wire.Suspect, "c"))
		b.news.Forget("e")
		all := b.packets
		if early {
			b.until(399 * time.Millisecond)
			b.gossip("d")
			all = plain(b.until(time.Second))
		}
		all = append(all, plain(b.until(b.now+time.Second))...)
		testified := false
		for _, u := range about("b", all) {
			testified = testified || u.From == "self"
		}
		if testified != test.want {
			t.Errorf("%s: testifies %v, want %v", test.what, testified, test.want)
		}
	}
}

// No verdict on one accuser's word, where others could have found the same. It asks
// ever more rarely, and a second accuser brings the verdict.
func TestOneAccuserIsNotEnough(t *testing.T) {
	b := newBench(t, noProbes)
	b.meet("b", "c", "d", "e")
	b.gossip("c", claim("b", 3, wire.Suspect, "c"))
	asked := len(of(wire.PingReq, plain(b.among("d", 10*time.Minute))))
	b.want("b", wire.Suspect, 3)
	if asked < 50 || asked > 150 { // every 8 s, in the end
		t.Errorf("relays asked %d times in ten minutes", asked)
	}
	b.gossip("d", claim("b", 3, wire.Suspect, "d"))
	b.among("d", b.now+600*time.Millisecond)
	b.want("b", wire.Failed, 3)
}

// Who loses four packets of five, both ways, accuses healthy members all the time. None
// is declared failed by anybody (the case that Rapid tests memberlist with).
func TestLossyMemberCondemnsNobody(t *testing.T) {
	s := sim.New(3)
	s.Net.Streams = false
	s.Net.LossIn, s.Net.LossOut = map[string]float64{}, map[string]float64{}
	var accused int
	s.OnEvent = func(n *sim.Node, e *core.Event) {
		if e.Kind == core.Changed && e.After.Name != "n2" {
			switch e.After.State {
			case wire.Failed:
				t.Errorf("at %v %s declares %s failed", s.Now(), n.Name, e.After.Name)
			case wire.Suspect:
				accused++
			}
		}
	}
	clusterOf(t, s, 24)
	s.Net.LossIn["n2"], s.Net.LossOut["n2"] = 0.8, 0.8
	s.Run(s.Now() + 10*time.Minute)
	if accused < 20 {
		t.Errorf("healthy members are suspected %d times, so this shows little", accused)
	}
}

// A relay that knows the target to be gone says so with its nack.
func TestRelayTellsWhoIsGone(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	b.gossip("d", claim("b", 2, wire.Failed, "d"))
	b.receive("c", wire.Message{Kind: wire.PingReq, Seq: 9, Target: "b"})
	nack := b.only(wire.Nack).Msg
	if nack.Seq != 9 || len(nack.Updates) != 1 || nack.Updates[0].Name != "b" || nack.Updates[0].State != wire.Failed {
		t.Errorf("%+v", nack)
	}
}
