package disseminator

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/swim-go/swim/wire"
)

// spreader is what the tests need of a disseminator: the seam Disseminator,
// which cannot be named here because the root package imports this one.
type spreader interface {
	Add(u wire.Update)
	Fill(dst []wire.Update, room wire.Room) []wire.Update
	Forget(name string)
	Len() int
}

var _ spreader = (*Piggyback)(nil)

// model says the same as Piggyback in the plainest way: one slice, sorted
// before each packet.
type model struct {
	max    int
	claims []*modelClaim
	high   int // ranks grow to the front
	low    int // and fall to the back
	shed   uint64
}

type modelClaim struct {
	wire.Update
	sent int
	rank int  // the higher goes first among those sent equally often
	done bool // sent as often as the limit
}

func (m *model) Add(u wire.Update) {
	same := 0
	for _, c := range m.claims {
		if c.Name != u.Name {
			continue
		}
		if wire.Supersedes(&c.Member, &u.Member) || c.Member == u.Member && c.From == u.From {
			return
		}
		if c.Member == u.Member {
			same++
		}
	}
	if same == maxAccusers {
		m.shed++
		return
	}
	m.claims = slices.DeleteFunc(m.claims, func(c *modelClaim) bool {
		return c.Name == u.Name && wire.Supersedes(&u.Member, &c.Member)
	})
	m.sort()
	for len(m.claims) >= m.max {
		m.claims = m.claims[:len(m.claims)-1]
		m.shed++
	}
	m.high++
	m.claims = append(m.claims, &modelClaim{Update: u, rank: m.high})
}

func (m *model) Fill(dst []wire.Update, room wire.Room) []wire.Update {
	if room.Limit < 1 || room.Bytes < 1 {
		return dst
	}
	for _, c := range m.claims {
		// In the last list they are dropped when the packet gets to them.
		c.done = c.sent >= room.Limit && c.sent < maxCount
	}
	m.drop()
	m.sort()
	prefix, left, misses := len(dst), room.Bytes, 0
	tooLarge := make(map[int]int) // by count
	// Those sent go in front of their equals, and keep the order of the packet;
	// but those that were in the last list go in front of those that come to it.
	m.high += 2 * len(m.claims)
	front := m.high - len(m.claims)
	for _, c := range m.claims {
		count := min(c.sent, maxCount)
		if misses == lookAhead {
			break
		}
		if tooLarge[count] == lookAhead || about(dst[:prefix], c.Name) {
			continue
		}
		if c.done = c.sent >= room.Limit; c.done {
			continue
		}
		switch size := room.Size(&c.Update); {
		case size <= left:
			dst = append(dst, c.Update)
			left -= size
			c.sent++
			c.rank = front
			if count == maxCount {
				c.rank += len(m.claims)
			}
			front--
			c.done = c.sent >= room.Limit
		case size <= room.Bytes:
			misses++
		default:
			m.low--
			c.rank = m.low
			tooLarge[count]++
		}
	}
	m.drop()
	return dst
}

func (m *model) Forget(name string) {
	m.claims = slices.DeleteFunc(m.claims, func(c *modelClaim) bool { return c.Name == name })
}

func (m *model) Len() int { return len(m.claims) }

func (m *model) drop() {
	m.claims = slices.DeleteFunc(m.claims, func(c *modelClaim) bool { return c.done })
}

func (m *model) sort() {
	slices.SortFunc(m.claims, func(a, b *modelClaim) int {
		return cmp.Or(cmp.Compare(min(a.sent, maxCount), min(b.sent, maxCount)), cmp.Compare(b.rank, a.rank))
	})
}

func about(us []wire.Update, name string) bool {
	return slices.ContainsFunc(us, func(u wire.Update) bool { return u.Name == name })
}

// shape describes a random run. Small numbers make collisions likely.
type shape struct {
	members, incarnations, accusers int
	max, bytes, steps               int
	limit, shrink                   int // the limit varies between limit-shrink and limit
	fill                            int // permille of the steps that fill a packet
}

var shapes = []shape{
	{members: 5, incarnations: 3, accusers: 3, max: 100, limit: 4, shrink: 4, bytes: 300, steps: 5_000, fill: 400},
	{members: 40, incarnations: 2, accusers: 2, max: 30, limit: 6, shrink: 2, bytes: 400, steps: 5_000, fill: 200},
	{members: 300, incarnations: 2, accusers: 1, max: 0, limit: 8, shrink: 1, bytes: 500, steps: 5_000, fill: 300},
	{members: 2, incarnations: 1, accusers: 40, max: 25, limit: 5, shrink: 5, bytes: 600, steps: 5_000, fill: 100},
	{members: 60, incarnations: 2, accusers: 2, max: 40, limit: 9, shrink: 0, bytes: 900, steps: 5_000, fill: 500},
	{members: 9, incarnations: 2, accusers: 2, max: 1, limit: 2, shrink: 2, bytes: 200, steps: 2_000, fill: 500},
	// Counts beyond the last list.
	{members: 9, incarnations: 9, accusers: 2, max: 20, limit: maxCount + 60, shrink: 20, bytes: 400, steps: 20_000, fill: 997},
}

// sizeOf is a codec's UpdateSize of 40 to 160 bytes or so.
func sizeOf(u *wire.Update) int {
	return 24 + len(u.Name) + len(u.Addr) + len(u.Meta) + len(u.From)
}

func randomClaim(rng *rand.Rand, s shape) wire.Update {
	u := claim(fmt.Sprintf("m%d", rng.IntN(s.members)), uint32(rng.IntN(s.incarnations)))
	u.Epoch = uint64(rng.IntN(2))
	u.State = wire.State(1 + rng.IntN(4))
	u.Meta = []string{"", "", "", "short", string(make([]byte, 120)), string(make([]byte, 400))}[rng.IntN(6)]
	u.Age = uint32(rng.IntN(3))
	if u.State == wire.Suspect || u.State == wire.Failed {
		u.From = fmt.Sprintf("a%d", rng.IntN(s.accusers))
		if s.accusers > 2*maxAccusers { // many accusers of one claim
			u.Epoch, u.State, u.Meta = 0, wire.Suspect, ""
		}
	}
	return u
}

// differs plays the same random calls to p and to the model and returns the
// first difference, or "".
func differs(p spreader, s shape, seed uint64) string {
	rng := rand.New(rand.NewPCG(seed, 0xd155))
	m := &model{max: s.max}
	if s.max == 0 {
		m.max = DefaultMax
	}
	for step := range s.steps {
		what := ""
		switch roll := rng.IntN(1000); {
		case roll < s.fill:
			prefix := make([]wire.Update, 0, 64)
			for range rng.IntN(3) {
				prefix = append(prefix, randomClaim(rng, s))
			}
			room := wire.Room{Bytes: rng.IntN(s.bytes), Size: sizeOf, Limit: s.limit - rng.IntN(2)*rng.IntN(s.shrink+1)}
			got, want := p.Fill(slices.Clone(prefix), room), m.Fill(slices.Clone(prefix), room)
			what = fmt.Sprintf("Fill(%d claims, %d bytes, limit %d)", len(prefix), room.Bytes, room.Limit)
			if !slices.Equal(got, want) {
				return fmt.Sprintf("step %d: %s =\n%v\nwant\n%v", step, what, got, want)
			}
			if fault := misfilled(got, len(prefix), room); fault != "" {
				return fmt.Sprintf("step %d: %s = %v: %s", step, what, got, fault)
			}
		case roll == 999 || roll > 980 && s.fill < 900:
			name := fmt.Sprintf("m%d", rng.IntN(s.members))
			what = "Forget " + name
			p.Forget(name)
			m.Forget(name)
		default:
			u := randomClaim(rng, s)
			what = fmt.Sprintf("Add %v", u)
			p.Add(u)
			m.Add(u)
		}
		if p.Len() != m.Len() {
			return fmt.Sprintf("step %d: after %s Len = %d, want %d", step, what, p.Len(), m.Len())
		}
		if s, ok := p.(interface{ Shed() uint64 }); ok && s.Shed() != m.shed {
			return fmt.Sprintf("step %d: after %s Shed = %d, want %d", step, what, s.Shed(), m.shed)
		}
	}
	return ""
}

// misfilled says what is wrong with a packet whatever the model thinks of it.
func misfilled(us []wire.Update, prefix int, room wire.Room) string {
	left := room.Bytes
	for i, u := range us[prefix:] {
		left -= sizeOf(&u)
		switch {
		case left < 0:
			return "too many bytes"
		case about(us[:prefix], u.Name):
			return "a second claim about " + u.Name
		case slices.Contains(us[prefix:prefix+i], u):
			return "the same claim twice"
		}
	}
	return ""
}

func TestModel(t *testing.T) {
	for i, s := range shapes {
		for seed := range uint64(6) {
			if diff := differs(&Piggyback{Max: s.max}, s, seed); diff != "" {
				t.Fatalf("shape %d, seed %d, %s", i, seed, diff)
			}
		}
	}
}

// Mistakes that the comparison must see.
type (
	recounting struct{ Piggyback } // counts a claim anew when it comes again
	greedy     struct{ Piggyback } // takes a byte more than there is
	blind      struct{ Piggyback } // does not look at what dst holds
	tireless   struct{ Piggyback } // sends once more than the limit
	forgetless struct{ Piggyback }
)

func (r *recounting) Add(u wire.Update) {
	r.Forget(u.Name)
	r.Piggyback.Add(u)
}

func (g *greedy) Fill(dst []wire.Update, room wire.Room) []wire.Update {
	room.Bytes++
	return g.Piggyback.Fill(dst, room)
}

func (b *blind) Fill(dst []wire.Update, room wire.Room) []wire.Update {
	return append(dst, b.Piggyback.Fill(nil, room)...)
}

func (t *tireless) Fill(dst []wire.Update, room wire.Room) []wire.Update {
	room.Limit++
	return t.Piggyback.Fill(dst, room)
}

func (f *forgetless) Forget(string) {}

func TestModelCatchesMistakes(t *testing.T) {
	for _, broken := range []func() spreader{
		func() spreader { return new(recounting) },
		func() spreader { return new(greedy) },
		func() spreader { return new(blind) },
		func() spreader { return new(tireless) },
		func() spreader { return new(forgetless) },
	} {
		if differs(broken(), shapes[0], 1) == "" {
			t.Errorf("%T passed for right", broken())
		}
	}
}
