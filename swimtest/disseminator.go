package swimtest

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/wire"
)

// TestDisseminator checks that a disseminator keeps the contract of [swim.Disseminator].
// Each call of newDisseminator makes that of another node.
//
// That it does not call the Node, and keeps to one goroutine, cannot be seen from here.
func TestDisseminator(t *testing.T, newDisseminator func() swim.Disseminator) {
	run(t, disseminatorSentences, just(newDisseminator))
}

const (
	saysDisseminatorAdd  = "It replaces all claims about the same member that it supersedes; claims equal but for the accuser stand side by side."
	saysDisseminatorFill = "Fill appends to dst claims that fit room, and counts each as sent once."
)

var disseminatorSentences = []sentence[func() swim.Disseminator]{
	{
		name:  "Add takes a claim to be spread",
		says:  "Add takes a claim to be spread.",
		check: disseminatorSpreads,
	},
	{
		name:  "Add replaces what the claim supersedes",
		says:  saysDisseminatorAdd,
		check: disseminatorReplaces,
	},
	{
		name:  "Claims of several accusers stand side by side",
		says:  saysDisseminatorAdd,
		check: disseminatorKeepsAccusers,
	},
	{
		name:  "A claim that one waiting supersedes changes nothing",
		says:  "A claim that one waiting supersedes changes nothing.",
		check: disseminatorIgnoresOld,
	},
	{
		name:  "Fill appends to dst",
		says:  saysDisseminatorFill,
		check: disseminatorAppends,
	},
	{
		name:  "Fill keeps to its room",
		says:  saysDisseminatorFill,
		check: disseminatorFits,
	},
	{
		name:  "A claim too large for the room holds up no other",
		says:  "A claim that does not fit keeps no other from being sent.",
		check: disseminatorPassesLarge,
	},
	{
		name:  "Fill counts each claim as sent once",
		says:  saysDisseminatorFill,
		check: disseminatorCounts,
	},
	{
		name:  "Fill skips members that dst has a claim about",
		says:  "It skips members that dst has a claim about when it is called.",
		check: disseminatorSkips,
	},
	{
		name:  "A Limit below 1 sends nothing",
		says:  "A Limit below 1 sends nothing.",
		check: disseminatorIsLimited,
	},
	{
		name:  "Forget drops all claims about a member",
		says:  "Forget drops all claims about a member.",
		check: disseminatorForgets,
	},
	{
		name:  "Len is how many claims wait",
		says:  "Len is how many claims wait.",
		check: disseminatorLen,
	},
	{
		name:  "Memory stays bounded whatever is added",
		says:  "Memory must stay bounded whatever is added.",
		check: disseminatorIsBounded,
	},
	{
		name:   "No call blocks",
		says:   "It is called by one goroutine, must not block and must not call the Node.",
		check:  disseminatorDoesNotBlock,
		bubble: true,
	},
	valid(func(newDisseminator func() swim.Disseminator) any { return newDisseminator() }),
}

func alive(name string, incarnation uint32) wire.Update {
	return wire.Update{Member: wire.Member{Name: name, Addr: "127.0.0.1:7946", Incarnation: incarnation, State: wire.Alive}}
}

func suspicion(name string, incarnation uint32, from string) wire.Update {
	u := alive(name, incarnation)
	u.State, u.From = wire.Suspect, from
	return u
}

// claimBytes is what a claim takes in the rooms of these checks.
func claimBytes(u *wire.Update) int { return 10 + len(u.Name) }

func roomOf(bytes, limit int) wire.Room {
	return wire.Room{Bytes: bytes, Limit: limit, Size: claimBytes}
}

// wide holds whatever the checks add.
const wide = 1 << 20

// said tells claims apart, in order of their text.
func said(claims []wire.Update) []string {
	var all []string
	for _, u := range claims {
		all = append(all, fmt.Sprintf("%s %v %d by %q", u.Name, u.State, u.Incarnation, u.From))
	}
	slices.Sort(all)
	return all
}

// wantSaid fails t unless claims are those, in any order.
func wantSaid(t testing.TB, what string, claims []wire.Update, want ...wire.Update) {
	t.Helper()
	if got, want := slices.Compact(said(claims)), said(want); !slices.Equal(got, want) {
		t.Errorf("%s: Fill gave %q, want %q", what, got, want)
	}
}

// packets are what several packets hold together: not all that fits one has to be in it.
func packets(d swim.Disseminator) (claims []wire.Update) {
	for range 5 {
		claims = append(claims, d.Fill(nil, roomOf(wide, 9))...)
	}
	return claims
}

func disseminatorSpreads(t testing.TB, newDisseminator func() swim.Disseminator) {
	d := newDisseminator()
	u := wire.Update{
		Member: wire.Member{
			Name: "a", Addr: "127.0.0.1:1", Meta: notText, Token: notText,
			Epoch: 1 << 63, Incarnation: 7, State: wire.Failed,
		},
		From: "b", Age: 60,
	}
	d.Add(u)
	if got := d.Fill(nil, roomOf(wide, 3)); len(got) != 1 || got[0] != u {
		t.Errorf("Fill gave %+v, want %+v", got, u)
	}
}

func disseminatorReplaces(t testing.TB, newDisseminator func() swim.Disseminator) {
	newer := suspicion("a", 2, "x")
	newer.Epoch = 1
	for _, later := range []wire.Update{alive("a", 2), suspicion("a", 2, "z"), newer} {
		d := newDisseminator()
		d.Add(alive("b", 1))
		d.Add(suspicion("a", 1, "x"))
		d.Add(suspicion("a", 1, "y"))
		d.Fill(nil, roomOf(wide, 9))
		d.Add(later)
		wantSaid(t, "after a claim that supersedes two", packets(d), later, alive("b", 1))
	}
}

// disseminatorIgnoresOld brings what others still say of a member of which news waits.
func disseminatorIgnoresOld(t testing.TB, newDisseminator func() swim.Disseminator) {
	left, restarted := alive("a", 5), alive("a", 1)
	left.State, restarted.Epoch = wire.Left, 1
	for _, newer := range []wire.Update{alive("a", 5), suspicion("a", 5, "x"), left, restarted} {
		d := newDisseminator()
		d.Add(newer)
		for _, late := range []wire.Update{alive("a", 4), suspicion("a", 4, "x"), suspicion("a", 4, "z")} {
			d.Add(late)
			wantSaid(t, fmt.Sprintf("after %q and then %q", said([]wire.Update{newer}), said([]wire.Update{late})), packets(d), newer)
			d.Forget("a")
			d.Add(newer)
		}
	}
}

func disseminatorKeepsAccusers(t testing.TB, newDisseminator func() swim.Disseminator) {
	d := newDisseminator()
	claims := []wire.Update{suspicion("a", 1, "x"), suspicion("a", 1, "y"), suspicion("a", 1, "z")}
	for _, u := range claims {
		d.Add(u)
	}
	wantSaid(t, "after three accusers", packets(d), claims...)
}

func disseminatorForgets(t testing.TB, newDisseminator func() swim.Disseminator) {
	d := newDisseminator()
	d.Forget("a") // of whom nothing waits
	for _, u := range []wire.Update{suspicion("a", 1, "x"), alive("b", 1), suspicion("a", 1, "y")} {
		d.Add(u)
	}
	d.Forget("a")
	if d.Len() != 1 {
		t.Errorf("Len is %d after Forget of one of two members, want 1", d.Len())
	}
	wantSaid(t, "after Forget of a", d.Fill(nil, roomOf(wide, 9)), alive("b", 1))
	d.Add(suspicion("a", 1, "x"))
	wantSaid(t, "after Forget and Add of a", packets(d), alive("b", 1), suspicion("a", 1, "x"))
}

func disseminatorLen(t testing.TB, newDisseminator func() swim.Disseminator) {
	d := newDisseminator()
	want := func(when string, n int) {
		t.Helper()
		if got := d.Len(); got != n {
			t.Errorf("Len is %d %s, want %d", got, when, n)
		}
	}
	want("before any claim", 0)
	d.Add(suspicion("a", 1, "x"))
	d.Add(suspicion("a", 1, "y"))
	d.Add(alive("b", 1))
	want("after three claims", 3)
	d.Add(alive("a", 2))
	want("after one that supersedes two of them", 2)
	for range 100 {
		d.Fill(nil, roomOf(wide, 2))
	}
	want("when each was sent as often as it may be", 0)
}

// disseminatorIsBounded adds, in turn, members without number, and accusers of one, until
// at most two thirds of the claims wait: no more than that takes, since an Add may look at
// all that wait. What the limit is, is for the layer to say, as long as it is below the
// 10,000 of this check.
func disseminatorIsBounded(t testing.TB, newDisseminator func() swim.Disseminator) {
	const step, last, claimBytes = 500, 15_000, 4000
	for _, flood := range []struct {
		of    string
		claim func(i int) wire.Update
	}{
		{"members", func(i int) wire.Update { return alive(fmt.Sprint("node-", i), 1) }},
		{"accusers of one member", func(i int) wire.Update { return suspicion("a", 1, fmt.Sprint("node-", i)) }},
	} {
		d, before, added := newDisseminator(), liveBytes(), 0
		for added == 0 || added < last && d.Len() > added*2/3 {
			for range step {
				u := flood.claim(added)
				u.From += strings.Repeat(" ", claimBytes) // its strings hold for ever
				d.Add(u)
				added++
			}
		}
		if n := d.Len(); n >= added {
			t.Errorf("after %d %s, all %d claims wait: shed some", added, flood.of, n)
		} else if grown := liveBytes() - before; grown > added*claimBytes*5/6 {
			t.Errorf("after %d %s, %d claims wait in %d bytes", added, flood.of, n, grown)
		}
		runtime.KeepAlive(d)
	}
}

// liveBytes is how much memory is in use.
func liveBytes() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func disseminatorDoesNotBlock(t testing.TB, newDisseminator func() swim.Disseminator) {
	d := newDisseminator()
	standsStill(t, "a run of all methods", func() {
		for i := range 50 {
			d.Add(alive(fmt.Sprint("node-", i), 1))
			d.Fill(nil, roomOf(wide, 2))
			d.Forget(fmt.Sprint("node-", i/2))
			d.Len()
		}
	})
}
