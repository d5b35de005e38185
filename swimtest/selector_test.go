package swimtest

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

func TestGoodSelector(t *testing.T) {
	TestSelector(t, func() swim.MemberSelector { return new(spoiltSelector) })
}

// spoiltSelector is a RoundRobin but for the methods that are given.
type spoiltSelector struct {
	selector.RoundRobin
	add      func(s *selector.RoundRobin, ref wire.Ref, m wire.Member, rng *rand.Rand)
	remove   func(s *selector.RoundRobin, ref wire.Ref)
	next     func(s *selector.RoundRobin, rng *rand.Rand) (wire.Ref, bool)
	pick     func(s *selector.RoundRobin, dst []wire.Ref, n int, purpose wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref
	validate error
}

func (s *spoiltSelector) Add(ref wire.Ref, m wire.Member, rng *rand.Rand) {
	if s.add != nil {
		s.add(&s.RoundRobin, ref, m, rng)
		return
	}
	s.RoundRobin.Add(ref, m, rng)
}

func (s *spoiltSelector) Remove(ref wire.Ref) {
	if s.remove != nil {
		s.remove(&s.RoundRobin, ref)
		return
	}
	s.RoundRobin.Remove(ref)
}

func (s *spoiltSelector) Next(rng *rand.Rand) (wire.Ref, bool) {
	if s.next != nil {
		return s.next(&s.RoundRobin, rng)
	}
	return s.RoundRobin.Next(rng)
}

func (s *spoiltSelector) Pick(dst []wire.Ref, n int, purpose wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
	if s.pick != nil {
		return s.pick(&s.RoundRobin, dst, n, purpose, except, rng)
	}
	return s.RoundRobin.Pick(dst, n, purpose, except, rng)
}

func (s *spoiltSelector) Validate() error { return s.validate }

func TestBrokenSelectors(t *testing.T) {
	like := func(s func() *spoiltSelector) func(*testing.T) func() swim.MemberSelector {
		return just(func() swim.MemberSelector { return s() })
	}
	catches(t, selectorSentences, false, []broken[func() swim.MemberSelector]{
		{
			fault: "the twelfth member is not taken", sentence: "Add lets a member be chosen",
			bind: like(func() *spoiltSelector {
				return &spoiltSelector{add: func(s *selector.RoundRobin, ref wire.Ref, m wire.Member, rng *rand.Rand) {
					if ref != 12 {
						s.Add(ref, m, rng)
					}
				}}
			}),
		},
		{
			fault: "a member is counted as often as it is told of", sentence: "Add of a known member changes it",
			bind: like(countsAdds),
		},
		{
			fault: "a member is listed for Pick as often as it is told of", sentence: "Add of a known member changes it",
			bind: like(listsAdds),
		},
		{
			fault: "Remove does nothing", sentence: "Remove keeps a member from being chosen",
			also: []string{
				"Add of a known member changes it", "Next returns false if there is nobody",
			},
			bind: like(func() *spoiltSelector {
				return &spoiltSelector{remove: func(*selector.RoundRobin, wire.Ref) {}}
			}),
		},
		{
			fault: "who was removed is not taken again", sentence: "A ref may stand for another member later",
			bind: like(func() *spoiltSelector {
				gone := make(map[wire.Ref]bool)
				return &spoiltSelector{
					add: func(s *selector.RoundRobin, ref wire.Ref, m wire.Member, rng *rand.Rand) {
						if !gone[ref] {
							s.Add(ref, m, rng)
						}
					},
					remove: func(s *selector.RoundRobin, ref wire.Ref) { gone[ref] = true; s.Remove(ref) },
				}
			}),
		},
		{
			fault: "Next chooses oneself where there is nobody", sentence: "Next returns false if there is nobody",
			also: []string{"Add of a known member changes it"},
			bind: like(func() *spoiltSelector {
				return &spoiltSelector{next: func(s *selector.RoundRobin, rng *rand.Rand) (wire.Ref, bool) {
					ref, _ := s.Next(rng)
					return ref, true
				}}
			}),
		},
		{
			fault: "Next passes over one of many", sentence: "Next chooses every member again and again",
			also: []string{"Next does so while others come and go"},
			bind: like(func() *spoiltSelector {
				members := 0
				return &spoiltSelector{
					add: func(s *selector.RoundRobin, ref wire.Ref, m wire.Member, rng *rand.Rand) {
						members = max(members, int(ref))
						s.Add(ref, m, rng)
					},
					next: func(s *selector.RoundRobin, rng *rand.Rand) (wire.Ref, bool) {
						ref, ok := s.Next(rng)
						if members != 12 && members != 8 && ref == 9 {
							return s.Next(rng)
						}
						return ref, ok
					},
				}
			}),
		},
		{
			fault: "whoever joins is chosen next", sentence: "Next does so while others come and go",
			bind: like(prefersNew),
		},
		{
			fault: "Pick finds no relay", sentence: "Pick finds somebody for each purpose",
			bind: like(func() *spoiltSelector {
				return &spoiltSelector{pick: func(s *selector.RoundRobin, dst []wire.Ref, n int, p wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
					if p == wire.ForRelay {
						return dst
					}
					return s.Pick(dst, n, p, except, rng)
				}}
			}),
		},
		{
			fault: "Pick overwrites dst", sentence: "Pick appends to dst",
			bind: like(func() *spoiltSelector {
				return &spoiltSelector{pick: func(s *selector.RoundRobin, dst []wire.Ref, n int, p wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
					return s.Pick(dst[:0], n, p, except, rng)
				}}
			}),
		},
		{
			fault: "Pick chooses one more", sentence: "Pick chooses n members at most",
			bind: like(func() *spoiltSelector {
				return &spoiltSelector{pick: func(s *selector.RoundRobin, dst []wire.Ref, n int, p wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
					return s.Pick(dst, n+1, p, except, rng)
				}}
			}),
		},
		{
			fault: "Pick chooses one twice", sentence: "Pick chooses distinct members",
			bind: like(func() *spoiltSelector {
				return &spoiltSelector{pick: func(s *selector.RoundRobin, dst []wire.Ref, n int, p wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
					got := s.Pick(dst, n, p, except, rng)
					if more := len(got) - len(dst); more > 1 {
						got[len(got)-1] = got[len(got)-2]
					}
					return got
				}}
			}),
		},
		{
			fault: "Pick excepts nobody", sentence: "Pick leaves out whom it is told to",
			bind: like(func() *spoiltSelector {
				return &spoiltSelector{pick: func(s *selector.RoundRobin, dst []wire.Ref, n int, p wire.Purpose, _ wire.Ref, rng *rand.Rand) []wire.Ref {
					return s.Pick(dst, n, p, wire.Self, rng)
				}}
			}),
		},
		{
			fault: "randomness is its own", sentence: "A seeded run can be repeated",
			bind: like(func() *spoiltSelector {
				own := rand.New(rand.NewPCG(rand.Uint64(), 1))
				return &spoiltSelector{next: func(s *selector.RoundRobin, _ *rand.Rand) (wire.Ref, bool) { return s.Next(own) }}
			}),
		},
		{
			fault: "Next sleeps", sentence: "No call blocks",
			bind: like(func() *spoiltSelector {
				return &spoiltSelector{next: func(s *selector.RoundRobin, rng *rand.Rand) (wire.Ref, bool) {
					time.Sleep(time.Nanosecond)
					return s.Next(rng)
				}}
			}),
		},
		{
			fault: "it is set up wrongly", sentence: "Validate returns nil for a layer that can be used",
			bind: like(func() *spoiltSelector { return &spoiltSelector{validate: errBroken} }),
		},
	})
}

// countsAdds takes a Remove for each Add to be rid of a member.
func countsAdds() *spoiltSelector {
	times := make(map[wire.Ref]int)
	return &spoiltSelector{
		add: func(s *selector.RoundRobin, ref wire.Ref, m wire.Member, rng *rand.Rand) {
			times[ref]++
			s.Add(ref, m, rng)
		},
		remove: func(s *selector.RoundRobin, ref wire.Ref) {
			if times[ref]--; times[ref] == 0 {
				s.Remove(ref)
			}
		},
	}
}

// listsAdds picks relays from a list of its own, in which Add does not look.
func listsAdds() *spoiltSelector {
	var list []wire.Ref
	return &spoiltSelector{
		add: func(s *selector.RoundRobin, ref wire.Ref, m wire.Member, rng *rand.Rand) {
			list = append(list, ref)
			s.Add(ref, m, rng)
		},
		remove: func(s *selector.RoundRobin, ref wire.Ref) {
			if i := slices.Index(list, ref); i >= 0 {
				list = slices.Delete(list, i, i+1)
			}
			s.Remove(ref)
		},
		pick: func(s *selector.RoundRobin, dst []wire.Ref, n int, p wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
			if p != wire.ForRelay || n < 1 || len(list) == 0 {
				return s.Pick(dst, n, p, except, rng)
			}
			if ref := list[rng.IntN(len(list))]; ref != except {
				dst = append(dst, ref)
			}
			return dst
		},
	}
}

// prefersNew chooses the newcomers until there are none.
func prefersNew() *spoiltSelector {
	var known, fresh []wire.Ref
	return &spoiltSelector{
		add: func(s *selector.RoundRobin, ref wire.Ref, m wire.Member, rng *rand.Rand) {
			s.Add(ref, m, rng)
			if !slices.Contains(known, ref) {
				known, fresh = append(known, ref), append(fresh, ref, ref, ref, ref, ref)
			}
		},
		remove: func(s *selector.RoundRobin, ref wire.Ref) {
			s.Remove(ref)
			is := func(r wire.Ref) bool { return r == ref }
			known, fresh = slices.DeleteFunc(known, is), slices.DeleteFunc(fresh, is)
		},
		next: func(s *selector.RoundRobin, rng *rand.Rand) (wire.Ref, bool) {
			if last := len(fresh) - 1; last >= 0 {
				ref := fresh[last]
				fresh = fresh[:last]
				return ref, true
			}
			return s.Next(rng)
		},
	}
}
