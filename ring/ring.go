package ring

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/swim-go/swim"
)

// The limits of a Ring. Names and metadata come from the members, so neither may
// decide how much memory they take.
const (
	// MaxMembers is how many members a ring takes.
	MaxMembers = 1 << 16
	// MaxPoints is how many points all members together may have: those of
	// 65,536 members with the default options, in about 270 MB.
	MaxPoints = 1 << 24
	// MaxPointsPerWeight bounds Options.Points.
	MaxPointsPerWeight = 1 << 12
	// MaxWeight is what larger weights are taken for.
	MaxWeight = 64
)

// Options are what all nodes of a cluster must agree on, or they will not agree
// on the owner of a key.
type Options struct {
	// Points is how many points on the ring a member of weight 1 has. With more
	// of them keys are shared out more evenly, and each change costs more; see the
	// package's measurements. Default 256.
	Points int
	// Weight tells how large a part of the keys a member is to own, compared with
	// others: up to [MaxWeight], and none below 1. It may look at the metadata and
	// must give the same answer on all nodes. It must not call the Ring. Default:
	// 1 for everybody.
	Weight func(swim.Member) int
}

const defaultPoints = 256

// Ring is a consistent-hash ring whose members come and go. Any number of
// goroutines may use it. The zero Ring is empty and has the default options.
//
//	feeding     Watch, or Add and Remove
//	looking up  Owner, Owners, Snapshot
//	following   Changes, Diff
type Ring struct {
	options Options
	mu      sync.Mutex // held by who makes the next snapshot
	current atomic.Pointer[Snapshot]
	watched atomic.Bool
	shed    atomic.Uint64
}

// New returns an empty ring, or an error that names what is wrong with the
// options.
func New(o Options) (*Ring, error) {
	if o.Points < 0 || o.Points > MaxPointsPerWeight {
		return nil, fmt.Errorf("swim: ring.Options.Points = %d: give 1 to %d, or 0 for %d", o.Points, MaxPointsPerWeight, defaultPoints)
	}
	return &Ring{options: o}, nil
}

// Add takes members in, or their new addresses, metadata and states if they are
// in already. Those that are [swim.Failed] or [swim.Left] are taken out instead,
// so that any list of members may be given. Lookups see all of a call or nothing
// of it, and one call with many members costs little more than one with one.
//
// Members beyond [MaxMembers] and [MaxPoints] are left out and counted, see
// [Ring.Shed]; the next Add of them tries again.
func (r *Ring) Add(members ...swim.Member) {
	changes := make(map[string]swim.Member, len(members))
	for _, m := range members {
		changes[m.Name] = m
	}
	r.apply(changes)
}

// Remove takes members out. Names that are not in change nothing.
func (r *Ring) Remove(names ...string) {
	changes := make(map[string]swim.Member, len(names))
	for _, name := range names {
		changes[name] = swim.Member{Name: name, State: swim.Left}
	}
	r.apply(changes)
}

// apply makes the next snapshot, unless nothing changes.
func (r *Ring) apply(changes map[string]swim.Member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.Snapshot()
	after, shed := before.with(changes, &r.options)
	r.shed.Add(uint64(shed))
	if after == nil {
		return
	}
	r.current.Store(after)
	close(before.superseded)
}

// Snapshot returns the ring as it is now. Lookups that have to agree with each
// other use one snapshot for all.
func (r *Ring) Snapshot() *Snapshot {
	if s := r.current.Load(); s != nil {
		return s
	}
	r.current.CompareAndSwap(nil, &Snapshot{superseded: make(chan struct{})})
	return r.current.Load()
}

// Owner returns the member that owns a key now, and false if the ring has none.
func (r *Ring) Owner(key string) (swim.Member, bool) { return r.Snapshot().Owner(key) }

// Owners appends the first n owners of a key to dst, see [Snapshot.Owners].
func (r *Ring) Owners(dst []swim.Member, key string, n int) []swim.Member {
	return r.Snapshot().Owners(dst, key, n)
}

// Shed counts the members that were left out because the ring was full. Nodes
// that leave different members out disagree on owners: a count above 0 asks for
// fewer Points, or smaller weights.
func (r *Ring) Shed() uint64 { return r.shed.Load() }

// Changes iterates over what happens to the ring until ctx ends or the loop is
// left: first from an empty snapshot to the present one, then from each one
// that the loop has seen to the newest. A loop that is slow skips snapshots
// rather than fall behind, and [Diff] of what it gets is still all that moved.
// Any number of loops may run at a time.
func (r *Ring) Changes(ctx context.Context) iter.Seq2[*Snapshot, *Snapshot] {
	return func(yield func(before, after *Snapshot) bool) {
		before := new(Snapshot)
		for ctx.Err() == nil {
			after := r.Snapshot()
			if !yield(before, after) {
				return
			}
			select {
			case <-ctx.Done():
			case <-after.superseded:
			}
			before = after
		}
	}
}
