package ring

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/swim-go/swim"
)

// The owners of a key are distinct; fewer are the first of more; and the second
// owns the key when the first is gone.
func TestOwners(t *testing.T) {
	const n = 8
	var r Ring
	r.Add(cluster(n)...)
	s := r.Snapshot()
	for i := range 300 {
		key := fmt.Sprint("key-", i)
		all := s.Owners(nil, key, n+5)
		if len(all) != n {
			t.Fatalf("%q has %d owners of %d members", key, len(all), n)
		}
		sorted := slices.Clone(all)
		slices.SortFunc(sorted, func(a, b swim.Member) int { return int(Hash(a.Name)>>1) - int(Hash(b.Name)>>1) })
		if len(slices.Compact(sorted)) != n {
			t.Fatalf("%q has one owner twice: %v", key, names(all))
		}
		for k := -1; k <= n; k++ {
			if got := s.Owners(nil, key, k); !slices.Equal(got, all[:max(k, 0)]) {
				t.Fatalf("%d owners of %q are %v, and %d are %v", k, key, names(got), n, names(all))
			}
		}
		if first, _ := s.Owner(key); first != all[0] {
			t.Fatalf("%q belongs to %v, and its owners are %v", key, first.Name, names(all))
		}
		if got := slices.Collect(s.Preference(Hash(key))); !slices.Equal(got, all) {
			t.Fatalf("%q prefers %v, and its owners are %v", key, names(got), names(all))
		}
	}
	for _, m := range s.Members() {
		r.Add(s.Members()...)
		r.Remove(m.Name)
		for i := range 300 {
			key := fmt.Sprint("key-", i)
			before, after := s.Owners(nil, key, n), r.Owners(nil, key, n)
			if want := slices.DeleteFunc(before, func(o swim.Member) bool { return o == m }); !slices.Equal(after, want) {
				t.Fatalf("without %s, %q belongs to %v, want %v", m.Name, key, names(after), names(want))
			}
		}
	}
}

func TestOwnersAppend(t *testing.T) {
	var r Ring
	r.Add(cluster(3)...)
	owner, _ := r.Owner("key")
	got := r.Owners([]swim.Member{owner}, "key", 2)
	if len(got) != 3 || got[0] != owner || got[1] != owner {
		t.Errorf("appended to %s: %v", owner.Name, names(got))
	}
	for range r.Snapshot().Preference(7) {
		break // is no reason to panic
	}
}

// The arcs find what a search through all points finds, at the ends of the ring
// and where points coincide too.
func TestFind(t *testing.T) {
	const top = ^uint64(0)
	many := make([]stop, 1000)
	rng := seeded(1)
	for i := range many {
		many[i] = stop{rng.Uint64() >> rng.IntN(64), uint32(i)}
	}
	slices.SortFunc(many, compare)
	for _, stops := range [][]stop{
		{{5, 0}},
		{{0, 0}},
		{{top, 0}},
		{{0, 0}, {top, 1}},
		{{7, 0}, {7, 1}, {7, 2}, {8, 0}, {8, 1}},
		{{1 << 63, 0}, {1<<63 + 1, 1}, {1<<63 + 2, 0}},
		many,
	} {
		c := new(circle).redraw(nil, stops, 1)
		hashes := []uint64{0, 1, top, top - 1, 1 << 63, 1<<63 - 1}
		for _, s := range stops {
			hashes = append(hashes, s.point-1, s.point, s.point+1)
		}
		for _, hash := range hashes {
			want := slices.IndexFunc(stops, func(s stop) bool { return s.point >= hash })
			if got := c.find(hash); got != max(want, 0) {
				t.Fatalf("of %d points from %d on, %d is found at or after %d, want %d", len(stops), stops[0].point, got, hash, want)
			}
		}
	}
}

// Whose points coincide is settled by name, so that all nodes settle it alike.
func TestCoincidingPoints(t *testing.T) {
	stops := []stop{{3, 0}, {3, 1}, {3, 2}}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		c := new(circle)
		for n, i := range order {
			place := []int{0, 1, 2}
			*c = c.redraw(place, stops[i:i+1], n+1)
		}
		if c.owners[c.find(2)] != 0 || c.owners[c.find(3)] != 0 || c.owners[c.find(4)] != 0 {
			t.Errorf("drawn in the order %v: owners %v", order, c.owners)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	var r Ring
	r.Add(cluster(200)...)
	dst := make([]swim.Member, 0, 3)
	key, hash := "some key or other", Hash("another")
	for what, f := range map[string]func(){
		"Owner":    func() { r.Owner(key) },
		"OwnerAt":  func() { r.Snapshot().OwnerAt(hash) },
		"Owners":   func() { dst = r.Owners(dst[:0], key, 3) },
		"OwnersAt": func() { dst = r.Snapshot().OwnersAt(dst[:0], hash, 3) },
		"Member":   func() { r.Snapshot().Member("node-7") },
	} {
		if n := testing.AllocsPerRun(1000, f); n != 0 {
			t.Errorf("%s: %v allocations, want none", what, n)
		}
	}
}

// Lookups go on while members come and go, and see each change whole: here two
// members always leave and come together.
func TestLookupsDuringChanges(t *testing.T) {
	r := newRing(t, Options{Points: 16})
	r.Add(cluster(4)...)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				if _, ok := r.Owner(fmt.Sprint(i)); !ok {
					t.Error("no owner")
				}
				if n := r.Snapshot().Len(); n != 4 && n != 2 {
					t.Errorf("%d members", n)
				}
			}
		})
	}
	var writers sync.WaitGroup
	for range 2 {
		writers.Go(func() {
			for range 300 {
				r.Remove("node-1", "node-2")
				r.Add(cluster(4)...)
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}
