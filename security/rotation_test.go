package security_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/security"
)

// member is a node in a rotation from one key to another.
type member struct {
	ring   *security.Keyring
	sealer *security.KeyedSealer
	done   int // steps taken
}

// The steps of a rotation.
const (
	untouched = iota
	added
	used
	removed
)

func newMember(t *testing.T, make func(*security.Keyring) *security.KeyedSealer, old security.Key) *member {
	ring := ringOf(t, old)
	return &member{ring: ring, sealer: make(ring)}
}

// step takes the next step.
func (m *member) step(old, next security.Key) error {
	m.done++
	switch m.done {
	case added:
		return m.ring.Add(next)
	case used:
		return m.ring.Use(next.ID())
	default:
		return m.ring.Remove(old.ID())
	}
}

// orders are all ways in which two members can take three steps each.
func orders(a, b int) [][]int {
	if a == 0 && b == 0 {
		return [][]int{nil}
	}
	var all [][]int
	if a > 0 {
		for _, rest := range orders(a-1, b) {
			all = append(all, append([]int{0}, rest...))
		}
	}
	if b > 0 {
		for _, rest := range orders(a, b-1) {
			all = append(all, append([]int{1}, rest...))
		}
	}
	return all
}

// rightly reports whether nobody uses a key that the other has not added, or
// removes one that the other still uses.
func rightly(order []int) bool {
	var done [2]int
	for _, who := range order {
		done[who]++
		other := done[1-who]
		if done[who] == used && other < added || done[who] == removed && other < used {
			return false
		}
	}
	return true
}

// Every order of the steps of two members, with a packet each way before and
// after each step. Where the steps are staged rightly, all packets open, each of
// them once. Else some do not, with ErrKey, and nothing else goes wrong.
func TestRotationInEveryOrder(t *testing.T) {
	old, next := keyOf(1), keyOf(2)
	for _, s := range sealers {
		right := 0
		for _, order := range orders(3, 3) {
			members := []*member{newMember(t, s.make, old), newMember(t, s.make, old)}
			lost := 0
			talk := func() {
				for from := range members {
					packet := sealOf(t, members[from].sealer, "a message")
					switch _, err := members[1-from].sealer.Open(nil, packet, header); {
					case errors.Is(err, security.ErrKey):
						lost++
						continue
					case err != nil:
						t.Errorf("%s, order %v: %v", s.name, order, err)
					}
					expect(t, members[1-from].sealer, packet, security.ErrReplay)
				}
			}
			talk()
			for _, who := range order {
				if err := members[who].step(old, next); err != nil {
					t.Fatalf("%s, order %v: %v", s.name, order, err)
				}
				talk()
			}
			if rightly(order) {
				right++
			}
			if rightly(order) != (lost == 0) {
				t.Errorf("%s, order %v: %d packets lost, staged rightly: %v", s.name, order, lost, rightly(order))
			}
		}
		if right != 8 { // two members in either order at each of three steps
			t.Errorf("%d orders are right, want 8: the test tells them apart wrongly", right)
		}
	}
}

// A packet that is under way while its receiver takes a step arrives all the same,
// except for the last one: what is still sealed with the old key has to arrive first.
func TestPacketsUnderWayDuringRotation(t *testing.T) {
	old, next := keyOf(1), keyOf(2)
	for _, s := range sealers {
		a, b := newMember(t, s.make, old), newMember(t, s.make, old)
		for step := added; step <= removed; step++ {
			for _, m := range []*member{a, b} {
				packets := [][]byte{sealOf(t, a.sealer, "from a"), sealOf(t, b.sealer, "from b")}
				if err := m.step(old, next); err != nil {
					t.Fatal(err)
				}
				expect(t, b.sealer, packets[0], nil)
				expect(t, a.sealer, packets[1], nil)
			}
		}
	}
	a, b := newMember(t, sealers[0].make, old), newMember(t, sealers[0].make, old)
	slow := sealOf(t, a.sealer, "slow")
	for range removed {
		change(t, b.step(old, next))
	}
	expect(t, b.sealer, slow, security.ErrKey)
}

// Who rotates keeps its session: nobody's table grows, and no clock is asked.
func TestRotationKeepsSessions(t *testing.T) {
	old, next := keyOf(1), keyOf(2)
	for _, s := range sealers {
		a, b := newMember(t, s.make, old), newMember(t, s.make, old)
		clock, wrong := newClock(), newClock()
		clock.on(a.sealer)
		wrong.on(b.sealer)
		expect(t, b.sealer, sealOf(t, a.sealer, "hello"), nil)
		wrong.set(time.Hour)
		late := sealOf(t, a.sealer, "under way")
		for range removed {
			change(t, a.step(old, next), b.step(old, next))
			if b.done == used {
				expect(t, b.sealer, late, nil)
			}
			packet := sealOf(t, a.sealer, "hello")
			expect(t, b.sealer, packet, nil)
			expect(t, b.sealer, packet, security.ErrReplay)
		}
		if got := b.sealer.Stats(); got.Sessions != 1 {
			t.Errorf("%s: %+v, want one session", s.name, got)
		}
	}
}

// A member that was absent during a rotation is refused, and understands nobody,
// until it has caught up.
func TestLateMemberCatchesUp(t *testing.T) {
	old, next := keyOf(1), keyOf(2)
	for _, s := range sealers {
		here, late := newMember(t, s.make, old), newMember(t, s.make, old)
		for range removed {
			change(t, here.step(old, next))
		}
		expect(t, here.sealer, sealOf(t, late.sealer, "hello"), security.ErrKey)
		expect(t, late.sealer, sealOf(t, here.sealer, "hello"), security.ErrKey)
		for step := range removed {
			change(t, late.step(old, next))
			want := error(security.ErrKey)
			if step+1 >= used {
				want = nil
			}
			expect(t, here.sealer, sealOf(t, late.sealer, fmt.Sprint(step)), want)
			expect(t, late.sealer, sealOf(t, here.sealer, fmt.Sprint(step)), nil)
		}
	}
}
