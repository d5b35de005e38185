package security_test

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/swim-go/swim/security"
)

var off = security.Rate{PerSecond: -1}

// passed asks n times at once and returns how often it was allowed.
func passed(n int, allow func(time.Duration, string) bool, now time.Duration, source string) (passed int) {
	for range n {
		if allow(now, source) {
			passed++
		}
	}
	return passed
}

func TestLimiterDefaults(t *testing.T) {
	l := security.NewLimiter(security.Limits{})
	if got := passed(5000, l.Allow, 0, "a:1"); got != 1000 {
		t.Errorf("%d of one source at once, want a second's worth of 1,000", got)
	}
	for i := range 40 {
		passed(1000, l.Allow, 0, fmt.Sprint("b:", i))
	}
	if got, want := l.Shed(), (security.Shed{Source: 4000, Total: 21_000}); got != want {
		t.Errorf("shed %+v, want %+v", got, want)
	}
}

func TestLimiterRateAndBurst(t *testing.T) {
	for _, test := range []struct {
		rate          security.Rate
		atOnce, after int // after a second more
	}{
		{security.Rate{PerSecond: 1}, 1, 1},
		{security.Rate{PerSecond: 1, Burst: 5}, 5, 1},
		{security.Rate{PerSecond: 10, Burst: 1}, 1, 1},
		{security.Rate{PerSecond: 10, Burst: -5}, 10, 10},
		{security.Rate{PerSecond: 3, Burst: 6}, 6, 3},
		{security.Rate{Burst: 2}, 2, 2},
		{security.Rate{PerSecond: math.MaxInt, Burst: math.MaxInt}, 1000, 1000},
		{security.Rate{PerSecond: 1, Burst: math.MaxInt}, 1000, 1000},
	} {
		// A third of a second is no whole number of nanoseconds; the time between
		// is rounded up, so that not even a burst gets more than its rate.
		const second = time.Second + 3*time.Nanosecond
		l := security.NewLimiter(security.Limits{Source: test.rate, Total: off})
		atOnce, after := passed(1000, l.Allow, 0, "a"), passed(1000, l.Allow, second, "a")
		if atOnce != test.atOnce || after != test.after {
			t.Errorf("%+v: %d at once and %d a second later, want %d and %d", test.rate, atOnce, after, test.atOnce, test.after)
		}
	}
}

func TestLimiterTotal(t *testing.T) {
	l := security.NewLimiter(security.Limits{Source: off, Total: security.Rate{PerSecond: 10}})
	if a, b := passed(8, l.Allow, 0, "a"), passed(8, l.AllowHost, 0, "b:1"); a != 8 || b != 2 {
		t.Errorf("%d and %d passed, want 8 and 2", a, b)
	}
	if got := l.Shed(); got != (security.Shed{Total: 6}) {
		t.Errorf("shed %+v", got)
	}
}

// What the total refuses is not held against the source, nor the other way
// round: else whoever floods would use up the allowance of the rest.
func TestRefusalIsFree(t *testing.T) {
	l := security.NewLimiter(security.Limits{Source: security.Rate{PerSecond: 5}, Total: security.Rate{PerSecond: 10}})
	if a, b, c := passed(9, l.Allow, 0, "a"), passed(9, l.Allow, 0, "b"), passed(9, l.Allow, 0, "c"); a != 5 || b != 5 || c != 0 {
		t.Errorf("%d, %d and %d passed at first, want 5, 5, 0", a, b, c)
	}
	if c := passed(9, l.Allow, time.Second, "c"); c != 5 {
		t.Errorf("%d passed of a source that nothing passed of, want 5", c)
	}
}

func TestLimiterOff(t *testing.T) {
	var zero security.Limiter
	for name, l := range map[string]*security.Limiter{
		"off": security.NewLimiter(security.Limits{Source: off, Total: off}), "zero": &zero, "nil": nil,
	} {
		if got := passed(100_000, l.Allow, 0, "a") + passed(100_000, l.AllowHost, 0, "a:1"); got != 200_000 {
			t.Errorf("%s: %d passed, want all", name, got)
		}
		if got := l.Shed(); got != (security.Shed{}) {
			t.Errorf("%s: shed %+v", name, got)
		}
	}
}

func TestAllowHostTellsHostsApart(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1:1", "192.0.2.1:2", true},
		{"192.0.2.1:1", "192.0.2.2:1", false},
		{"192.0.2.1:1", "[::ffff:192.0.2.1]:1", true},
		{"[2001:db8::1]:1", "[2001:db8::ffff:2]:2", true}, // one /64
		{"[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false},
		{"[fe80::1%eth0]:1", "[fe80::2%eth1]:2", true},
		{"[2001:db8::1]", "[2001:db8::2]:1", true}, // without a port
		{"192.0.2.1", "192.0.2.1:1", true},
		{"node-a:1", "node-a:2", true},
		{"node-a:1", "node-b:1", false},
		{"a", "b", false}, // the in-memory transport's
		{"", ":1", true},
		{"1.2.3:1", "1.2.3:2", true}, // no address: a name
		{"1.2.3:1", "1.2.4:1", false},
		{"[:1", "[:2", true},
		{"[]:1", "x:1", false},
	} {
		l := security.NewLimiter(security.Limits{Source: security.Rate{PerSecond: 1}})
		a, b := l.AllowHost(0, test.a), l.AllowHost(0, test.b)
		if !a || b == test.same {
			t.Errorf("%q, then %q: %v, %v; one host: %v", test.a, test.b, a, b, test.same)
		}
	}
}

func TestAllowTellsSourcesApart(t *testing.T) {
	l := security.NewLimiter(security.Limits{Source: security.Rate{PerSecond: 1}})
	for _, source := range []string{"192.0.2.1:1", "192.0.2.1:2", "192.0.2.1", "", "[2001:db8::1]:1", "[2001:db8::2]:1"} {
		if got := passed(2, l.Allow, 0, source); got != 1 {
			t.Errorf("%q: %d passed, want 1", source, got)
		}
	}
}

// A time between arrivals that is no whole number of nanoseconds must not be
// rounded in favour of who sends.
func TestRateIsNeverExceeded(t *testing.T) {
	const perSecond = 300_000_000
	l := security.NewLimiter(security.Limits{Source: security.Rate{PerSecond: perSecond, Burst: 1}, Total: off})
	n := 0
	for now := range time.Microsecond {
		n += passed(1, l.Allow, now, "a")
	}
	if most := 1 + perSecond/1_000_000; n == 0 || n > most {
		t.Errorf("%d passed in 1 µs, want at most %d", n, most)
	}
}

// Streams arrive on goroutines of their own. However they meet, what passes is
// what one after the other would have got. There are so many attempts because it
// takes two within the same nanoseconds to go wrong.
func TestLimiterIsExactUnderConcurrency(t *testing.T) {
	const goroutines, each, burst = 4, 50_000, 100_000
	rate := security.Rate{PerSecond: 1, Burst: burst}
	for what, limits := range map[string]security.Limits{
		"source": {Source: rate, Total: off},
		"total":  {Source: off, Total: rate},
		"both":   {Source: rate, Total: security.Rate{PerSecond: 1, Burst: burst}},
	} {
		for range 3 {
			l := security.NewLimiter(limits)
			var total atomic.Int64
			var running sync.WaitGroup
			for range goroutines {
				running.Go(func() { total.Add(int64(passed(each, l.Allow, 0, "a"))) })
			}
			running.Wait()
			if got := total.Load(); got != burst {
				t.Errorf("%s: %d passed, want %d", what, got, burst)
			}
			if got := l.Shed(); got.Source+got.Total != goroutines*each-burst {
				t.Errorf("%s: shed %+v, want %d", what, got, goroutines*each-burst)
			}
		}
	}
}

// Sources that share cells move each other's due times at the same moment. None
// gets more than it would alone.
func TestNobodyGainsByConcurrency(t *testing.T) {
	const goroutines, each, burst = 4, 50_000, 25_000
	for range 3 {
		l := security.NewLimiter(security.Limits{Source: security.Rate{PerSecond: 1, Burst: burst}, Total: off, Cells: 2})
		var got [3]atomic.Int64
		var running sync.WaitGroup
		for range goroutines {
			running.Go(func() {
				for i := range each {
					who := i % len(got)
					if l.Allow(0, strconv.Itoa(who)) {
						got[who].Add(1)
					}
				}
			})
		}
		running.Wait()
		for i := range got {
			if n := got[i].Load(); n > burst {
				t.Errorf("source %d got %d, more than its %d", i, n, burst)
			}
		}
	}
}

func TestLimiterAllocatesNothing(t *testing.T) {
	l := security.NewLimiter(security.Limits{})
	now := time.Duration(0)
	for _, source := range []string{"192.0.2.1:7946", "[2001:db8::1]:7946", "[fe80::1%eth0]:7946", "node-a"} {
		for name, allow := range map[string]func(time.Duration, string) bool{"Allow": l.Allow, "AllowHost": l.AllowHost} {
			if n := testing.AllocsPerRun(3000, func() {
				now += 10 * time.Microsecond
				allow(now, source)
			}); n != 0 {
				t.Errorf("%s of %q: %v allocations", name, source, n)
			}
		}
	}
}

func BenchmarkLimiter(b *testing.B) {
	const v4, v6 = "192.0.2.1:7946", "[2001:db8::1]:7946"
	l := security.NewLimiter(security.Limits{})
	run := func(name string, step time.Duration, allow func(time.Duration, string) bool, source string) {
		b.Run(name, func(b *testing.B) {
			now := time.Duration(0)
			b.ReportAllocs()
			for b.Loop() {
				now += step
				allow(now, source)
			}
		})
	}
	run("Allow/passed", time.Second, l.Allow, v4)
	run("Allow/refused", 0, l.Allow, v4)
	run("AllowHost/IPv4", time.Second, l.AllowHost, v4)
	run("AllowHost/IPv6", time.Second, l.AllowHost, v6)
	run("AllowHost/refused", 0, l.AllowHost, v4)
	b.Run("Allow/contended", func(b *testing.B) {
		b.RunParallel(func(p *testing.PB) {
			for now := time.Duration(0); p.Next(); now += time.Second {
				l.Allow(now, v4)
			}
		})
	})
}
