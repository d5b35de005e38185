package selector

import (
	"math/rand/v2"

	"github.com/swim-go/swim/wire"
)

// Random probes a member chosen uniformly each time, as SWIM's basic protocol
// does (section 3.1). A member waits n probes on average, as with [RoundRobin],
// but for no bounded time: one in e^c waits longer than c*n.
//
// The zero value is ready. One goroutine may use it at a time, Pick included:
// it reorders the list for the length of the call.
type Random struct {
	all members
}

// Add lets ref be chosen from now on. Adding a ref again changes nothing.
func (r *Random) Add(ref wire.Ref, _ wire.Member, _ *rand.Rand) {
	r.all.add(ref)
}

// Remove keeps ref from being chosen. An unknown ref changes nothing. It takes
// time in proportion to the number of members.
func (r *Random) Remove(ref wire.Ref) {
	hole := r.all.forget(ref)
	if hole < 0 {
		return
	}
	last := len(r.all.refs) - 1
	r.all.refs[hole] = r.all.refs[last]
	r.all.refs = r.all.refs[:last]
}

// Next chooses whom to probe. It returns false if there is nobody.
func (r *Random) Next(rng *rand.Rand) (wire.Ref, bool) {
	if len(r.all.refs) == 0 {
		return 0, false
	}
	return r.all.refs[rng.IntN(len(r.all.refs))], true
}

// Pick appends to dst up to n distinct members other than except, uniformly
// chosen, in random order, and alike for all purposes.
func (r *Random) Pick(dst []wire.Ref, n int, _ wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
	return sample(dst, r.all.refs, n, except, rng)
}
