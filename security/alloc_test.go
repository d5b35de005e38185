//go:build !race

package security_test

import (
	"testing"

	"github.com/swim-go/swim/security"
)

// Under the race detector pools drop what they are given, so that the counts
// below mean nothing.

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

func TestSealedPacketsAllocateNothing(t *testing.T) {
	for _, s := range sealers {
		for _, size := range []int{0, 200, 1400, 10_000} {
			from, to := security.NewEnvelope("prod", s.make(ringOf(t))), security.NewEnvelope("prod", s.make(ringOf(t)))
			plain, packet, opened := make([]byte, size), make([]byte, 0, size+100), make([]byte, 0, size)
			var err error
			allocs := testing.AllocsPerRun(100, func() {
				if packet, err = from.Seal(packet[:0], plain); err != nil {
					t.Fatal(err)
				}
				if opened, err = to.Open(opened[:0], packet); err != nil || len(opened) != size {
					t.Fatal(err)
				}
			})
			if allocs != 0 {
				t.Errorf("%s, %d bytes: %v allocations", s.name, size, allocs)
			}
		}
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

// The one forgery that feeds the collector is that of a session with AES-GCM,
// whose key is derived before anything can be known of it; and no more than so
// many times, however long the packet is.
func TestForgeriesAllocateNothing(t *testing.T) {
	for _, s := range sealers {
		for _, f := range forgeries(t, s.make) {
			room := make([]byte, 0, 300)
			allocs := testing.AllocsPerRun(100, func() {
				if _, err := f.to.Open(room, f.packet); err == nil {
					t.Fatal("opened")
				}
			})
			most := 0.0
			if s.name == "AESGCM" && f.name == "unknown session" {
				most = 20
			}
			if allocs > most {
				t.Errorf("%s, %s: %v allocations", s.name, f.name, allocs)
			}
		}
	}
}
