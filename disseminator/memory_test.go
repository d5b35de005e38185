package disseminator

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/swim-go/swim/wire"
)

// named returns n claims about distinct members, 50 bytes each in the codec
// that packetRoom stands for.
func named(n int) []wire.Update {
	us := make([]wire.Update, n)
	for i := range us {
		us[i] = claim(fmt.Sprintf("member-%06d", i), 1)
	}
	return us
}

func packetRoom(limit int) wire.Room {
	return wire.Room{Bytes: 1400, Size: sizeOf, Limit: limit}
}

// A simulator runs 10,000 idle nodes, and so may a test.
func TestIdleTakesNothing(t *testing.T) {
	if size := unsafe.Sizeof(Piggyback{}); size > 128 {
		t.Errorf("an idle Piggyback takes %d bytes, want at most 128", size)
	}
	var p Piggyback
	if n := testing.AllocsPerRun(100, func() {
		p.Fill(nil, packetRoom(5))
		p.Forget("a")
		p.Len()
	}); n != 0 {
		t.Errorf("%v allocations without a claim, want none", n)
	}
	if size := unsafe.Sizeof(entry{}); size > 128 {
		t.Errorf("a claim takes %d bytes, want at most 128", size)
	}
}

func TestMemoryOfABurstIsGivenBack(t *testing.T) {
	empty := map[string]func(p *Piggyback, us []wire.Update){
		"sent": func(p *Piggyback, _ []wire.Update) {
			for p.Len() > 0 {
				p.Fill(nil, packetRoom(2))
			}
		},
		"forgotten": func(p *Piggyback, us []wire.Update) {
			for _, u := range us {
				p.Forget(u.Name)
			}
		},
	}
	for how, empty := range empty {
		var p Piggyback
		for _, burst := range []int{keptEntries / 2, 1_000} {
			us := named(burst)
			for _, u := range us {
				p.Add(u)
			}
			empty(&p, us)
			for _, e := range p.queue.entries {
				if e.claim != (wire.Update{}) {
					t.Fatalf("the strings of %q are held after it was %s", e.claim.Name, how)
				}
			}
			if got := cap(p.queue.entries); (got == 0) != (burst > keptEntries) {
				t.Errorf("room for %d entries is kept after %d were %s", got, burst, how)
			}
		}
		p.Add(claim("a", 1))
		expect(t, "and it goes on", p.Fill(nil, packetRoom(2)), "a1")
	}
}

// allocations is how many f makes in 10,000 calls, after as many to warm up.
// (testing.AllocsPerRun rounds an average down, and so would hide 9,999.)
func allocations(f func()) float64 {
	return testing.AllocsPerRun(1, func() {
		for range 10_000 {
			f()
		}
	})
}

func TestNoAllocations(t *testing.T) {
	var p Piggyback
	us := named(1_000)
	for _, u := range us {
		p.Add(u)
	}
	dst := make([]wire.Update, 0, 64)
	dst = append(dst, us[17])
	if n := allocations(func() { dst = p.Fill(dst[:1], packetRoom(1<<30)) }); n != 0 {
		t.Errorf("Fill: %v allocations, want none", n)
	}
	incarnation := uint32(1)
	if n := allocations(func() {
		incarnation++
		u := us[incarnation%1_000]
		u.Incarnation = incarnation
		p.Add(u)
	}); n != 0 {
		t.Errorf("Add of a newer claim: %v allocations, want none", n)
	}
	if p.Len() != 1_000 {
		t.Errorf("%d claims wait, want 1000", p.Len())
	}
}

// Claims that come, are sent and go cost nothing either, once the small queue
// they need is there.
func TestNoAllocationsInTheLongRun(t *testing.T) {
	var p Piggyback
	us := named(1_000)
	dst := make([]wire.Update, 0, 64)
	i, longest := 0, 0
	if n := allocations(func() {
		for range 10 {
			p.Add(us[i])
			i = (i + 1) % len(us)
		}
		longest = max(longest, p.Len())
		dst = p.Fill(dst[:0], packetRoom(2))
	}); n != 0 {
		t.Errorf("Add of new claims and Fill: %v allocations, want none", n)
	}
	if longest > 2*10 {
		t.Errorf("%d claims waited, want them gone after two sends", longest)
	}
}
