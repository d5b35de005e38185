package sim

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// Checker watches a run and finds what must never happen, at the transition
// where it does: it judges each one from the one before and from what the
// members have said of themselves, by rules of its own and not by
// [wire.Supersedes]. Watch makes one that follows a Sim.
type Checker struct {
	// Fail is told of each violation.
	Fail func(problem string)
	// MaxRate bounds how many packets a node may send within one second, since
	// answers that answer each other never end; 0 is no bound.
	MaxRate int
	// Transitions counts what was judged, so that a test can tell that the
	// checker was not idle.
	Transitions int

	views  map[string]*view
	spoken map[string]map[uint64]uint32
}

// view is what one life of a node was last seen to believe.
type view struct {
	self    string // the name it goes by
	life    int
	members map[string]wire.Member
	second  time.Duration
	sent    int // in that second
}

// NewChecker makes a checker that is told what happens by calls of its methods.
func NewChecker(fail func(problem string)) *Checker {
	return &Checker{Fail: fail, views: make(map[string]*view), spoken: make(map[string]map[uint64]uint32)}
}

// Watch lets a checker see everything that happens in s from now on, beside
// whoever watches already. All nodes have to be started after it.
func Watch(s *Sim, fail func(problem string)) *Checker {
	c := NewChecker(fail)
	onInput, onEvent, onPacket := s.OnInput, s.OnEvent, s.OnPacket
	s.OnInput = func(n *Node, ticked bool) {
		c.Local(n.Name, n.life, n.leaving, n.M.Local())
		if ticked {
			c.Tick(n.Name, n.clock(s.now), n.deadline())
		}
		if onInput != nil {
			onInput(n, ticked)
		}
	}
	s.OnEvent = func(n *Node, e *core.Event) {
		c.Event(n.Name, e)
		if onEvent != nil {
			onEvent(n, e)
		}
	}
	s.OnPacket = func(n *Node, p *core.Packet) {
		c.Rate(n.Name, s.now)
		c.Packet(n.Name, p, s.PacketBytes, s.sizeOf(p.Msg))
		if onPacket != nil {
			onPacket(n, p)
		}
	}
	return c
}

func (c *Checker) failf(format string, args ...any) { c.Fail(fmt.Sprintf(format, args...)) }

// Local judges what a node is to itself after an input. Leaving says that it was
// told to leave.
func (c *Checker) Local(node string, life int, leaving bool, now wire.Member) {
	v := c.views[node]
	if v == nil || v.life != life {
		v = &view{self: now.Name, life: life, members: make(map[string]wire.Member)}
		c.views[node] = v
		v.members[v.self] = now
	}
	before := v.members[v.self]
	switch {
	case now.Name != before.Name:
		c.failf("%s calls itself %s", before.Name, now.Name)
	case lower(&now, &before):
		c.failf("%s lowered its own incarnation: %+v after %+v", node, now, before)
	case now.State != wire.Alive && !leaving:
		c.failf("%s holds itself for %v, and nobody told it to leave", node, now.State)
	case leaving && now.State != wire.Left:
		c.failf("%s was told to leave and holds itself for %v", node, now.State)
	}
	v.members[v.self] = now
	lives := c.spoken[now.Name]
	if lives == nil {
		lives = make(map[uint64]uint32)
		c.spoken[now.Name] = lives
	}
	lives[now.Epoch] = max(lives[now.Epoch], now.Incarnation)
}

// Tick judges a Machine's deadline after a Tick: one that stays due would spin.
func (c *Checker) Tick(node string, now, deadline time.Duration) {
	if deadline <= now {
		c.failf("after its Tick at %v the deadline of %s is %v", now, node, deadline)
	}
}

// Event judges a change of a node's belief. Local has to come before it.
func (c *Checker) Event(node string, e *core.Event) {
	if e.Kind != core.Changed {
		return
	}
	c.Transitions++
	v := c.views[node]
	name := e.After.Name
	if name == "" {
		name = e.Before.Name
	}
	if known := v.members[name]; known != e.Before {
		c.failf("%s: a change of %s begins at %+v, where it believed %+v", node, name, e.Before, known)
	}
	switch before, after := &e.Before, &e.After; {
	case name == v.self:
		c.failf("%s changed its belief about itself: %+v to %+v", node, *before, *after)
	case after.State == 0:
		if before.State.Live() {
			c.failf("%s forgot %+v, which is not dead", node, *before)
		}
		delete(v.members, name)
		return
	case before.State == 0:
	case before.Name != name:
		c.failf("%s took %s for %s", node, name, before.Name)
	case lower(after, before):
		c.failf("%s lowered the incarnation of %s: %+v to %+v", node, name, *before, *after)
	case after.Epoch != before.Epoch || after.Incarnation != before.Incarnation:
	case after.State.Live() && !before.State.Live():
		c.failf("%s resurrected %s at the evidence: %+v to %+v", node, name, *before, *after)
	case after.State < before.State:
		c.failf("%s took an accusation of %s back: %+v to %+v", node, name, *before, *after)
	case after.State == before.State:
		c.failf("%s: %s changed from %+v to %+v under one incarnation", node, name, *before, *after)
	}
	c.owned(node, &e.After)
	v.members[name] = e.After
}

// Packet judges what a node sends: size bytes, of at most budget in a datagram.
func (c *Checker) Packet(node string, p *core.Packet, budget, size int) {
	if !p.Stream && size > budget {
		c.failf("%s sends %d bytes of %v in a datagram, and the budget is %d", node, size, p.Msg.Kind, budget)
	}
	if err := p.Msg.Check(); err != nil {
		c.failf("%s sends %+v: %v", node, *p.Msg, err)
	}
	sender := p.Msg.Sender
	c.owned(node, &wire.Member{Name: sender.Name, Epoch: sender.Epoch, Incarnation: sender.Incarnation})
	for i := range p.Msg.Updates {
		u := &p.Msg.Updates[i]
		if err := u.Check(); err != nil {
			c.failf("%s claims %+v: %v", node, *u, err)
		}
		c.owned(node, &u.Member)
	}
}

// Rate judges how often a node sends. It is called once for each packet.
func (c *Checker) Rate(node string, now time.Duration) {
	v := c.views[node]
	if second := now.Truncate(time.Second); second != v.second {
		v.second, v.sent = second, 0
	}
	if v.sent++; v.sent == c.MaxRate {
		c.failf("%s sends its packet %d in one second", node, v.sent)
	}
}

// owned judges whether a member itself has had the incarnation that is claimed.
func (c *Checker) owned(node string, m *wire.Member) {
	if highest, lived := c.spoken[m.Name][m.Epoch]; !lived || m.Incarnation > highest {
		c.failf("%s claims %+v, and %s never went beyond incarnation %d of that life", node, *m, m.Name, highest)
	}
}

func lower(a, b *wire.Member) bool {
	return a.Epoch < b.Epoch || a.Epoch == b.Epoch && a.Incarnation < b.Incarnation
}

// Table judges a whole table: it has to be what the changes add up to, and no
// larger than limit.
func (c *Checker) Table(node string, table []wire.Member, limit int) {
	v := c.views[node]
	if len(table) > limit {
		c.failf("%s holds %d members, and the limit is %d", node, len(table), limit)
	}
	if len(table) != len(v.members) {
		c.failf("%s holds %d members, and was told of %d", node, len(table), len(v.members))
	}
	for _, m := range table {
		if known := v.members[m.Name]; known != m {
			c.failf("%s holds %+v, and its changes led to %+v", node, m, known)
		}
	}
}

// Tables judges the tables of all nodes that run.
func (c *Checker) Tables(s *Sim) {
	for _, n := range s.nodes {
		if n.up {
			c.Table(n.Name, slices.Collect(n.M.Members()), maxMembers)
		}
	}
}

// Disagreement says where the tables of a calm cluster differ from the truth or
// from each other, or returns "": every node that runs and has not left is
// alive to all, every other that anybody remembers is failed or left to all, and
// all say the same of it.
func Disagreement(s *Sim) string {
	var first map[string]wire.Member
	for _, n := range s.nodes {
		if !n.up || n.leaving {
			continue
		}
		table := make(map[string]wire.Member)
		for m := range n.M.Members() {
			table[m.Name] = m
		}
		for _, other := range s.nodes {
			m, known := table[other.Name]
			alive := other.up && !other.leaving
			switch {
			case alive && !known:
				return fmt.Sprintf("%s does not know %s", n.Name, other.Name)
			case alive && m != other.M.Local():
				return fmt.Sprintf("%s believes %+v, and %s is %+v", n.Name, m, other.Name, other.M.Local())
			case !alive && m.State == wire.Suspect && n.M.Isolated():
				// All others died at once, and it cannot tell that from being cut off.
			case !alive && known && m.State.Live():
				return fmt.Sprintf("%s believes %+v, which is gone", n.Name, m)
			}
		}
		if first == nil {
			first = table
		}
		if !maps.Equal(first, table) {
			return fmt.Sprintf("%s believes %v\nothers believe %v", n.Name, table, first)
		}
	}
	return ""
}
