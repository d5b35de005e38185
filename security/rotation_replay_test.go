package security_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/security"
)

// SECURITY.md: a packet that its receiver never got opens there as long as its sender is
// not some thousand packets further.
func TestNeverReceivedPacketsExpireInARotation(t *testing.T) {
	ringA, ringB := ringOf(t, keyOf(1)), ringOf(t, keyOf(1))
	a, b := security.NewXChaCha20Poly1305(ringA), security.NewXChaCha20Poly1305(ringB)
	expect(t, b, sealOf(t, a, "1"), nil)
	never := sealOf(t, a, "held back, or meant for another")
	for _, r := range []*security.Keyring{ringA, ringB} {
		change(t, r.Add(keyOf(2)))
	}
	for _, r := range []*security.Keyring{ringA, ringB} {
		change(t, r.Use(keyOf(2).ID()))
	}
	a.Count(1 << 30) // a month later
	expect(t, b, sealOf(t, a, "now"), nil)
	expect(t, b, never, security.ErrReplay)
}

// A session of which another key still opens packets is not forgotten for nothing.
func TestForgottenOnlyIfAllItsKeysAreRetired(t *testing.T) {
	c := newCrowd(t)
	ring := ringOf(t, keyOf(1), keyOf(2))
	c.node = security.NewHMAC(ring)
	c.clock.on(c.node)
	change(t, c.node.LimitReplay(security.ReplayLimits{MaxSessions: 4}))
	// A member whose clock is ahead, as far as is allowed.
	peerRing := ringOf(t, keyOf(1), keyOf(2))
	peer := security.NewHMAC(peerRing)
	ahead := newClock()
	*ahead = *c.clock
	ahead.on(peer)
	ahead.pass(110 * time.Second)
	first := sealOf(t, peer, "debit")
	expect(t, c.node, first, nil)
	// Its last packets are of the other key, and its clock is an hour ahead by then.
	change(t, peerRing.Use(keyOf(2).ID()))
	ahead.pass(time.Hour)
	expect(t, c.node, sealOf(t, peer, "x"), nil)
	change(t, ring.Remove(keyOf(2).ID())) // back to the first
	for range 3 {
		c.hear(c.peer(), nil)
	}
	c.clock.pass(security.DefaultMaxSkew + time.Second)
	for range 4 {
		_, _ = c.node.Open(nil, sealOf(t, c.peer(), "makes room"), header)
	}
	change(t, c.node.LimitReplay(security.ReplayLimits{MaxSessions: 8}))
	if _, err := c.node.Open(nil, append([]byte(nil), first...), header); err == nil {
		t.Errorf("what opened before opens again; %+v", c.node.Stats())
	}
}
