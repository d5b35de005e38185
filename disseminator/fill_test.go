package disseminator

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/swim-go/swim/wire"
)

func TestNoLimitOrRoomChangesNothing(t *testing.T) {
	var p Piggyback
	p.Add(claim("a", 1))
	for _, r := range []wire.Room{{}, room(0, 5), room(-1, 5), room(5, 0), room(5, -1)} {
		if got := p.Fill(nil, r); len(got) != 0 || p.Len() != 1 {
			t.Errorf("room %d bytes, limit %d: packet %q, and %d wait", r.Bytes, r.Limit, brief(got), p.Len())
		}
	}
}

func TestFillSkipsMembersOfDst(t *testing.T) {
	var p Piggyback
	p.Add(suspicion("a", "x"))
	p.Add(suspicion("a", "y"))
	p.Add(claim("b", 1))
	dst := []wire.Update{suspicion("a", "buddy"), claim("unknown", 3)}
	expect(t, "about a already", p.Fill(dst, room(9, 2)), "a1<buddy unknown3 b1")
	expect(t, "next packet", p.Fill(nil, room(9, 2)), "a1<y a1<x b1")
}

func TestFillSkipsTheWholeQueue(t *testing.T) {
	var p Piggyback
	var dst []wire.Update
	for i := range 50 {
		dst = append(dst, claim(fmt.Sprint("m", i), 1))
		p.Add(dst[i])
	}
	if got := p.Fill(dst, room(99, 9)); len(got) != 50 || p.Len() != 50 {
		t.Errorf("packet of %d and %d wait, want 50 and 50", len(got), p.Len())
	}
}

func sized(u *wire.Update) int { return len(u.Meta) }

func large(name string, bytes int) wire.Update {
	u := claim(name, 1)
	u.Meta = strings.Repeat("x", bytes)
	return u
}

func TestFillTriesSmallerClaims(t *testing.T) {
	var p Piggyback
	p.Add(large("small", 20))
	p.Add(large("big", 90))
	p.Add(large("half", 50))
	r := wire.Room{Bytes: 100, Size: sized, Limit: 9}
	expect(t, "half leaves no room for big", p.Fill(nil, r), "half1 small1")
	expect(t, "big has waited", p.Fill(nil, r), "big1")
}

func TestLookAheadIsBounded(t *testing.T) {
	for misses := lookAhead - 1; misses <= lookAhead; misses++ {
		var p Piggyback
		p.Add(large("small", 20))
		for i := range misses {
			p.Add(large(fmt.Sprint("big", i), 90))
		}
		p.Add(large("half", 50))
		calls := 0
		got := p.Fill(nil, wire.Room{Bytes: 100, Limit: 9, Size: func(u *wire.Update) int {
			calls++
			return sized(u)
		}})
		if want := 2 - misses/lookAhead; len(got) != want || calls > 1+lookAhead {
			t.Errorf("past %d misses: %d claims with %d tries, want %d with at most %d", misses, len(got), calls, want, 1+lookAhead)
		}
	}
}

// Claims too large for any packet must not keep others from being sent, nor
// cost each packet a walk past all of them. A peer with larger packets, or a
// forger, can have us hold any number of them.
func TestOversizedClaimsAreInNobodysWay(t *testing.T) {
	const oversized = 5 * lookAhead
	var p Piggyback
	for i := range 3 {
		p.Add(large(fmt.Sprint("sent", i), 20))
	}
	calls := 0
	r := wire.Room{Bytes: 100, Limit: 9, Size: func(u *wire.Update) int {
		calls++
		return sized(u)
	}}
	p.Fill(nil, r)
	p.Add(large("waiting", 20))
	for i := range oversized {
		p.Add(large(fmt.Sprint("oversized", i), 101))
	}
	counts := make(map[string]int)
	for range 1 + oversized/lookAhead {
		calls = 0
		for _, u := range p.Fill(nil, r) {
			counts[u.Name]++
		}
		if limit := 4 + 3*lookAhead; calls > limit {
			t.Errorf("a packet took %d tries, want at most %d", calls, limit)
		}
	}
	if len(counts) != 4 || counts["waiting"] == 0 || counts["sent0"] < 4 {
		t.Errorf("sent %v, want all that fit", counts)
	}
	if p.Len() != oversized+4 {
		t.Errorf("%d claims wait, want %d", p.Len(), oversized+4)
	}
	wide := wire.Room{Bytes: 101, Size: sized, Limit: 9}
	if got := p.Fill(nil, wide); len(got) != 1 || len(got[0].Meta) != 101 {
		t.Errorf("a wider packet took %q, want one oversized", brief(got))
	}
}

// A claim that is alone in a node without a limit to speak of is sent for years.
func TestCountsDoNotOverflow(t *testing.T) {
	var p Piggyback
	p.Add(claim("a", 1))
	p.queue.unlink(1)
	p.queue.entries[1].sent = math.MaxInt32 - 2
	p.queue.link(1, none)
	expect(t, "before the last", p.Fill(nil, room(1, math.MaxInt)), "a1")
	expect(t, "the last", p.Fill(nil, room(1, math.MaxInt)), "a1")
	if p.Len() != 0 {
		t.Errorf("%d claims wait, want none", p.Len())
	}
}
