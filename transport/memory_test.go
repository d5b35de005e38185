package transport

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// receive returns what waits at m to be read, and does not wait itself.
func receive(t *testing.T, m *Memory) (got []string) {
	t.Helper()
	buf := make([]byte, 64)
	for queued(m) > 0 {
		n, _, err := m.ReadPacket(buf)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(buf[:n]))
	}
	return got
}

func queued(m *Memory) int {
	m.net.mu.Lock()
	defer m.net.mu.Unlock()
	return m.queue.n
}

func write(t *testing.T, from *Memory, to string, packets ...string) {
	t.Helper()
	for _, p := range packets {
		if err := from.WritePacket([]byte(p), to); err != nil {
			t.Fatal(err)
		}
	}
}

// wantAccounted checks that each copy of each packet had one fate.
func wantAccounted(t *testing.T, n *MemoryNetwork) MemoryStats {
	t.Helper()
	s := n.Stats()
	if s.Sent+s.Duplicated != s.Delivered+s.Lost+s.Cut+s.Unreachable+s.Overflowed {
		t.Errorf("packets are missing in %+v", s)
	}
	return s
}

func TestMemoryListen(t *testing.T) {
	n := NewMemoryNetwork(1)
	for _, addr := range []string{"a", "10.0.0.1:7946", "\xff any bytes", strings.Repeat("x", maxMemoryAddressBytes)} {
		m := listenMemory(t, n, addr)
		if m.Addr() != addr {
			t.Errorf("listened on %q, got %q", addr, m.Addr())
		}
		if _, err := n.Listen(addr); !errors.Is(err, ErrInUse) {
			t.Errorf("%q twice: %v", addr, err)
		}
		m.Close()
		if again := listenMemory(t, n, addr); again.Addr() != addr {
			t.Errorf("%q is not free after Close", addr)
		}
	}
	if _, err := n.Listen(strings.Repeat("x", maxMemoryAddressBytes+1)); !errors.Is(err, ErrAddress) {
		t.Errorf("too long: %v", err)
	}
	listenMemory(t, n, "memory:2")
	seen := make(map[string]bool)
	for range 10 {
		addr := listenMemory(t, n, "").Addr()
		if addr == "" || addr == "memory:2" || seen[addr] {
			t.Errorf("%q was made up", addr)
		}
		seen[addr] = true
	}
}

func TestZeroMemoryNetwork(t *testing.T) {
	var n MemoryNetwork
	n.SetFaults(Faults{Loss: 0.5})
	n.SetLinkFaults("a", "b", Faults{})
	n.Cut([]string{"a"}, []string{"b"})
	n.Heal()
	a, b := listenMemory(t, &n, "a"), listenMemory(t, &n, "b")
	write(t, a, "b", "hello")
	if got := receive(t, b); !slices.Equal(got, []string{"hello"}) {
		t.Errorf("got %q", got)
	}
}

func TestMemoryKeepsOrder(t *testing.T) {
	n := NewMemoryNetwork(1)
	a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")
	next := 0
	for round := range 40 { // the ring grows and turns
		var want []string
		for range round {
			want = append(want, fmt.Sprint(next))
			next++
		}
		write(t, a, "b", want...)
		if got := receive(t, b); !slices.Equal(got, want) {
			t.Fatalf("sent %q, got %q", want, got)
		}
	}
}

func TestMemoryQueueIsBounded(t *testing.T) {
	n := NewMemoryNetwork(1)
	a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")
	for i := range MemoryQueuePackets + 10 {
		write(t, a, "b", fmt.Sprint(i))
	}
	if s := wantAccounted(t, n); s.Overflowed != 10 || s.Delivered != MemoryQueuePackets {
		t.Errorf("%+v", s)
	}
	got := receive(t, b)
	if len(got) != MemoryQueuePackets || got[0] != "0" || got[len(got)-1] != fmt.Sprint(MemoryQueuePackets-1) {
		t.Errorf("got %d packets, %s to %s: the first ones must stay", len(got), got[0], got[len(got)-1])
	}
	if len(n.free) != MemoryQueuePackets+1 {
		t.Errorf("%d free buffers: that of a packet dropped is lost", len(n.free))
	}
	write(t, a, "b", "room again")
	if got := receive(t, b); !slices.Equal(got, []string{"room again"}) {
		t.Errorf("got %q", got)
	}
}

func TestMemoryFlightIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewMemoryNetwork(1)
		n.SetFaults(Faults{MinDelay: time.Second})
		a := listenMemory(t, n, "a")
		listenMemory(t, n, "b")
		for range MemoryFlightPackets + 10 {
			write(t, a, "b", "x")
		}
		if s := n.Stats(); s.Overflowed != 10 {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if s := wantAccounted(t, n); s.Delivered != MemoryQueuePackets {
			t.Errorf("%+v", s)
		}
		write(t, a, "b", "x")
		if s := n.Stats(); s.Sent != MemoryFlightPackets+11 || s.Overflowed+s.Delivered != MemoryFlightPackets+10 {
			t.Errorf("there is no room again: %+v", s)
		}
	})
}

func TestMemoryUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewMemoryNetwork(1)
		a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")
		write(t, a, "nobody", "x")
		if err := a.WritePacket(nil, ""); !errors.Is(err, ErrAddress) {
			t.Errorf("to nowhere: %v", err)
		}
		n.SetFaults(Faults{MinDelay: time.Second})
		write(t, a, "b", "gone before it arrives")
		b.Close()
		time.Sleep(time.Second)
		synctest.Wait()
		if s := wantAccounted(t, n); s.Sent != 2 || s.Unreachable != 2 {
			t.Errorf("%+v", s)
		}
		b = listenMemory(t, n, "b")
		write(t, a, "b", "for whoever is there")
		b.Close()
		b = listenMemory(t, n, "b")
		time.Sleep(time.Second)
		synctest.Wait()
		if got := receive(t, b); !slices.Equal(got, []string{"for whoever is there"}) {
			t.Errorf("got %q", got)
		}
	})
}

// TestMemoryForgetsTheCallersAddress writes to an address whose bytes change afterwards,
// as those of a view into a packet do.
func TestMemoryForgetsTheCallersAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewMemoryNetwork(1)
		n.SetFaults(Faults{MinDelay: time.Second})
		a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")
		view := []byte("b")
		write(t, a, viewOf(view), "x")
		view[0] = 'c'
		time.Sleep(time.Second)
		synctest.Wait()
		if got := receive(t, b); !slices.Equal(got, []string{"x"}) {
			t.Errorf("got %q", got)
		}
	})
}

// TestMemoryBuffersAreReused looks for packets that share a buffer while both
// are under way.
func TestMemoryBuffersAreReused(t *testing.T) {
	n := NewMemoryNetwork(1)
	a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")
	for range 3 {
		write(t, a, "b", "one", "two", "three")
		if got := receive(t, b); !slices.Equal(got, []string{"one", "two", "three"}) {
			t.Fatalf("got %q", got)
		}
	}
	if len(n.free) != 3 {
		t.Errorf("%d free buffers, want the 3 that were in use at once", len(n.free))
	}
	write(t, a, "b", "unread")
	b.Close()
	if len(n.free) != 3 {
		t.Errorf("%d free buffers: Close keeps those of packets not read", len(n.free))
	}
}

func TestMemoryFaultyPacketsCostNoAllocation(t *testing.T) {
	n := NewMemoryNetwork(1)
	n.SetFaults(Faults{Loss: 0.2, Duplicate: 0.2})
	n.SetLinkFaults("b", "a", Faults{Loss: 1})
	n.Cut([]string{"a"}, []string{"c"})
	a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")
	p, buf := make([]byte, 1400), make([]byte, 1500)
	if allocs := testing.AllocsPerRun(1000, func() {
		a.WritePacket(p, "b")
		b.WritePacket(p, "a")
		a.WritePacket(p, "c")
		for queued(b) > 0 {
			b.ReadPacket(buf)
		}
	}); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkMemoryDelayed(b *testing.B) {
	n := NewMemoryNetwork(1)
	n.SetFaults(Faults{MinDelay: time.Microsecond, MaxDelay: 10 * time.Microsecond})
	from, to := listenMemory(b, n, "a"), listenMemory(b, n, "b")
	p, buf := make([]byte, 1400), make([]byte, 1500)
	b.ReportAllocs()
	for b.Loop() {
		if err := from.WritePacket(p, "b"); err != nil {
			b.Fatal(err)
		}
		if _, _, err := to.ReadPacket(buf); err != nil {
			b.Fatal(err)
		}
	}
}
