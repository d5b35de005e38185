package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/swimtest"
)

func TestContract(t *testing.T) {
	key := newKey() // all nodes of a cluster have it
	swimtest.TestSealer(t, func(t *testing.T) swim.Sealer {
		return &fipsSealer{Keys: [][]byte{key}}
	})
}

func TestContractInARotation(t *testing.T) {
	old, key := newKey(), newKey()
	made := 0
	swimtest.TestSealer(t, func(t *testing.T) swim.Sealer {
		if made++; made%2 == 0 {
			return &fipsSealer{Keys: [][]byte{old, key}}
		}
		return &fipsSealer{Keys: [][]byte{key, old}}
	})
}

// The mode is set when a process begins, so the suite runs in another one.
func TestContractInFIPSMode(t *testing.T) {
	if strings.Contains(os.Getenv("GODEBUG"), "fips140=only") {
		t.Skip("this is that process")
	}
	tests := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestContract$", "-test.v")
	tests.Env = append(os.Environ(), "GODEBUG=fips140=only")
	out, err := tests.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestContract ") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		keys [][]byte
		good bool
	}{
		{nil, false},
		{[][]byte{newKey()}, true},
		{[][]byte{newKey(), newKey()}, true},
		{[][]byte{newKey(), newKey(), newKey()}, false},
		{[][]byte{newKey(), newKey()[1:]}, false},
	} {
		if err := (&fipsSealer{Keys: c.keys}).Validate(); (err == nil) != c.good {
			t.Errorf("%d keys: %v", len(c.keys), err)
		}
	}
}

// Two packets of one text have nothing in common: each has a key of its own.
func TestPacketsDiffer(t *testing.T) {
	s := &fipsSealer{Keys: [][]byte{newKey()}}
	seen := make(map[string]bool)
	for range 1000 {
		sealed, err := s.Seal(nil, []byte("hello"), nil)
		if err != nil {
			t.Fatal(err)
		}
		seen[string(sealed[:saltBytes])], seen[string(sealed[saltBytes:])] = true, true
	}
	if len(seen) != 2000 {
		t.Errorf("%d different salts and texts, want 2000", len(seen))
	}
}

func BenchmarkOpen(b *testing.B) {
	s := &fipsSealer{Keys: [][]byte{newKey()}}
	sealed, err := s.Seal(nil, make([]byte, 1200), nil)
	if err != nil {
		b.Fatal(err)
	}
	room := make([]byte, 0, 1400)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Open(room, sealed, nil); err != nil {
			b.Fatal(err)
		}
	}
}
