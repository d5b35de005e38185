package core_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// clusterOf starts n nodes, n0 to n<n-1>, and waits until they agree.
func clusterOf(t *testing.T, s *sim.Sim, n int) {
	t.Helper()
	s.Start("n0")
	for i := 1; i < n; i++ {
		s.Join(s.Start(fmt.Sprint("n", i)), "n0")
		s.Run(s.Now() + 100*time.Millisecond)
	}
	if !s.RunUntil(time.Minute, func() bool { return sim.Disagreement(s) == "" }) {
		t.Fatal(sim.Disagreement(s))
	}
}

// H11: two members at one address, as behind a NAT or after an address was given to
// another. Who lives there must not answer for who does not, or the dead stay alive,
// nor in another's name.
func TestH11AnotherAtTheAddress(t *testing.T) {
	b := newBench(t)
	b.receive("c", wire.Message{Kind: wire.Ping, Seq: 1, Target: "b"})
	if len(b.packets) > 0 || b.m.Stats().MessagesMisdirected != 1 {
		t.Errorf("a ping meant for b is answered with %v", describe(b.packets))
	}
	b.meet("b", "c")
	ping := b.next(wire.Ping)
	b.receive("c", wire.Message{Kind: wire.Ack, Seq: ping.Msg.Seq, Target: "c"})
	b.receive("c", wire.Message{Kind: wire.Ack, Seq: ping.Msg.Seq, Target: "b"}) // not asked as a relay yet
	b.until(ping.at + time.Second)
	b.want("b", wire.Suspect, 0)
}

// H12: a member that hears nobody, while all hear it, accuses one after the other,
// and each accusation and refutation floods the cluster. That it doubts itself first
// keeps that down, and nobody else is declared failed for it.
func TestH12HalfDeafMemberMakesNoStorm(t *testing.T) {
	const n = 24
	traffic := func(deaf bool, healthMax int) (packets uint64, worst int) {
		s := sim.New(3)
		s.Params.HealthMax = healthMax
		failures := 0
		s.OnEvent = func(x *sim.Node, e *core.Event) {
			if e.Kind == core.Changed && e.After.State == wire.Failed && e.After.Name != "n7" && x.Name != "n7" {
				failures++
			}
		}
		clusterOf(t, s, n)
		if deaf {
			s.Net.LossIn = map[string]float64{"n7": 1}
			for i := range n { // streams do not get lost, so they are cut
				s.Net.Block(fmt.Sprint("n", i), "n7")
			}
		}
		before := sentBy(s)
		for range 90 {
			s.Run(s.Now() + time.Second)
			worst = max(worst, s.Node("n7").M.Health())
		}
		if failures > 0 {
			t.Errorf("deaf %v: %d times a healthy member was declared failed", deaf, failures)
		}
		return sentBy(s) - before, worst
	}
	idle, _ := traffic(false, 8)
	storm, worst := traffic(true, 8)
	unbridled, _ := traffic(true, 0)
	if 2*storm > 5*idle || unbridled < 5*storm/4 {
		t.Errorf("%d packets in 90 s, with a deaf member %d, and %d if that did not doubt itself", idle, storm, unbridled)
	}
	if worst != 8 {
		t.Errorf("the deaf member's health is %d at the worst, want 8", worst)
	}
}

func sentBy(s *sim.Sim) (packets uint64) {
	for _, x := range s.Nodes() {
		packets += x.Sent.Packets
	}
	return packets
}

// H12, of our own making: what is sent to who accuses must not be answered in turn
// where neither refutes. Two who left, or have rivals, would go on for ever, and a
// network that repeats packets would make a storm of it.
func TestH12AnswersDoNotAnswerEachOther(t *testing.T) {
	for what, set := range map[string]func(s *sim.Sim, a, b *sim.Node){
		"both left": func(s *sim.Sim, a, b *sim.Node) { s.Leave(a); s.Leave(b) },
		"both have rivals": func(s *sim.Sim, a, b *sim.Node) {
			for _, pair := range [][2]*sim.Node{{a, b}, {b, a}} {
				rival := pair[1].M.Local()
				rival.Epoch, rival.Addr = rival.Epoch+1, "10.9.9.9:1"
				msg := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "z"}, Updates: []wire.Update{{Member: rival}}}
				s.Inject(pair[0], core.Path{Addr: "10.9.9.9:1"}, &msg)
			}
		},
		"each suspects the other": func(s *sim.Sim, a, b *sim.Node) {
			for _, pair := range [][2]*sim.Node{{a, b}, {b, a}} {
				accused := pair[1].M.Local()
				accused.State = wire.Suspect
				msg := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "z"}, Updates: []wire.Update{{Member: accused, From: "z"}}}
				s.Inject(pair[0], core.Path{Addr: "10.9.9.9:1"}, &msg)
			}
		},
	} {
		s := sim.New(1)
		clusterOf(t, s, 2)
		s.Net.Duplicate = 1
		before := sentBy(s)
		set(s, s.Node("n0"), s.Node("n1"))
		for _, pair := range [][2]string{{"n0", "n1"}, {"n1", "n0"}} {
			from, to := s.Node(pair[0]), s.Node(pair[1])
			self := from.M.Local()
			msg := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: self.Name, Epoch: self.Epoch, Incarnation: self.Incarnation}}
			s.Inject(to, core.Path{Addr: from.Addr}, &msg)
		}
		// Each round of answers takes a millisecond: in a second there would be
		// a thousand of them, each twice the one before.
		s.RunUntil(s.Now()+time.Second, func() bool { return sentBy(s)-before > 500 })
		if got := sentBy(s) - before; got > 60 {
			t.Errorf("%s: %d packets within %v", what, got, s.Now())
		}
	}
}

// H13 is TestLifeguardIndependent: what a sync says is no independent suspicion.
// Here in a cluster: with one accuser there is, and however many tables are
// exchanged, a suspicion lasts as long as without them.
func TestH13SyncsConfirmNothing(t *testing.T) {
	for _, every := range []time.Duration{0, 100 * time.Millisecond} {
		s := sim.New(5)
		s.Params.ProbeInterval, s.Params.ProbeTimeout = time.Hour, time.Second // nobody probes meanwhile
		// 10·200 ms·(log2 8 + 5) = 16 s when confirmed, three times that alone.
		s.Params.SuspicionMult = 10
		s.Params.SyncInterval = every
		var at time.Duration
		s.OnEvent = func(_ *sim.Node, e *core.Event) {
			if e.After.State == wire.Failed && at == 0 {
				at = s.Now()
			}
		}
		clusterOf(t, s, 8)
		began := s.Now()
		u := wire.Update{Member: s.Node("n3").M.Local(), From: "n1"}
		u.State = wire.Suspect
		s.Crash(s.Node("n3"))
		msg := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "n1", Epoch: s.Node("n1").M.Local().Epoch}, Updates: []wire.Update{u}}
		s.Inject(s.Node("n0"), core.Path{Addr: s.Node("n1").Addr}, &msg)
		s.RunUntil(began+40*time.Second, func() bool { return at > 0 })
		if at > 0 {
			t.Errorf("with a sync each %v one suspicion becomes a failure after %v", every, at-began)
		}
	}
}

// H14: tombstones that are handed back to who has forgotten never end; and without
// any, a peer that lags resurrects the dead. A claim of a death carries its age, so
// all forget at the same time, and a live claim from before that is refused.
func TestH14TombstonesEnd(t *testing.T) {
	s := sim.New(2)
	s.Params.ForgetAfter = 20 * time.Second
	s.Params.SyncInterval = time.Second // hands on whatever can be
	clusterOf(t, s, 12)
	n := s.Node("n5")
	alive := n.M.Local()
	s.Crash(n)
	knows := func() int {
		count := 0
		for _, x := range s.Nodes() {
			if _, ok := x.M.Member("n5"); ok && x.Up() {
				count++
			}
		}
		return count
	}
	isDead := func() bool { m, _ := s.Node("n0").M.Member("n5"); return m.State == wire.Failed }
	if !s.RunUntil(s.Now()+time.Minute, isDead) {
		t.Fatal("n5 is not missed")
	}
	died := s.Now()
	s.Run(died + 15*time.Second)
	msg := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "z"}, Updates: []wire.Update{{Member: alive}}}
	s.Inject(s.Node("n0"), core.Path{Addr: "10.9.9.9:1"}, &msg)
	if m, _ := s.Node("n0").M.Member("n5"); m.State != wire.Failed || knows() != 11 {
		t.Errorf("after 15 s n0 believes %+v, and %d know of it", m, knows())
	}
	// One who joins late is told of it, and of its age.
	late := s.Start("late")
	s.Join(late, "n1")
	s.Run(s.Now() + 100*time.Millisecond)
	if m, _ := late.M.Member("n5"); m.State != wire.Failed {
		t.Errorf("who joins late believes %+v", m)
	}
	// ForgetAfter, a sixteenth, and the few seconds in which all learned of it.
	if !s.RunUntil(died+25*time.Second, func() bool { return knows() == 0 }) {
		t.Errorf("25 s after the death %d remember it", knows())
	}
	if s.RunUntil(s.Now()+5*time.Minute, func() bool { return knows() > 0 }) {
		t.Errorf("%v after the death somebody has heard of it again", s.Now()-died)
	}
	// And who says it late is not believed.
	msg.Updates[0].State, msg.Updates[0].Age = wire.Failed, 21
	s.Inject(s.Node("n0"), core.Path{Addr: "10.9.9.9:1"}, &msg)
	if knows() > 0 {
		t.Error("the news of a death long ago is news")
	}
}

// H15: after a stall, timers fire before the packets that waited meanwhile were
// read, and accuse of our own silence those who answered. The driver reads first;
// here the Machine takes answers that late, and what began in the stall does not
// catch up: one probe follows, not one for each period missed.
func TestH15StallAccusesNobody(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d", "e")
	ping := b.next(wire.Ping)
	b.gossip("c", claim("d", 0, wire.Suspect, "c"))
	b.until(ping.at + 600*time.Millisecond) // relays are asked, the verdict is due next
	b.now = ping.at + time.Minute           // stopped
	b.ack(ping.Packet)                      // what waited is read
	b.gossip("d", claim("d", 1, wire.Alive, ""))
	probes := b.m.Stats().Probes
	all := b.until(b.now)
	if s := b.m.Stats(); s.ProbesAcked != 1 || s.ProbesFailed != 0 || s.SuspicionsExpired != 0 {
		t.Errorf("%+v", s)
	}
	for _, name := range []string{"b", "c", "d", "e"} {
		if b.state(name) != wire.Alive {
			t.Errorf("%s is held for %v", name, b.state(name))
		}
	}
	if started := b.m.Stats().Probes - probes; started != 1 {
		t.Errorf("%d probes at once: %v", started, describe(plain(all)))
	}
	next := b.next(wire.PingReq)
	if next.at < b.now || b.m.Stats().Probes-probes != 1 {
		t.Errorf("%d probes before the next timeout", b.m.Stats().Probes-probes)
	}
}

// H16: a departure and a return that overtake each other. The life, then the
// incarnation, orders them, however they come.
func TestH16ReorderedLeaveAndJoin(t *testing.T) {
	left := claim("b", 1, wire.Left, "")
	back := epoch2(claim("b", 0, wire.Alive, ""))
	leftAgain := epoch2(claim("b", 1, wire.Left, ""))
	for want, claims := range map[wire.Update][]wire.Update{
		back:      {left, back},
		leftAgain: {left, back, leftAgain},
		left:      {claim("b", 0, wire.Alive, ""), left},
	} {
		for first := range claims {
			b := newBench(t)
			for i := range claims {
				b.gossip("c", claims[(first+i)%len(claims)])
			}
			for i := range claims {
				b.gossip("c", claims[len(claims)-1-i])
			}
			if m, _ := b.m.Member("b"); m != want.Member {
				t.Errorf("beginning with %+v: %+v, want %+v", claims[first], m, want.Member)
			}
		}
	}
}
