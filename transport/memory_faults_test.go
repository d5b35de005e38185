package transport

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
)

func viewOf(b []byte) string { return unsafe.String(&b[0], len(b)) }

// within checks a count against a probability: within five deviations, which a
// correct generator misses less than once in a million seeds.
func within(t *testing.T, what string, got uint64, tries int, p float64) {
	t.Helper()
	mean := float64(tries) * p
	if off := math.Abs(float64(got) - mean); off > 5*math.Sqrt(mean*(1-p)) {
		t.Errorf("%s: %d of %d, want about %.0f", what, got, tries, mean)
	}
}

func TestLossAndDuplication(t *testing.T) {
	const packets = 20_000
	for _, f := range []Faults{
		{},
		{Loss: 1},
		{Loss: 0.01},
		{Loss: 0.3},
		{Duplicate: 1},
		{Duplicate: 0.1},
		{Loss: 0.25, Duplicate: 0.5},
	} {
		n := NewMemoryNetwork(42)
		n.SetFaults(f)
		a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")
		read := 0
		for range packets {
			write(t, a, "b", "x")
			read += len(receive(t, b))
		}
		s := wantAccounted(t, n)
		within(t, fmt.Sprintf("%+v: lost", f), s.Lost, packets, f.Loss)
		arrived := packets - int(s.Lost)
		within(t, fmt.Sprintf("%+v: duplicated", f), s.Duplicated, arrived, f.Duplicate)
		if read != arrived+int(s.Duplicated) || s.Delivered != uint64(read) {
			t.Errorf("%+v: read %d of %+v", f, read, s)
		}
	}
}

// fate is what becomes of the packets from a to b, as one string.
func fate(t *testing.T, seed uint64, f Faults) (order string) {
	synctest.Test(t, func(t *testing.T) {
		n := NewMemoryNetwork(seed)
		n.SetFaults(f)
		a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")
		for i := range 100 {
			write(t, a, "b", fmt.Sprint(i))
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		order = strings.Join(receive(t, b), " ")
	})
	return order
}

func TestSameSeedSameFate(t *testing.T) {
	f := Faults{Loss: 0.1, Duplicate: 0.1, Reorder: 0.1, MinDelay: time.Millisecond, MaxDelay: 20 * time.Millisecond}
	one, again, other := fate(t, 1, f), fate(t, 1, f), fate(t, 2, f)
	if one != again {
		t.Errorf("seed 1 is\n%s, then\n%s", one, again)
	}
	if one == other {
		t.Errorf("seed 2 is seed 1: %s", one)
	}
}

// TestDelayIsExact measures on the virtual clock.
func TestDelayIsExact(t *testing.T) {
	for _, f := range []Faults{
		{MinDelay: 30 * time.Millisecond},
		{MinDelay: time.Nanosecond},
		{MinDelay: 5 * time.Millisecond, MaxDelay: 15 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := NewMemoryNetwork(7)
			n.SetFaults(f)
			a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")
			least, most := time.Hour, time.Duration(0)
			buf := make([]byte, 8)
			for range 1000 {
				sent := time.Now()
				write(t, a, "b", "x")
				if _, _, err := b.ReadPacket(buf); err != nil {
					t.Fatal(err)
				}
				took := time.Since(sent)
				least, most = min(least, took), max(most, took)
			}
			if maxDelay := max(f.MinDelay, f.MaxDelay); maxDelay == f.MinDelay {
				if least != f.MinDelay || most != f.MinDelay {
					t.Errorf("%+v: took %v to %v", f, least, most)
				}
			} else if span := maxDelay - f.MinDelay; least < f.MinDelay || most > maxDelay || least > f.MinDelay+span/50 || most < maxDelay-span/50 {
				t.Errorf("%+v: took %v to %v", f, least, most)
			}
		})
	}
}

// TestEqualDelaysKeepOrder: packets sent at one instant are due at one instant.
func TestEqualDelaysKeepOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewMemoryNetwork(1)
		n.SetFaults(Faults{MinDelay: 10 * time.Millisecond})
		a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")
		var want []string
		for i := range 500 {
			want = append(want, fmt.Sprint(i))
		}
		write(t, a, "b", want...)
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		if got := receive(t, b); !slices.Equal(got, want) {
			t.Errorf("the order changed: %q", got)
		}
	})
}

func TestReorder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewMemoryNetwork(3)
		a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")

		n.SetFaults(Faults{Reorder: 1, ReorderBy: 20 * time.Millisecond, MinDelay: time.Millisecond})
		write(t, a, "b", "held back")
		n.SetFaults(Faults{MinDelay: time.Millisecond})
		write(t, a, "b", "first")
		time.Sleep(21*time.Millisecond - 1)
		write(t, a, "b", "last")
		synctest.Wait()
		if got := receive(t, b); !slices.Equal(got, []string{"first"}) {
			t.Errorf("got %q", got)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if got := receive(t, b); !slices.Equal(got, []string{"held back", "last"}) {
			t.Errorf("got %q", got)
		}

		const packets = 5000
		n.SetFaults(Faults{Reorder: 0.2})
		before := n.Stats().HeldBack
		overtaken, highest := 0, -1
		for i := range packets {
			write(t, a, "b", fmt.Sprint(i))
			time.Sleep(DefaultReorderBy/2 + 1)
			synctest.Wait()
			for _, p := range receive(t, b) {
				var k int
				fmt.Sscan(p, &k)
				if k < highest {
					overtaken++
				}
				highest = max(highest, k)
			}
		}
		within(t, "held back", n.Stats().HeldBack-before, packets, 0.2)
		// The next packet overtakes it, unless that one is held back too.
		within(t, "overtaken", uint64(overtaken), packets, 0.2*(1-0.2))
	})
}

func TestLinkFaults(t *testing.T) {
	n := NewMemoryNetwork(1)
	a, b, c := listenMemory(t, n, "a"), listenMemory(t, n, "b"), listenMemory(t, n, "c")
	all := func() string {
		for _, m := range []*Memory{a, b, c} {
			for _, to := range []string{"a", "b", "c"} {
				write(t, m, to, m.Addr()+to)
			}
		}
		got := append(append(receive(t, a), receive(t, b)...), receive(t, c)...)
		slices.Sort(got)
		return strings.Join(got, " ")
	}
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() {}, "aa ab ac ba bb bc ca cb cc"},
		{func() { n.SetLinkFaults("a", "b", Faults{Loss: 1}) }, "aa ac ba bb bc ca cb cc"},
		{func() { n.SetFaults(Faults{Loss: 1}) }, "aa bb cc"},
		{func() { n.SetLinkFaults("a", "b", Faults{}) }, "aa ab bb cc"},
		{func() { n.SetLinkFaults("a", "a", Faults{Loss: 1}) }, "aa ab bb cc"},
		{func() { n.SetLinkFaults("c", "a", Faults{Duplicate: 1}) }, "aa ab bb ca ca cc"},
		{func() { n.ClearLinkFaults("a", "b") }, "aa bb ca ca cc"},
		{func() { n.SetFaults(Faults{}) }, "aa ab ac ba bb bc ca ca cb cc"},
	} {
		step.do()
		if got := all(); got != step.want {
			t.Errorf("got  %s\nwant %s", got, step.want)
		}
	}
}

func TestCutsForPackets(t *testing.T) {
	n := NewMemoryNetwork(1)
	ends := make(map[string]*Memory)
	for _, addr := range []string{"a", "b", "c", "d"} {
		ends[addr] = listenMemory(t, n, addr)
	}
	// missing lists the links that nothing passes.
	missing := func() string {
		var links []string
		for _, from := range []string{"a", "b", "c", "d"} {
			for _, to := range []string{"a", "b", "c", "d"} {
				write(t, ends[from], to, "x")
				if len(receive(t, ends[to])) == 0 {
					links = append(links, from+to)
				}
			}
		}
		return strings.Join(links, " ")
	}
	set := func(s string) []string { return strings.Split(s, "") }
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"nothing", func() {}, ""},
		{"one link", func() { n.Cut(set("a"), set("b")) }, "ab"},
		{"again", func() { n.Cut(set("a"), set("b")) }, "ab"},
		{"one way between sets", func() { n.Cut(set("ab"), set("cd")) }, "ab ac ad bc bd"},
		{"not of it", func() { n.Restore(set("c"), set("a")) }, "ab ac ad bc bd"},
		{"some of it", func() { n.Restore(set("ab"), set("c")) }, "ab ad bd"},
		{"heal", n.Heal, ""},
		{"two sides", func() { n.Partition(set("ab"), set("cd")) }, "ac ad bc bd ca cb da db"},
		{"one way open", func() { n.Restore(set("ab"), set("cd")) }, "ca cb da db"},
		{"heal", n.Heal, ""},
		{"three sides, one outside", func() { n.Partition(set("a"), set("b"), set("c")) }, "ab ac ba bc ca cb"},
		{"heal", n.Heal, ""},
		{"one side is no side", func() { n.Partition(set("abcd")) }, ""},
		{"sides that overlap", func() { n.Partition(set("ab"), set("bc")) }, "ab ac ba bc ca cb"},
		{"heal", n.Heal, ""},
		{"isolated", func() { n.Isolate("b") }, "ab ba bc bd cb db"},
		{"of that, nothing to restore", func() { n.Restore(set("a"), set("b")) }, "ab ba bc bd cb db"},
		{"another", func() { n.Isolate("a", "c") }, "ab ac ad ba bc bd ca cb cd da db dc"},
		{"heal", n.Heal, ""},
		{"before anybody listens there", func() { ends["d"].Close(); n.Isolate("d"); ends["d"] = listenMemory(t, n, "d") }, "ad bd cd da db dc"},
		{"heal", n.Heal, ""},
	} {
		step.do()
		if got := missing(); got != step.want {
			t.Errorf("%s: cut are %q, want %q", step.name, got, step.want)
		}
	}
	wantAccounted(t, n)
}

// TestCutUnderWay: what would arrive during a cut is lost, what is under way
// for longer is not.
func TestCutUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewMemoryNetwork(1)
		a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")
		write(t, a, "b", "queued")
		n.SetFaults(Faults{MinDelay: 10 * time.Millisecond})
		write(t, a, "b", "arrives during the cut")
		n.SetFaults(Faults{MinDelay: 30 * time.Millisecond})
		write(t, a, "b", "arrives after the cut")
		n.Cut([]string{"a"}, []string{"b"})
		write(t, a, "b", "sent during the cut")
		time.Sleep(20 * time.Millisecond)
		n.Heal()
		time.Sleep(time.Second)
		synctest.Wait()
		if got := receive(t, b); !slices.Equal(got, []string{"queued", "arrives after the cut"}) {
			t.Errorf("got %q", got)
		}
		if s := wantAccounted(t, n); s.Cut != 2 {
			t.Errorf("%+v", s)
		}
	})
}

func TestFaultsOutOfBounds(t *testing.T) {
	for _, c := range []struct{ in, want Faults }{
		{Faults{}, Faults{ReorderBy: DefaultReorderBy}},
		{
			Faults{Loss: -1, Duplicate: 2, Reorder: math.NaN(), MinDelay: -1, MaxDelay: -2, ReorderBy: -3},
			Faults{Duplicate: 1, ReorderBy: DefaultReorderBy},
		},
		{
			Faults{Loss: math.Inf(1), MinDelay: 5, MaxDelay: 3, ReorderBy: 7},
			Faults{Loss: 1, MinDelay: 5, MaxDelay: 5, ReorderBy: 7},
		},
		{
			Faults{MaxDelay: math.MaxInt64, ReorderBy: math.MaxInt64},
			Faults{MaxDelay: maxFaultDelay, ReorderBy: maxFaultDelay},
		},
		{
			Faults{MinDelay: math.MaxInt64},
			Faults{MinDelay: maxFaultDelay, MaxDelay: maxFaultDelay, ReorderBy: DefaultReorderBy},
		},
		{
			Faults{Loss: 0.5, Duplicate: 0.5, Reorder: 0.5, MinDelay: 1, MaxDelay: 2, ReorderBy: 3},
			Faults{Loss: 0.5, Duplicate: 0.5, Reorder: 0.5, MinDelay: 1, MaxDelay: 2, ReorderBy: 3},
		},
	} {
		if got := c.in.valid(); got != c.want {
			t.Errorf("%+v is taken as %+v, want %+v", c.in, got, c.want)
		}
	}
}
