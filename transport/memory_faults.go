package transport

import (
	"math/rand/v2"
	"time"
)

// Faults is what a link does to packets. The zero Faults is a perfect link.
// Probabilities are from 0 to 1 and times from 0 to a day; what is outside is
// taken as the nearer of the two.
//
// A stream has the delay alone, on its bytes and twice on its opening: TCP hides
// the rest.
type Faults struct {
	// Loss is the probability that a packet is lost.
	Loss float64
	// Duplicate is the probability that a packet arrives twice, each copy with
	// a delay of its own.
	Duplicate float64
	// MinDelay and MaxDelay bound how long a packet is under way; any time
	// between is as likely. A MaxDelay below MinDelay is taken as MinDelay.
	// Packets with equal delays arrive in the order they were sent in.
	MinDelay, MaxDelay time.Duration
	// Reorder is the probability that a packet is under way for ReorderBy
	// longer than its delay, so that packets sent after it arrive before it.
	Reorder float64
	// ReorderBy of 0 is taken as [DefaultReorderBy].
	ReorderBy time.Duration
}

// DefaultReorderBy is for how long Faults.Reorder holds a packet back unless
// told otherwise.
const DefaultReorderBy = 10 * time.Millisecond

// maxFaultDelay bounds all times in [Faults].
const maxFaultDelay = 24 * time.Hour

// valid returns f with all values in their bounds.
func (f Faults) valid() Faults {
	for _, p := range []*float64{&f.Loss, &f.Duplicate, &f.Reorder} {
		if !(*p > 0) { // NaN too
			*p = 0
		}
		*p = min(*p, 1)
	}
	f.MinDelay = min(max(f.MinDelay, 0), maxFaultDelay)
	f.MaxDelay = min(max(f.MaxDelay, f.MinDelay), maxFaultDelay)
	if f.ReorderBy <= 0 {
		f.ReorderBy = DefaultReorderBy
	}
	f.ReorderBy = min(f.ReorderBy, maxFaultDelay)
	return f
}

// delay draws how long something is under way. Like all that draws, it leaves
// the generator alone where there is nothing to decide, so that adding a fault
// to one link changes the others' luck as little as can be.
func (f *Faults) delay(rng *rand.Rand) time.Duration {
	if f.MaxDelay == f.MinDelay {
		return f.MinDelay
	}
	return f.MinDelay + time.Duration(rng.Int64N(int64(f.MaxDelay-f.MinDelay)+1))
}

func chance(rng *rand.Rand, p float64) bool { return p > 0 && rng.Float64() < p }

// link is one direction between two endpoints.
type link struct{ from, to string }

// faultTable is all that is wrong with a network. The zero value is nothing.
type faultTable struct {
	rest     Faults // of links without their own
	links    map[link]Faults
	cuts     map[link]struct{}
	isolated map[string]struct{}
}

// of returns the faults of a link. What an endpoint sends to itself never
// leaves it, so no fault touches it.
func (t *faultTable) of(from, to string) Faults {
	if from == to {
		return Faults{}
	}
	if len(t.links) > 0 {
		if f, ok := t.links[link{from, to}]; ok {
			return f
		}
	}
	return t.rest
}

func (t *faultTable) cut(from, to string) bool {
	if from == to {
		return false
	}
	if len(t.isolated) > 0 {
		if _, ok := t.isolated[from]; ok {
			return true
		}
		if _, ok := t.isolated[to]; ok {
			return true
		}
	}
	if len(t.cuts) > 0 {
		_, ok := t.cuts[link{from, to}]
		return ok
	}
	return false
}

// SetFaults sets the faults of all links that have none of their own by
// [MemoryNetwork.SetLinkFaults]. Packets under way keep their times.
func (n *MemoryNetwork) SetFaults(f Faults) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults.rest = f.valid()
}

// SetLinkFaults sets the faults of what from sends to to, in place of the
// network's. The other direction is a link of its own.
func (n *MemoryNetwork) SetLinkFaults(from, to string, f Faults) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.faults.links == nil {
		n.faults.links = make(map[link]Faults)
	}
	n.faults.links[link{from, to}] = f.valid()
}

// ClearLinkFaults gives what from sends to to the network's faults again.
func (n *MemoryNetwork) ClearLinkFaults(from, to string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.faults.links, link{from, to})
}

// Cut cuts one way, until [MemoryNetwork.Restore] or [MemoryNetwork.Heal]: what
// an address in from sends to one in to is lost if the cut is there when it is
// sent or when it would arrive. The addresses need not be listened on yet. An
// endpoint always reaches itself.
//
// Open streams are not broken by it: what is sent on them waits, and arrives
// when the cut is healed. A dial waits for as long as either direction is cut.
func (n *MemoryNetwork) Cut(from, to []string) {
	n.change(func(t *faultTable) { t.cutAll(from, to) })
}

// Partition cuts the network into sides: no two addresses in different ones
// reach each other, see [MemoryNetwork.Cut]. Addresses in none of them are not
// concerned, and cuts made before stay.
func (n *MemoryNetwork) Partition(sides ...[]string) {
	n.change(func(t *faultTable) {
		for i, a := range sides {
			for _, b := range sides[i+1:] {
				t.cutAll(a, b)
				t.cutAll(b, a)
			}
		}
	})
}

func (t *faultTable) cutAll(from, to []string) {
	if t.cuts == nil {
		t.cuts = make(map[link]struct{})
	}
	for _, a := range from {
		for _, b := range to {
			t.cuts[link{a, b}] = struct{}{}
		}
	}
}

// Isolate cuts addresses off from everybody, both ways, endpoints that come
// later included, until [MemoryNetwork.Heal].
func (n *MemoryNetwork) Isolate(addrs ...string) {
	n.change(func(t *faultTable) {
		if t.isolated == nil {
			t.isolated = make(map[string]struct{})
		}
		for _, a := range addrs {
			t.isolated[a] = struct{}{}
		}
	})
}

// Restore undoes [MemoryNetwork.Cut], and one direction of
// [MemoryNetwork.Partition], for what the addresses in from send to those in to.
func (n *MemoryNetwork) Restore(from, to []string) {
	n.change(func(t *faultTable) {
		for _, a := range from {
			for _, b := range to {
				delete(t.cuts, link{a, b})
			}
		}
	})
}

// Heal undoes all cuts, partitions and isolations. Faults stay.
func (n *MemoryNetwork) Heal() {
	n.change(func(t *faultTable) {
		clear(t.cuts)
		clear(t.isolated)
	})
}

// change applies a change of what is cut. What streams carried until now has
// arrived, whether or not it was read, and whoever waits looks again.
func (n *MemoryNetwork) change(apply func(*faultTable)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	for p := range n.pipes {
		p.settle(now)
	}
	apply(&n.faults)
	for p := range n.pipes {
		p.moved.Broadcast()
	}
	if n.changed.L != nil { // else nobody can have dialed yet
		n.changed.Broadcast()
	}
}
