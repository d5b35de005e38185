package swim_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
)

// Two clusters that are wired to each other in every way never exchange a
// member: each is given the other's members as seeds, and every packet of the
// one is also brought to a node of the other. It is enough that their names differ,
// or their keys. If neither did, they would merge, or the wiring would be none.
func TestSeparateClustersStaySeparate(t *testing.T) {
	for _, test := range []struct {
		name   string
		names  [2]string
		keys   [2]security.Key
		merges bool
		counts string
	}{
		{"names", [2]string{"prod", "test"}, [2]security.Key{}, false, "Cluster"},
		{"names, and one key", [2]string{"prod", "test"}, [2]security.Key{clusterKey, clusterKey}, false, "Cluster"},
		{"keys", [2]string{"prod", "prod"}, [2]security.Key{clusterKey, strangeKey}, false, unopened},
		{"nothing", [2]string{"prod", "prod"}, [2]security.Key{clusterKey, clusterKey}, true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, n network) {
				w := wired{network: n}
				for side := range 2 {
					w.begin(side, func(c *swim.Config) {
						c.Cluster = test.names[side]
						if test.keys[side] != (security.Key{}) {
							c.Sealer = sealerOf(test.keys[side])
						}
					})
				}
				w.wire()
				for side := range 2 {
					for _, node := range w.nodes[side] {
						got, err := node.Join(t.Context(), w.names(1-side)...)
						if !test.merges && (got != 0 || !errors.Is(err, swim.ErrNoAnswer)) {
							t.Errorf("Join = %d, %v", got, err)
						}
					}
				}
				n.pass(5 * time.Minute)
				if merged := w.mixed(); merged != test.merges {
					t.Errorf("they merged: %v, want %v", merged, test.merges)
				}
				for side := range 2 {
					for _, node := range w.nodes[side] {
						s := node.Stats()
						if !test.merges && (s.Alive != 3 || s.Protocol.SuspicionsRaised > 0) {
							t.Errorf("%s: %+v", node.Local().Name, s)
						}
						if !test.merges && sum(counts(s), test.counts) < 100 {
							t.Errorf("%s: %s did not rise: %+v", node.Local().Name, test.counts, s.Drops)
						}
					}
				}
			})
		})
	}
}

// wired are two clusters of three on one network.
type wired struct {
	network
	nodes [2][]*swim.Node
	tapes [2]*tape
}

func (w *wired) begin(side int, configure func(*swim.Config)) {
	w.tapes[side] = new(tape)
	for i := range 3 {
		node := w.start(fmt.Sprintf("%s%d", w.prefix(side), i), configure, w.tapes[side].tap)
		if i > 0 {
			w.join(node, w.prefix(side)+"0")
		}
		w.nodes[side] = append(w.nodes[side], node)
	}
}

func (w *wired) prefix(side int) string { return string(rune('x' + side)) }

func (w *wired) names(side int) (names []string) {
	for _, node := range w.nodes[side] {
		names = append(names, node.Local().Addr)
	}
	return names
}

// wire brings each packet of one side to the member of the other with the same number.
func (w *wired) wire() {
	evil := w.listen("evil")
	for side, tape := range w.tapes {
		tape.mu.Lock()
		tape.forward = func(packet []byte, to string) {
			_ = evil.WritePacket(packet, w.prefix(1-side)+to[1:])
		}
		tape.mu.Unlock()
	}
}

// mixed reports whether a member of one side is known to the other.
func (w *wired) mixed() bool {
	for side := range 2 {
		for _, node := range w.nodes[side] {
			for _, m := range node.Members(swim.Alive, swim.Suspect, swim.Failed, swim.Left) {
				if !strings.HasPrefix(m.Name, w.prefix(side)) {
					return true
				}
			}
		}
	}
	return false
}
