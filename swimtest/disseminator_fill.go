package swimtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/wire"
)

func disseminatorAppends(t testing.TB, newDisseminator func() swim.Disseminator) {
	d := newDisseminator()
	d.Add(alive("a", 1))
	before := []wire.Update{alive("x", 1), suspicion("y", 2, "z")}
	for _, room := range []int{0, 8} {
		dst := append(make([]wire.Update, 0, len(before)+room), before...)
		got := d.Fill(dst, roomOf(wide, 9))
		if len(got) < len(before) || !slices.Equal(got[:len(before)], before) {
			t.Fatalf("Fill made %q of a dst of %q", said(got), said(before))
		}
		wantSaid(t, "behind what dst held", got[len(before):], alive("a", 1))
	}
}

func disseminatorFits(t testing.TB, newDisseminator func() swim.Disseminator) {
	d := newDisseminator()
	for i := range 30 {
		d.Add(alive(strings.Repeat(string(rune('a'+i%26)), 1+i), 1))
	}
	told := []wire.Update{alive("told", 1)} // takes nothing of the room
	for bytes := -1; bytes < 300; bytes++ {
		taken := 0
		for _, u := range d.Fill(told, roomOf(bytes, 1<<20))[len(told):] {
			taken += claimBytes(&u)
		}
		if taken > max(bytes, 0) {
			t.Fatalf("Fill gave %d bytes of claims for a room of %d", taken, bytes)
		}
	}
}

// disseminatorPassesLarge has a small claim wait before a large one and behind it, of all
// states, since one may go before another. Not all that fits one packet has to be in it.
func disseminatorPassesLarge(t testing.TB, newDisseminator func() swim.Disseminator) {
	const roomBytes = 40
	large, small := alive(strings.Repeat("large-", 6), 1), alive("small", 1)
	for _, large.State = range claimable {
		for _, small.State = range claimable {
			for _, order := range [][]wire.Update{{large, small}, {small, large}} {
				d := newDisseminator()
				for _, u := range order {
					d.Add(u)
				}
				var got []wire.Update
				for range 5 {
					got = append(got, d.Fill(nil, roomOf(roomBytes, 20))...)
				}
				what := fmt.Sprintf("%v of %d bytes and then %v of %d", order[0].State, claimBytes(&order[0]), order[1].State, claimBytes(&order[1]))
				wantSaid(t, fmt.Sprintf("in 5 rooms of %d bytes, after %s", roomBytes, what), got, small)
				for range 5 {
					got = append(got, d.Fill(nil, roomOf(wide, 20))...)
				}
				wantSaid(t, "in 5 wide rooms after narrow ones, after "+what, got, large, small)
			}
		}
	}
}

// claimable are the states that a claim may be of.
var claimable = []wire.State{wire.Alive, wire.Suspect, wire.Failed, wire.Left}

func disseminatorCounts(t testing.TB, newDisseminator func() swim.Disseminator) {
	const limit = 3
	d := newDisseminator()
	for i := range 10 {
		d.Add(alive(fmt.Sprint("node-", i), 1))
	}
	d.Add(suspicion("s", 1, "x"))
	d.Add(suspicion("s", 1, "y"))
	counts := make(map[string]int)
	for range 100 {
		packet := said(d.Fill(nil, roomOf(70, limit)))
		if len(slices.Compact(slices.Clone(packet))) < len(packet) {
			t.Fatalf("Fill gave a claim twice in one packet: %q", packet)
		}
		for _, claim := range packet {
			counts[claim]++
		}
	}
	if len(counts) != 12 {
		t.Errorf("of 12 claims, Fill gave %d", len(counts))
	}
	for claim, n := range counts {
		if n > limit {
			t.Errorf("Fill gave %q %d times, with a Limit of %d", claim, n, limit)
		}
	}
	if got := d.Fill(nil, roomOf(wide, limit)); len(got) > 0 {
		t.Errorf("Fill gave %q after 100 packets", said(got))
	}
}

func disseminatorSkips(t testing.TB, newDisseminator func() swim.Disseminator) {
	d := newDisseminator()
	d.Add(suspicion("told", 1, "x"))
	d.Add(suspicion("told", 1, "y"))
	d.Add(alive("a", 1))
	for range 9 {
		got := d.Fill([]wire.Update{alive("told", 0)}, roomOf(wide, 9))
		if slices.ContainsFunc(got[1:], func(u wire.Update) bool { return u.Name == "told" }) {
			t.Fatalf("Fill gave %q, where dst had a claim about told", said(got[1:]))
		}
	}
	// What was skipped was not sent: it waits for the next.
	d.Forget("a")
	wantSaid(t, "after it was skipped", packets(d), suspicion("told", 1, "x"), suspicion("told", 1, "y"))
}

func disseminatorIsLimited(t testing.TB, newDisseminator func() swim.Disseminator) {
	d := newDisseminator()
	d.Add(alive("a", 1))
	for _, limit := range []int{0, -1} {
		wantSaid(t, fmt.Sprintf("with a Limit of %d", limit), d.Fill(nil, roomOf(wide, limit)))
	}
}
