package swim_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
)

// ringOf returns a keyring of keys.
func ringOf(t *testing.T, primary security.Key, others ...security.Key) *security.Keyring {
	t.Helper()
	ring, err := security.NewKeyring(primary, others...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// A running cluster begins to seal, node by node and stage by stage, and nobody
// is suspected meanwhile.
func TestSealingIsIntroducedStageByStage(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		key := security.GenerateKey()
		at := func(s security.Stage) func(*swim.Config) {
			return func(c *swim.Config) { c.Sealer, c.Sealing = security.NewXChaCha20Poly1305(ringOf(t, key)), s }
		}
		plain := n.start("plain")
		nodes := []*swim.Node{n.start("a", at(security.SendPlain)), n.start("b", at(security.SendPlain)), n.start("c", at(security.SendPlain))}
		for _, node := range nodes {
			n.join(node, "plain")
		}
		n.waitLive(plain, 4)
		if _, err := plain.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		_ = plain.Close()
		for _, stage := range []security.Stage{security.AcceptPlain, security.Required} {
			for _, node := range nodes {
				if err := node.SetSealing(stage); err != nil {
					t.Fatal(err)
				}
				n.pass(20 * time.Second)
			}
		}
		for _, node := range nodes {
			s := node.Stats()
			if s.Alive != 3 || s.Protocol.SuspicionsRaised != 0 || s.Drops.Plain+s.Drops.Sealed != 0 {
				t.Errorf("%s: %d alive, %d suspicions, dropped %+v", node.Local().Name, s.Alive, s.Protocol.SuspicionsRaised, s.Drops)
			}
		}
		late := n.start("late")
		if _, err := late.Join(t.Context(), "a"); err == nil {
			t.Error("one without a Sealer joined")
		}
		if d := nodes[0].Stats().Drops; d.Plain == 0 {
			t.Errorf("dropped %+v", d)
		}
		n.join(n.start("later", at(0)), "a") // Required is the default
		if err := nodes[0].SetSealing(0); err == nil {
			t.Error("went to no stage")
		}
		if err := late.SetSealing(security.Required); err == nil {
			t.Error("requires what it has no Sealer for")
		}
	})
}

// What a Sealer refuses is counted by why.
func TestWhatDoesNotOpenIsCountedByReason(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		key, other := security.GenerateKey(), security.GenerateKey()
		sealer := func(k security.Key) *security.KeyedSealer { return security.NewAESGCM(ringOf(t, k)) }
		a := n.start("a", func(c *swim.Config) { c.Sealer = sealer(key) })
		evil := n.attacker(a)
		seal := func(s swim.Sealer) []byte {
			packet, err := security.NewEnvelope("", s).Seal(nil, []byte("no message"))
			if err != nil {
				t.Fatal(err)
			}
			return packet
		}
		check := func(what string, packet []byte, want swim.Drops) {
			t.Helper()
			if got := evil.send(packet).Drops; got != want {
				t.Errorf("%s: dropped %+v, want %+v", what, got, want)
			}
		}
		good := seal(sealer(key))
		check("sealed well", good, swim.Drops{Malformed: 1})
		check("once more", good, swim.Drops{Replayed: 1})
		check("by another key", seal(sealer(other)), swim.Drops{UnknownKey: 1})
		bad := seal(sealer(key))
		bad[len(bad)-1] ^= 1
		check("altered", bad, swim.Drops{Forged: 1})
		recorded := seal(sealer(key))
		n.pass(time.Hour)
		check("recorded an hour ago", recorded, swim.Drops{Stale: 1})
	})
}
