package security_test

import (
	"testing"

	"github.com/swim-go/swim/security"
)

func TestUnsealedPacketsAllocateNothing(t *testing.T) {
	e := security.NewEnvelope("prod", nil)
	plain, packet := make([]byte, 200), make([]byte, 0, 300)
	var err error
	allocs := testing.AllocsPerRun(100, func() {
		if packet, err = e.Seal(packet[:0], plain); err != nil {
			t.Fatal(err)
		}
		if _, err = e.Open(nil, packet); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// A flood of foreign packets must not feed the collector either.
func TestRefusalsAllocateNothing(t *testing.T) {
	e, sealing := security.NewEnvelope("prod", nil), security.NewEnvelope("prod", xorSealer{7})
	for name, packet := range map[string][]byte{
		"corrupt": append(seal(t, e, "hello"), 0),
		"cluster": seal(t, security.NewEnvelope("test", nil), "hello"),
		"sealed":  seal(t, sealing, "hello"),
		"version": make([]byte, 100),
	} {
		allocs := testing.AllocsPerRun(100, func() {
			if _, err := e.Open(nil, packet); err == nil {
				t.Fatal("opened")
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}

func BenchmarkSeal(b *testing.B) { benchmark(b, true, false) }
func BenchmarkOpen(b *testing.B) { benchmark(b, false, true) }

func benchmark(b *testing.B, seals, opens bool) {
	for name, size := range map[string]int{"200B": 200, "1400B": 1400} {
		b.Run(name, func(b *testing.B) {
			e := security.NewEnvelope("prod", nil)
			plain, packet := make([]byte, size), seal(b, e, string(make([]byte, size)))
			b.ReportAllocs()
			b.SetBytes(int64(size))
			for b.Loop() {
				if seals {
					packet, _ = e.Seal(packet[:0], plain)
				}
				if opens {
					if _, err := e.Open(nil, packet); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
