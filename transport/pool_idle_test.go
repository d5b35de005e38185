package transport

import (
	"net/netip"
	"testing"
	"time"
)

// A session that is not overdue is looked at again later, and not at once: while a peer
// does not read, its packets wait, and the reader would take a processor.
func TestSessionsAreLookedAtLater(t *testing.T) {
	a, err := ListenTCP(t.Context(), TCPConfig{Bind: "127.0.0.1:0", IdleTimeout: time.Second, Timeout: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	a.born = a.born.Add(-time.Hour)
	now := a.now()
	for _, queued := range []int{0, 1} {
		for _, used := range []time.Duration{now, now - 500*time.Millisecond, now - time.Minute} {
			for _, asked := range []time.Duration{0, now - time.Second, now - time.Minute} {
				s := a.newSession(netip.MustParseAddrPort("127.0.0.1:1"), true)
				s.queued, s.used, s.asked = queued, used, asked
				if next := s.nextLook(); s.overdue() == nil && next <= a.now() {
					t.Errorf("%d queued, used %v ago, asked %v ago: next look %v ago", queued, now-used, now-asked, a.now()-next)
				}
			}
		}
	}
}
