package tags_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/swim-go/swim/tags"
)

var some = map[string]string{
	"build": "2026-11-01", "dc": "fra", "draining": "", "instance": "i-0a1b2c3d4e5f",
	"role": "db", "version": "1.20.3", "weight": "100", "zone": "eu-1",
}

func TestLookupAllocatesNothing(t *testing.T) {
	meta, err := tags.Encode(some)
	if err != nil {
		t.Fatal(err)
	}
	text := string(meta)
	for _, m := range []string{text, "", "no tags", "\xdf\xff\xff\xff\xff", text[:20]} {
		if n := testing.AllocsPerRun(100, func() {
			_, _ = tags.Lookup(m, "zone")
			_, _ = tags.Lookup(m, "absent")
		}); n != 0 {
			t.Errorf("%v allocations to look into %q", n, m)
		}
	}
}

// What is claimed costs nothing: 32 KiB that claim a map of a million entries, strings
// of 4 GiB or a thousand maps in one another are refused for a few bytes.
func TestHostileClaimsCostLittle(t *testing.T) {
	for name, meta := range map[string]string{
		"entries":  "\xdf\x00\x0f\xff\xff" + strings.Repeat("\xa1a", 10000),
		"length":   "\x81\xa1a\xdb\xff\xff\xff\xff" + strings.Repeat("a", 30000),
		"binary":   "\x81\xa1a\xc6\x7f\xff\xff\xff" + strings.Repeat("a", 30000),
		"nesting":  strings.Repeat("\x81\xa1a", 10000),
		"too long": strings.Repeat("\x81", tags.MaxBytes+1),
	} {
		result := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tags.Decode(meta); err == nil {
					b.Fatal("taken")
				}
			}
		})
		if got := result.AllocedBytesPerOp(); got > 1024 {
			t.Errorf("%s: %d bytes are allocated to refuse %d", name, got, len(meta))
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	var all sync.WaitGroup
	defer all.Wait()
	for range 8 {
		all.Go(func() {
			for range 100 {
				meta, err := tags.Encode(some)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := tags.Decode(string(meta)); err != nil || len(got) != len(some) {
					t.Error(got, err)
					return
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tags.Encode(some); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	meta, _ := tags.Encode(some)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tags.Decode(string(meta)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	written, _ := tags.Encode(some)
	meta := string(written)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := tags.Lookup(meta, "zone"); !ok {
			b.Fatal("not there")
		}
	}
}
