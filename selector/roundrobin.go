package selector

import (
	"math/rand/v2"

	"github.com/swim-go/swim/wire"
)

// RoundRobin probes all members in random order, then all again in another
// (SWIM section 4.3). Two successive probes of a member, and its joining and
// its first probe, are at most 2n-1 probes apart, where n is the largest number
// of members meanwhile. The mean stays n, as with [Random].
//
// The zero value is ready. One goroutine may use it at a time, Pick included:
// it reorders the list for the length of the call.
type RoundRobin struct {
	// The list is one traversal: all.refs[:passed] have had their turn, the
	// rest have not, and a turn is drawn from the rest at random. That is SWIM's
	// shuffled list with the shuffle made as the traversal goes, so that no
	// probe has to wait for a shuffle of the whole, and order within the two
	// parts means nothing: joining and leaving swap instead of shifting.
	all    members
	passed int
	// probes counts the turns taken in this traversal. It exceeds passed where
	// members that had their turn have left since.
	probes int
}

// Add lets ref be chosen from now on. It joins at a random place in the
// traversal; behind the cursor, it waits for the next one. Adding a ref again
// changes nothing.
func (r *RoundRobin) Add(ref wire.Ref, _ wire.Member, rng *rand.Rand) {
	if !r.all.add(ref) {
		return
	}
	// While turns outnumber those who had them, newcomers must queue behind.
	// SWIM's rule alone, a random place, bounds nothing under churn: let a member
	// leave after each probe and another join ahead of the cursor, and the
	// traversal never ends for whoever is still to come. With this rule the
	// turns a traversal has had and has yet to give, probes + (n-passed), grow
	// only where they stay within n; the paper test has the whole argument.
	refs := r.all.refs
	last := len(refs) - 1
	if r.passed < r.probes || rng.IntN(len(refs)) < r.passed {
		refs[r.passed], refs[last] = refs[last], refs[r.passed]
		r.passed++
	}
}

// Remove keeps ref from being chosen. An unknown ref changes nothing. It takes
// time in proportion to the number of members.
func (r *RoundRobin) Remove(ref wire.Ref) {
	hole := r.all.forget(ref)
	if hole < 0 {
		return
	}
	refs := r.all.refs
	if hole < r.passed {
		// One who had a turn fills the hole, and the hole moves to the border:
		// filled from the end, it would hide somebody whose turn is yet to come.
		r.passed--
		refs[hole] = refs[r.passed]
		hole = r.passed
	}
	last := len(refs) - 1
	refs[hole] = refs[last]
	r.all.refs = refs[:last]
}

// Next chooses whom to probe. It returns false if there is nobody.
func (r *RoundRobin) Next(rng *rand.Rand) (wire.Ref, bool) {
	refs := r.all.refs
	if len(refs) == 0 {
		return 0, false
	}
	if r.passed == len(refs) {
		r.passed, r.probes = 0, 0
	}
	i := r.passed + rng.IntN(len(refs)-r.passed)
	refs[i], refs[r.passed] = refs[r.passed], refs[i]
	r.passed++
	r.probes++
	return refs[r.passed-1], true
}

// Pick appends to dst up to n distinct members other than except, uniformly
// chosen, in random order, and alike for all purposes. It does not disturb Next.
func (r *RoundRobin) Pick(dst []wire.Ref, n int, _ wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
	return sample(dst, r.all.refs, n, except, rng)
}
