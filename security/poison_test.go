package security_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/swim-go/swim/security"
)

// Whoever had a key and has it no longer cannot keep a member silent.
func TestPoisonedSession(t *testing.T) {
	for _, s := range sealers {
		ringA, ringB := ringOf(t, keyOf(1)), ringOf(t, keyOf(1))
		a, b, evil := s.make(ringA), s.make(ringB), s.make(ringOf(t, keyOf(1)))
		first := sealOf(t, a, "hello")
		expect(t, b, bytes.Clone(first), nil)
		evil.SetSessions(func(s []byte) { copy(s, first[4:16]) }) // seen on the wire
		sealOf(t, evil, "")
		evil.Count(security.SessionPackets - 1)
		expect(t, b, sealOf(t, evil, "poison"), nil)
		expect(t, b, sealOf(t, a, "while he has the key"), security.ErrReplay)
		for _, r := range []*security.Keyring{ringA, ringB} {
			change(t, r.Add(keyOf(2)))
		}
		for _, r := range []*security.Keyring{ringA, ringB} {
			change(t, r.Use(keyOf(2).ID()))
		}
		for _, r := range []*security.Keyring{ringA, ringB} {
			change(t, r.Remove(keyOf(1).ID()))
		}
		expect(t, b, sealOf(t, a, "after the rotation"), nil)
	}
}

// The same for the table.
func TestPoisonedTable(t *testing.T) {
	c := struct {
		*crowd
		ring *security.Keyring
	}{newCrowd(t), ringOf(t)}
	c.node = security.NewHMAC(c.ring)
	c.clock.on(c.node)
	change(t, c.node.LimitReplay(security.ReplayLimits{MaxSessions: 4}))
	for range 4 {
		evil := c.peer()
		c.hear(evil, nil)
		clock := newClock()
		*clock = *c.clock
		clock.on(evil)
		clock.pass(20 * 365 * 24 * time.Hour)
		c.hear(evil, nil)
	}
	c.clock.pass(24 * time.Hour)
	c.hear(c.peer(), security.ErrSessions)
	change(t, c.ring.Add(keyOf(2)))
	change(t, c.ring.Use(keyOf(2).ID()))
	change(t, c.ring.Remove(keyOf(1).ID()))
	honest := security.NewHMAC(ringOf(t, keyOf(2)))
	c.clock.on(honest)
	c.hear(honest, nil)
}
