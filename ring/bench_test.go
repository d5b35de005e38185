package ring

import (
	"fmt"
	"testing"

	"github.com/swim-go/swim"
)

var benchSizes = []int{10, 100, 1000}

func keys(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint("user/", i)
	}
	return list
}

func benchmarkLookups(b *testing.B, lookup func(s *Snapshot, key string)) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var r Ring
			r.Add(cluster(n)...)
			s, keys := r.Snapshot(), keys(1024)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				lookup(s, keys[i%len(keys)])
			}
		})
	}
}

func BenchmarkOwner(b *testing.B) {
	benchmarkLookups(b, func(s *Snapshot, key string) { s.Owner(key) })
}

func BenchmarkOwners3(b *testing.B) {
	dst := make([]swim.Member, 0, 3)
	benchmarkLookups(b, func(s *Snapshot, key string) { dst = s.Owners(dst[:0], key, 3) })
}

// BenchmarkJoinLeave is what a node pays when one member comes and goes.
func BenchmarkJoinLeave(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var r Ring
			r.Add(cluster(n)...)
			b.ReportAllocs()
			for b.Loop() {
				r.Add(swim.Member{Name: "joiner"})
				r.Remove("joiner")
			}
		})
	}
}

// BenchmarkBuild is what a node pays that joins a cluster.
func BenchmarkBuild(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			members := cluster(n)
			b.ReportAllocs()
			for b.Loop() {
				var r Ring
				r.Add(members...)
			}
		})
	}
}

func BenchmarkDiff(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var r Ring
			r.Add(cluster(n)...)
			before := r.Snapshot()
			r.Add(swim.Member{Name: "joiner"})
			after := r.Snapshot()
			b.ReportAllocs()
			for b.Loop() {
				for range Diff(before, after) {
				}
			}
		})
	}
}

func BenchmarkHash(b *testing.B) {
	for _, bytes := range []int{8, 32, 128} {
		b.Run(fmt.Sprint(bytes), func(b *testing.B) {
			key := string(make([]byte, bytes))
			b.SetBytes(int64(bytes))
			for b.Loop() {
				Hash(key)
			}
		})
	}
}
