package swim_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

func TestRTT(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		n.SetFaults(transport.Faults{MinDelay: 5 * time.Millisecond, MaxDelay: 5 * time.Millisecond})
		nodes := n.cluster("a", "b", "c")
		a := nodes[0]
		for _, name := range []string{"a", "nobody", ""} {
			if rtt, ok := a.RTT(name); ok || rtt != (swim.RTT{}) {
				t.Errorf("RTT(%q) = %+v, %v", name, rtt, ok)
			}
		}
		n.pass(time.Minute)
		for _, name := range []string{"b", "c"} {
			rtt, ok := a.RTT(name)
			if !ok || rtt.Smoothed < 10*time.Millisecond || rtt.Smoothed > 11*time.Millisecond || rtt.Deviation > time.Millisecond {
				t.Errorf("RTT(%q) = %+v, %v, want 10 ms", name, rtt, ok)
			}
		}
		// The way becomes four times as long: that shows within a few minutes.
		n.SetFaults(transport.Faults{MinDelay: 20 * time.Millisecond, MaxDelay: 20 * time.Millisecond})
		n.pass(2 * time.Minute)
		if rtt, ok := a.RTT("b"); !ok || rtt.Smoothed < 38*time.Millisecond || rtt.Smoothed > 42*time.Millisecond {
			t.Errorf("RTT = %+v, %v, want 40 ms", rtt, ok)
		}
		// A member that is gone keeps its last value, and so does a node that is closed.
		_ = nodes[1].Close()
		n.waitState(a, "b", swim.Failed)
		before, ok := a.RTT("b")
		_ = a.Close()
		if after, still := a.RTT("b"); !ok || !still || after != before {
			t.Errorf("RTT = %+v, %v after Close, and %+v, %v before", after, still, before, ok)
		}
	})
}
