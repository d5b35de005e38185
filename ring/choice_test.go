package ring

import (
	"fmt"
	"testing"
)

// The figures in the package's documentation come from here:
//
//	go test -run '^$' -bench Choice ./ring
//
// For each way to place keys it reports how much whoever owns most owns, as a
// multiple of the mean; how many keys one join moves, as a multiple of the least
// possible; and of how many pieces those keys consist, of a million.

// placement tells the owner of a hash among the members placed.
type placement func(hash uint64) int

// placed is a way to place keys on n members named by a seed.
type placed func(seed, n int) placement

func pointsPlaced(points int) placed {
	return func(seed, n int) placement {
		r, err := New(Options{Points: points})
		if err != nil {
			panic(err)
		}
		members := named(seed, n)
		r.Add(members...)
		s := r.Snapshot()
		number := make(map[string]int)
		for i, m := range members {
			number[m.Name] = i
		}
		return func(hash uint64) int { return number[s.members[s.owners[s.find(hash)]].Name] }
	}
}

// rendezvous gives a key to whoever's hash with it is the largest.
func rendezvous(seed, n int) placement {
	seeds := make([]uint64, n)
	for i, m := range named(seed, n) {
		seeds[i] = Hash(m.Name)
	}
	return func(hash uint64) (owner int) {
		best := uint64(0)
		for i, s := range seeds {
			if h := mix(s ^ hash); h >= best {
				best, owner = h, i
			}
		}
		return owner
	}
}

// maglev lets the members take places of a table in turn, each in its own order.
func maglev(seed, n int) placement {
	const places = 65537
	table := make([]int, places)
	for i := range table {
		table[i] = -1
	}
	type taker struct{ next, skip uint64 }
	takers := make([]taker, n)
	for i, m := range named(seed, n) {
		h := Hash(m.Name)
		takers[i] = taker{h % places, mix(h)%(places-1) + 1}
	}
	for left := places; left > 0; {
		for i := range takers {
			t := &takers[i]
			for table[t.next] >= 0 {
				t.next = (t.next + t.skip) % places
			}
			table[t.next] = i
			if left--; left == 0 {
				break
			}
		}
	}
	return func(hash uint64) int { return table[hash%places] }
}

func BenchmarkChoice(b *testing.B) {
	ways := []struct {
		name  string
		place placed
	}{
		{"points-64", pointsPlaced(64)},
		{"points-128", pointsPlaced(128)},
		{"points-256", pointsPlaced(256)},
		{"points-512", pointsPlaced(512)},
		{"rendezvous", rendezvous},
		{"maglev", maglev},
	}
	for _, way := range ways {
		for _, n := range []int{3, 10, 100, 1000} {
			if way.name == "rendezvous" && n > 100 {
				continue // takes minutes, and owns an equal share as it does below
			}
			b.Run(fmt.Sprintf("%s/%d", way.name, n), func(b *testing.B) {
				most, moved, pieces := judge(way.place, n)
				owner := way.place(0, n)
				for hash := uint64(0); b.Loop(); hash += 0x9e3779b97f4a7c15 {
					owner(hash)
				}
				b.ReportMetric(most, "max/mean")
				b.ReportMetric(moved, "moved/least")
				b.ReportMetric(pieces, "pieces")
			})
		}
	}
}

// judge looks at keys at even distances on the ring, so that chance in the keys
// adds nothing to what is measured.
func judge(place placed, n int) (most, moved, pieces float64) {
	const seeds, sample = 3, 1 << 20
	for seed := range seeds {
		before, after := place(seed, n), place(seed, n+1) // the last is the joiner
		count := make([]int, n)
		largest, changed, runs, running := 0, 0, 0, false
		for i := range uint64(sample) {
			hash := i << 44
			owner := before(hash)
			count[owner]++
			largest = max(largest, count[owner])
			moves := after(hash) != owner
			if moves {
				changed++
				if !running {
					runs++
				}
			}
			running = moves
		}
		most += float64(largest*n) / sample / seeds
		moved += float64(changed*(n+1)) / sample / seeds
		pieces += float64(runs) / seeds
	}
	return most, moved, pieces
}
