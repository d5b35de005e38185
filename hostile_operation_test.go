package swim_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// What goes wrong without an enemy, and where it is tested:
//
//	a peer that stops reading            TestSlowStreamsHoldUpNobody, TestUnsentProbesAccuseNobody;
//	                                     package transport: TestSlowPeerDelaysNobody
//	a disk that is full under the log    TestBlockedLoggerHarmsNobody
//	a delegate that blocks               TestBlockedDelegateHarmsNobody
//	a delegate that panics               TestPanicInDelegateIsCounted
//	a subscriber that does not read      TestUnreadSubscriptionStaysSmall
//	a clock that jumps                   package security: TestClockSetBackIsNotFollowed and those beside it;
//	                                     a node's own time is monotonic (clock.go)
//	a process stopped and continued      TestStalledProcessLooksAtItsInboxFirst; internal/core: TestH15StallAccusesNobody;
//	                                     benchmarks/stall, with SIGSTOP
//	an address taken over                TestAddressTakenOver; internal/core: TestH11AnotherAtTheAddress
//	two processes with one name          TestConflictIsToldToBoth
//	restarted within a millisecond       TestRestartIsSeen
//	half of the cluster at once          TestHalfOfTheClusterRestarts
//
// The same with a Sealer is the harder case, since a restarted process begins
// a session that nobody knows, and so the two tests here have one.

// Half of the cluster is restarted at once, as by a deployment that is in a
// hurry: nobody else is accused, all old lives are over, and all new ones are known.
func TestHalfOfTheClusterRestarts(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		const members = 16
		sealed := settings[2].configure
		nodes := make(map[string]*swim.Node)
		var names []string
		for i := range members {
			name := fmt.Sprintf("n%02d", i)
			names = append(names, name)
			nodes[name] = n.start(name, sealed)
			n.join(nodes[name], "n00")
		}
		for _, node := range nodes {
			n.waitLive(node, members)
		}
		restarted, stayed := names[members/2:], names[:members/2]
		heard := make(map[string]*recording)
		for _, name := range stayed {
			heard[name] = record(nodes[name], t.Context(), "")
		}
		for _, name := range restarted {
			_ = nodes[name].Close()
		}
		n.pass(time.Millisecond)
		for _, name := range restarted {
			nodes[name] = n.start(name, sealed)
		}
		for i, name := range restarted {
			n.join(nodes[name], stayed[i])
		}
		took := n.eventually("all know all new lives", func() bool {
			for _, node := range nodes {
				for _, other := range nodes {
					if m, _ := node.Member(other.Local().Name); m != other.Local() {
						return false
					}
				}
			}
			return true
		})
		if took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
		n.pass(time.Minute)
		for name, node := range nodes {
			if s := node.Stats(); s.Alive != members || s.Failed+s.Left+s.Suspect > 0 || sum(counts(s), "Conflicts") > 0 {
				t.Errorf("%s: %+v", name, s)
			}
		}
		for name, r := range heard {
			for _, e := range r.all() {
				if e.Kind == swim.EventFailed && (slices.Contains(stayed, e.Member.Name) || e.Reason != swim.Restarted) {
					t.Errorf("%s heard that %s failed (%v)", name, e.Member.Name, e.Reason)
				}
			}
		}
	})
}

// Somebody else lives where a member died: it is never taken for the dead, nor
// the dead for alive.
func TestAddressTakenOver(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		sealed := settings[2].configure
		nodes := make(map[string]*swim.Node)
		for _, name := range []string{"a", "b", "c", "d"} {
			nodes[name] = n.start(name, sealed)
			n.join(nodes[name], "a")
		}
		for _, node := range nodes {
			n.waitLive(node, 4)
		}
		_ = nodes["c"].Close()
		n.pass(time.Millisecond)
		heir := n.start("c", sealed, func(c *swim.Config) { c.Name = "heir" })
		n.join(heir, "a")
		for _, name := range []string{"a", "b", "d"} {
			n.waitState(nodes[name], "c", swim.Failed)
			n.waitState(nodes[name], "heir", swim.Alive)
		}
		n.pass(5 * time.Minute)
		for _, node := range []*swim.Node{nodes["a"], nodes["b"], nodes["d"], heir} {
			s := node.Stats()
			if m, _ := node.Member("heir"); m.State != swim.Alive || m.Addr != "c" || s.Alive != 4 || s.Failed != 1 {
				t.Errorf("%s: the heir is %+v, and %d are alive, %d failed", node.Local().Name, m, s.Alive, s.Failed)
			}
		}
	})
}
