package security_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/security"
)

// crowd is a receiver with room for four sessions, all on one clock.
type crowd struct {
	t     *testing.T
	clock *fakeClock
	node  *security.KeyedSealer
}

func newCrowd(t *testing.T) *crowd {
	c := &crowd{t, newClock(), security.NewHMAC(ringOf(t))}
	c.clock.on(c.node)
	if err := c.node.LimitReplay(security.ReplayLimits{MaxSessions: 4}); err != nil {
		t.Fatal(err)
	}
	return c
}

// peer returns a sender with a session of its own.
func (c *crowd) peer() *security.KeyedSealer {
	p := security.NewHMAC(ringOf(c.t))
	c.clock.on(p)
	return p
}

func (c *crowd) hear(from *security.KeyedSealer, want error) []byte {
	c.t.Helper()
	packet := sealOf(c.t, from, "a message")
	expect(c.t, c.node, packet, want)
	return packet
}

func TestFullTableRefusesNewSessionsAlone(t *testing.T) {
	c := newCrowd(t)
	var peers []*security.KeyedSealer
	for range 4 {
		peers = append(peers, c.peer())
		c.hear(peers[len(peers)-1], nil)
	}
	late := c.peer()
	for range 3 {
		c.hear(late, security.ErrSessions)
		for _, p := range peers {
			c.hear(p, nil)
		}
		c.clock.pass(security.DefaultMaxSkew)
	}
	if got := c.node.Stats(); got.Full != 3 || got.Sessions != 4 || got.Forgotten != 0 {
		t.Errorf("%+v", got)
	}
}

func TestForgottenSessionStaysReplayed(t *testing.T) {
	c := newCrowd(t)
	gone := c.peer()
	packets := [][]byte{c.hear(gone, nil), c.hear(gone, nil)}
	others := []*security.KeyedSealer{c.peer(), c.peer(), c.peer()}
	c.clock.pass(security.DefaultMaxSkew + time.Second)
	for _, p := range others {
		c.hear(p, nil)
	}
	c.hear(c.peer(), nil) // takes the place of the one that is gone
	if got := c.node.Stats(); got.Forgotten != 1 || got.Sessions != 4 {
		t.Fatalf("%+v, want one forgotten", got)
	}
	for range 3 {
		for _, packet := range packets {
			expect(t, c.node, packet, security.ErrSkew)
		}
		c.clock.set(-security.DefaultMaxSkew)
	}
}

// Not even a clock that is set back, and is believed in the end, brings the times
// of a forgotten session into range again.
func TestForgottenSessionStaysReplayedAfterATurn(t *testing.T) {
	c := newCrowd(t)
	gone, then := c.peer(), c.clock.unix
	packet := c.hear(gone, nil)
	others := []*security.KeyedSealer{c.peer(), c.peer(), c.peer()}
	c.clock.pass(security.DefaultMaxSkew + time.Second)
	for _, p := range append(others, c.peer()) {
		c.hear(p, nil)
	}
	if c.node.Stats().Forgotten != 1 {
		t.Fatal("nothing was forgotten")
	}
	c.clock.set(-2 * time.Hour)
	expect(t, c.node, packet, security.ErrSkew)
	c.clock.pass(time.Hour + time.Second)
	c.clock.unix = then
	expect(t, c.node, packet, security.ErrSkew)
	if got := c.node.Stats(); got.Sessions != 4 || got.Forgotten != 1 || got.Full != 0 {
		t.Errorf("%+v: room was sought for a replay", got)
	}
}

// A session that is forgotten and comes back is admitted again, with what is new
// of it alone.
func TestForgottenSessionComesBack(t *testing.T) {
	c := newCrowd(t)
	back := c.peer()
	packets := [][]byte{c.hear(back, nil), c.hear(back, nil)}
	c.clock.pass(security.DefaultMaxSkew + time.Second)
	var others []*security.KeyedSealer
	for range 4 {
		others = append(others, c.peer())
		c.hear(others[len(others)-1], nil)
	}
	if c.node.Stats().Forgotten != 1 {
		t.Fatal("nothing was forgotten")
	}
	c.hear(back, security.ErrSessions)
	c.clock.pass(security.DefaultMaxSkew + time.Second)
	first, second := sealOf(t, back, "late"), sealOf(t, back, "in time")
	expect(t, c.node, second, nil)
	expect(t, c.node, first, nil)
	for _, packet := range packets {
		// Counters that a new window has no mark for; the time is what tells.
		expect(t, c.node, packet, security.ErrSkew)
	}
	expect(t, c.node, second, security.ErrReplay)
}

// Only one clock says that a session is over: that is not enough to forget it.
func TestSessionIsForgottenByBothClocksOnly(t *testing.T) {
	for name, spoil := range map[string]func(c *crowd){
		"our clock was set forward":      func(c *crowd) { c.clock.set(time.Hour) },
		"the senders' clocks were ahead": func(c *crowd) { c.clock.pass(security.DefaultMaxSkew + time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCrowd(t)
			ahead := *c.clock
			ahead.set(security.DefaultMaxSkew)
			var peers []*security.KeyedSealer
			for range 4 {
				p := c.peer()
				ahead.on(p)
				peers = append(peers, p)
			}
			for range 3 { // so that it is the last packet that counts
				for _, p := range peers {
					c.hear(p, nil)
				}
				ahead.pass(5 * time.Minute)
				c.clock.pass(5 * time.Minute)
			}
			for _, p := range peers {
				c.hear(p, nil)
			}
			spoil(c)
			c.hear(c.peer(), security.ErrSessions)
			for _, p := range peers {
				c.hear(p, nil)
			}
		})
	}
}

func TestSmallerTableShrinksAsItMay(t *testing.T) {
	c := newCrowd(t)
	change(t, c.node.LimitReplay(security.ReplayLimits{MaxSessions: 8}))
	var peers []*security.KeyedSealer
	for range 8 {
		peers = append(peers, c.peer())
		c.hear(peers[len(peers)-1], nil)
	}
	change(t, c.node.LimitReplay(security.ReplayLimits{MaxSessions: 4}))
	for _, p := range peers {
		c.hear(p, nil)
	}
	c.hear(c.peer(), security.ErrSessions)
	c.clock.pass(security.DefaultMaxSkew + time.Second)
	c.hear(peers[5], nil)
	c.hear(c.peer(), nil)
	c.hear(peers[5], nil)
	if got := c.node.Stats(); got.Sessions != 4 || got.Forgotten != 5 {
		t.Errorf("%+v, want it to have shrunk to its limit", got)
	}
}

func TestSessionEndsWithItsCounter(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		a, b := sealer(), sealer()
		before := sealOf(t, a, "1")
		expect(t, b, before, nil)
		a.Count(security.SessionPackets - 1)
		last, next := sealOf(t, a, "the last"), sealOf(t, a, "the next")
		if counterOf(last) != security.SessionPackets || sessionOf(last) != sessionOf(before) {
			t.Errorf("the last of a session is %d of %s", counterOf(last), sessionOf(last))
		}
		if counterOf(next) != 1 || sessionOf(next) == sessionOf(before) {
			t.Errorf("the next is %d of %s, want 1 of another session", counterOf(next), sessionOf(next))
		}
		for _, packet := range [][]byte{next, last} {
			expect(t, b, packet, nil)
			expect(t, b, packet, security.ErrReplay)
		}
	})
}

func TestEachSealerHasItsSession(t *testing.T) {
	ring := ringOf(t)
	seen := make(map[string]bool)
	for range 100 {
		seen[sessionOf(sealOf(t, security.NewAESGCM(ring), ""))] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d sessions of 100 sealers", len(seen))
	}
}
