package disseminator

import (
	"fmt"
	"testing"

	"github.com/swim-go/swim/wire"
)

// waiting is a Piggyback with n claims, of which none is ever dropped.
func waiting(n int) (*Piggyback, []wire.Update) {
	p := &Piggyback{Max: n}
	us := named(n)
	for _, u := range us {
		p.Add(u)
	}
	return p, us
}

// BenchmarkFill fills a packet of 1,400 bytes with 28 claims of 50.
func BenchmarkFill(b *testing.B) {
	for _, n := range []int{128, 1_000, 8_192} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p, _ := waiting(n)
			dst := make([]wire.Update, 0, 64)
			b.ReportAllocs()
			for b.Loop() {
				dst = p.Fill(dst[:0], packetRoom(1<<30))
			}
			b.ReportMetric(float64(len(dst)), "claims/op")
		})
	}
}

// BenchmarkAddNew adds a claim about a member that none waits about, to a full
// queue, so that another is shed.
func BenchmarkAddNew(b *testing.B) {
	for _, n := range []int{128, 8_192} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p, _ := waiting(n)
			us := named(2 * n)
			i := n
			b.ReportAllocs()
			for b.Loop() {
				p.Add(us[i])
				if i++; i == len(us) {
					i = 0
				}
			}
		})
	}
}

// BenchmarkAddReplacing adds a newer claim about a member.
func BenchmarkAddReplacing(b *testing.B) {
	for _, n := range []int{128, 8_192} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p, us := waiting(n)
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				us[i].Incarnation++
				p.Add(us[i])
				if i++; i == n {
					i = 0
				}
			}
		})
	}
}

// BenchmarkAddKnown adds what waits already: most of what gossip brings.
func BenchmarkAddKnown(b *testing.B) {
	for _, n := range []int{128, 8_192} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p, us := waiting(n)
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				p.Add(us[i])
				if i++; i == n {
					i = 0
				}
			}
		})
	}
}

// BenchmarkLife takes claims from Add to their last send, 12 sends each.
func BenchmarkLife(b *testing.B) {
	p, us := waiting(1_000)
	dst := make([]wire.Update, 0, 64)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		for range 2 {
			p.Add(us[i])
			if i++; i == len(us) {
				i = 0
			}
		}
		dst = p.Fill(dst[:0], packetRoom(12))
	}
}
