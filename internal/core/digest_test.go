package core

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

func testMachine(name string, seed uint64) *Machine {
	return New(Config{
		Params: LAN(), Name: name, Addr: name + ":1", Epoch: 5, Seed: seed,
		Selector: new(selector.RoundRobin), Disseminator: new(disseminator.Piggyback),
		MessageSize: codec.Msgpack{}.Size, UpdateSize: codec.Msgpack{}.UpdateSize,
		PacketBytes: 1390, Streams: true, MaxMembers: 1 << 16,
	}, 0)
}

func randomClaim(rng *rand.Rand) wire.Update {
	name := string(rune('a' + rng.IntN(20)))
	return wire.Update{Member: wire.Member{
		Name: name, Addr: name + ":1", Epoch: 5 + rng.Uint64N(3),
		Incarnation: rng.Uint32N(4), State: wire.Alive + wire.State(rng.IntN(4)),
	}}
}

// The sum that is kept incrementally must be that of the rows at any time, or
// nodes with equal tables would sync for ever.
func TestDigestIsTheSumOverTheTable(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 0))
		m := testMachine("self", seed)
		most := 0
		for i := range 500 {
			u := randomClaim(rng)
			now := time.Duration(i) * 10 * time.Second
			m.Receive(now, Path{Addr: "x:1"}, &wire.Message{
				Kind: wire.Gossip, Sender: wire.Sender{Name: "x"}, Updates: []wire.Update{u},
			})
			if rng.IntN(4) == 0 {
				m.Tick(now)
			}
			most = max(most, m.table.live)
			want := m.self().digest()
			for ref := range m.table.refs() {
				want += m.table.rows[ref].digest()
			}
			if got := m.digest(); got != want {
				t.Fatalf("seed %d, claim %d: digest %#x, the rows' sum is %#x", seed, i, got, want)
			}
		}
		if m.table.dead == 0 || most < 3 {
			t.Fatalf("seed %d: at most %d live and %d dead prove little", seed, most, m.table.dead)
		}
	}
}

// Two tables that hold the same, learned in another order, have one digest; a
// suspicion is no difference, and anything else is one.
func TestDigestTellsViewsApart(t *testing.T) {
	claim := func(name string, incarnation uint32, s wire.State) wire.Update {
		return wire.Update{Member: wire.Member{Name: name, Addr: name + ":1", Epoch: 5, Incarnation: incarnation, State: s}}
	}
	table := func(claims ...wire.Update) uint64 {
		m := testMachine("self", 1)
		m.Receive(0, Path{Addr: "x:1"}, &wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "x"}, Updates: claims})
		return m.digest()
	}
	a, b := claim("a", 1, wire.Alive), claim("b", 1, wire.Alive)
	both := table(a, b)
	if table(b, a) != both || table(a, claim("b", 1, wire.Suspect)) != both || table(a, claim("c", 1, wire.Failed), b) != both {
		t.Error("equal views of the live have different digests")
	}
	for name, other := range map[string]uint64{
		"one less":       table(a),
		"one dead":       table(a, claim("b", 1, wire.Failed)),
		"an incarnation": table(a, claim("b", 2, wire.Alive)),
		"another name":   table(a, claim("c", 1, wire.Alive)),
	} {
		if other == both {
			t.Errorf("%s: the digest does not show it", name)
		}
	}
}

// A difference that lasts brings about one comparison, with whom it was found, and no
// more than one in a while.
func TestLastingDifferenceBringsAComparison(t *testing.T) {
	m := testMachine("self", 1)
	hear := func(now time.Duration, kind wire.Kind, seq uint32, digest uint64) (compared int) {
		m.Receive(now, Path{Addr: "x:1"}, &wire.Message{
			Kind: kind, Seq: seq, Sender: wire.Sender{Name: "x", Epoch: 5}, Target: "x", Digest: digest,
		})
		for _, p := range m.Packets() {
			if p.Msg.Kind == wire.Compare && p.To == "x:1" {
				compared++
			}
		}
		return compared
	}
	m.Receive(0, Path{Addr: "x:1"}, &wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "x", Epoch: 5}, Updates: []wire.Update{
		{Member: wire.Member{Name: "x", Addr: "x:1", Epoch: 5, State: wire.Alive}},
	}})
	now, compared, probes := time.Duration(0), []int{}, 0
	for probes < 12 {
		now = max(m.Deadline(), now)
		m.Tick(now)
		for _, p := range m.Packets() {
			if p.Msg.Kind == wire.Ping {
				probes++
				if hear(now, wire.Ack, p.Msg.Seq, 99) > 0 {
					compared = append(compared, probes)
				}
				break
			}
		}
	}
	if len(compared) < 2 || compared[0] < compareAfter || compared[1]-compared[0] < 2 || len(compared) > 6 {
		t.Errorf("comparisons after acks %v of %d that differed", compared, probes)
	}
	if m.Stats().Differences != uint64(len(compared)) {
		t.Errorf("%d differences counted, %d comparisons begun", m.Stats().Differences, len(compared))
	}
}

// busy always has news to tell.
type busy struct{ disseminator.Piggyback }

func (*busy) Len() int { return 1 }

// While there is news, views differ anyway; but where there always is, whoever missed a
// piece of it must find out too, by pings as well as by answers.
func TestDifferenceAmongNewsLastsLonger(t *testing.T) {
	for _, test := range []struct {
		busy bool
		want int // pings that differ until tables are compared
	}{{busy: false, want: compareAfter}, {busy: true, want: compareAfterNews}} {
		m := testMachine("self", 1)
		sender := wire.Sender{Name: "x", Epoch: 5}
		m.Receive(0, Path{Addr: "x:1"}, &wire.Message{Kind: wire.Gossip, Sender: sender, Updates: []wire.Update{
			{Member: wire.Member{Name: "x", Addr: "x:1", Epoch: 5, State: wire.Alive}},
		}})
		m.cfg.Disseminator = new(disseminator.Piggyback)
		if test.busy {
			m.cfg.Disseminator = new(busy)
		}
		m.now = time.Minute
		ping := func(digest uint64) {
			m.Receive(m.now, Path{Addr: "x:1"}, &wire.Message{Kind: wire.Ping, Seq: 1, Sender: sender, Target: "self", Digest: digest})
		}
		ping(99)
		ping(m.digest()) // which ends the row
		pings := 0
		for m.Stats().Differences == 0 && pings < 20 {
			ping(99)
			pings++
		}
		if pings != test.want {
			t.Errorf("busy %v: compares after %d pings that differ, want %d", test.busy, pings, test.want)
		}
	}
}
