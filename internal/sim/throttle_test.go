package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/wire"
)

// Processes with a small quota of CPU stand still in each tenth of a second. Each time a
// last call may have been lost, and is made again; but not for ever, or a cluster of such
// processes, with timing that fits none of their pauses, would never find a crash.
func TestThrottledMembersFindACrash(t *testing.T) {
	const n = 16
	s := New(1)
	s.Params.ProbeInterval, s.Params.ProbeTimeout = 250*time.Millisecond, 125*time.Millisecond
	s.Params.GossipInterval = 50 * time.Millisecond
	cluster(s, n)
	s.Run(5 * time.Second)
	for i, node := range s.nodes {
		var pause func()
		pause = func() {
			s.Freeze(node)
			s.At(s.Now()+80*time.Millisecond, func() { s.Release(node) })
			s.At(s.Now()+100*time.Millisecond, pause)
		}
		s.At(s.Now()+time.Duration(i)*6*time.Millisecond, pause)
	}
	s.Run(s.Now() + 30*time.Second)
	for _, node := range s.nodes {
		for m := range node.M.Members() {
			if m.State == wire.Failed {
				t.Errorf("%s holds %s for failed, which is only slow", node.Name, m.Name)
			}
		}
	}
	dead := s.nodes[n-1]
	s.Crash(dead)
	known := func() (missing string) {
		for _, node := range s.nodes[:n-1] {
			if m, _ := node.M.Member(dead.Name); m.State != wire.Failed {
				missing += fmt.Sprint(" ", node.Name)
			}
		}
		return missing
	}
	at := s.Now()
	if !s.RunUntil(at+time.Minute, func() bool { return known() == "" }) {
		t.Errorf("a minute after the crash these do not know:%s", known())
	}
	t.Logf("known to all after %v", s.Now()-at)
}
