//go:build !race

package swim

import "testing"

// The race detector makes pools forget, so this does not hold under it.
func TestPacketsAllocateNothing(t *testing.T) {
	for name, test := range steadyTraffic {
		t.Run(name, func(t *testing.T) {
			c := newCable(t, test.sealer)
			packet := c.ping(t, test.updates)
			for range 100 { // until all pools and tables are warm
				c.exchange(packet)
			}
			if allocs := testing.AllocsPerRun(2000, func() { c.exchange(packet) }); allocs != 0 {
				t.Errorf("%v allocations for a packet in and one out", allocs)
			}
			if s := c.node.Stats(); s.Drops != (Drops{}) || s.PacketsOut < 2000 {
				t.Errorf("%d packets sent, dropped %+v", s.PacketsOut, s.Drops)
			}
		})
	}
}
