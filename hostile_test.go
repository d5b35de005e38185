package swim_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/transport"
	"github.com/swim-go/swim/wire"
)

// attacker writes packets of its own making.
type attacker struct {
	network
	*transport.Memory
	victim *swim.Node
}

func (n network) attacker(victim *swim.Node) attacker {
	return attacker{n, n.listen("evil"), victim}
}

// send sends a packet to the victim and returns what it counted for it.
func (a attacker) send(packet []byte) swim.Stats {
	a.Helper()
	before := a.victim.Stats()
	if err := a.WritePacket(packet, "a"); err != nil {
		a.Fatal(err)
	}
	a.eventually("the packet is read", func() bool { return a.victim.Stats().PacketsIn > before.PacketsIn })
	after := a.victim.Stats()
	return swim.Stats{Drops: minus(after.Drops, before.Drops), PacketsOut: after.PacketsOut - before.PacketsOut}
}

// minus is by how much each counter grew. Of those that tell what came of a
// packet by itself it leaves out none, so that a new one shows.
func minus(a, b swim.Drops) swim.Drops {
	now, before := reflect.ValueOf(&a).Elem(), reflect.ValueOf(b)
	for i := range now.NumField() {
		now.Field(i).SetUint(now.Field(i).Uint() - before.Field(i).Uint())
	}
	return a
}

// ping is a good one, sealed for cluster.
func ping(t *testing.T, cluster string) []byte {
	t.Helper()
	message, err := codec.Msgpack{}.Append(nil, &wire.Message{
		Kind: wire.Ping, Seq: 1, Target: "a", Sender: wire.Sender{Name: "evil", Epoch: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	return enclose(t, cluster, message)
}

func enclose(t *testing.T, cluster string, message []byte) []byte {
	t.Helper()
	packet, err := security.NewEnvelope(cluster, nil).Seal(nil, message)
	if err != nil {
		t.Fatal(err)
	}
	return packet
}

// Bad packets raise the right counter, by one, and nothing else happens.
func TestBadPacketsAreCountedAndNothingElse(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a", func(c *swim.Config) { c.Cluster = "prod" })
		evil := n.attacker(a)
		good := ping(t, "prod")
		if got := evil.send(good); got.Drops != (swim.Drops{}) || got.PacketsOut != 1 {
			t.Fatalf("a good ping: %d packets sent, dropped %+v", got.PacketsOut, got.Drops)
		}
		alone := a.Members()

		check := func(what string, packet []byte, want swim.Drops) {
			t.Helper()
			got := evil.send(packet)
			if got.Drops != want || got.PacketsOut != 0 {
				t.Errorf("%s: %d packets sent, dropped %+v, want %+v", what, got.PacketsOut, got.Drops, want)
			}
		}
		check("empty", nil, swim.Drops{Corrupt: 1})
		check("foreign", ping(t, "test"), swim.Drops{Cluster: 1})
		check("no cluster", ping(t, ""), swim.Drops{Cluster: 1})
		check("oversized", make([]byte, 1401), swim.Drops{Oversized: 1})
		check("oversized by far", make([]byte, 60_000), swim.Drops{Oversized: 1})
		check("no message", enclose(t, "prod", nil), swim.Drops{Malformed: 1})
		check("no message, but text", enclose(t, "prod", []byte("hello")), swim.Drops{Malformed: 1})
		for cut := range len(good) {
			want := swim.Drops{Corrupt: 1}
			check("cut", good[:cut], want)
		}
		for bit := range 8 * len(good) {
			bad := slices.Clone(good)
			bad[bit/8] ^= 1 << (bit % 8)
			want := swim.Drops{Corrupt: 1}
			switch {
			case bit < 8:
				want = swim.Drops{Version: 1}
			case bit == 8:
				want = swim.Drops{Sealed: 1}
			}
			check("flipped", bad, want)
		}
		seed := rand.Uint64()
		rng := rand.New(rand.NewPCG(seed, 0))
		t.Logf("seed %d", seed)
		for range 1000 {
			noise := make([]byte, rng.IntN(1400))
			for i := range noise {
				noise[i] = byte(rng.Uint32())
			}
			if len(noise) > 0 && noise[0] == security.Version {
				noise[0] = 0
			}
			want := swim.Drops{Version: 1}
			if len(noise) < security.HeaderBytes {
				want = swim.Drops{Corrupt: 1}
			}
			check("noise", noise, want)
			// And what gets past the envelope: noise in a good one.
			if got := evil.send(enclose(t, "prod", noise[:min(len(noise), 1300)])); got.PacketsOut != 0 || got.Drops != (swim.Drops{Malformed: 1}) {
				t.Errorf("enclosed noise: %d packets sent, dropped %+v", got.PacketsOut, got.Drops)
			}
		}
		if now := a.Members(swim.Alive, swim.Suspect, swim.Failed, swim.Left); !slices.Equal(now, alone) {
			t.Errorf("the members are %+v, and were %+v", now, alone)
		}
	})
}

// With a Sealer, what is not sealed is dropped, and the other way round.
func TestSealedAndPlainDoNotMix(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		sealing := n.start("a", func(c *swim.Config) { c.Sealer = nopSealer{} })
		plain := n.start("b")
		if got, err := plain.Join(t.Context(), "a"); got != 0 || err == nil {
			t.Errorf("Join = %d, %v", got, err)
		}
		if got, err := sealing.Join(t.Context(), "b"); got != 0 || err == nil {
			t.Errorf("Join = %d, %v", got, err)
		}
		if s := sealing.Stats().Drops; s.Plain == 0 || s.Sealed != 0 {
			t.Errorf("the one with a Sealer dropped %+v", s)
		}
		if s := plain.Stats().Drops; s.Sealed == 0 || s.Plain != 0 {
			t.Errorf("the one without dropped %+v", s)
		}
		other := n.start("c", func(c *swim.Config) { c.Sealer = nopSealer{} })
		n.join(other, "a")
		n.waitLive(sealing, 2)
		n.pass(time.Minute)
		if s := sealing.Stats(); s.Alive != 2 || s.Protocol.ProbesAcked == 0 {
			t.Errorf("two that seal do not work together: %+v", s)
		}
	})
}
