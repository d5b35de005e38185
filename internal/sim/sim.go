package sim

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

// Sim is a simulated cluster. One goroutine uses it.
type Sim struct {
	Net Network
	// Params are those of the nodes started from now on.
	Params core.Params
	// PacketBytes is how long a message in a packet may be.
	PacketBytes int
	// NewSelector makes each node's MemberSelector; nil makes a RoundRobin.
	NewSelector func() core.Selector
	// Configure, if set, may change what a node's Machine is made of.
	Configure func(n *Node, cfg *core.Config)
	// Bytes lets messages travel as bytes, which are overwritten as soon as they
	// were used: a Machine that keeps a view of a packet shows it.
	Bytes bool
	// TimersFirst lets the timers of a process that was stalled run before what
	// waits in its socket is received.
	TimersFirst bool
	// SocketBytes is how much waits in a stalled process's socket; more is lost.
	// 0 stands for a machine that is paused, rather than a process.
	SocketBytes int
	// ReceiveTime is how long a process is busy with each message it receives.
	// What arrives meanwhile waits in its socket, and what is due then waits for
	// what has arrived, but with TimersFirst.
	ReceiveTime time.Duration
	// Unnoticed lets a Machine's clock run on while its process is frozen, as
	// where a stall falls between two looks at the clock.
	Unnoticed bool
	// ClogsShed counts what was lost because too much waited at a clog.
	ClogsShed uint64
	// OnEvent, if set, sees every event of every Machine.
	OnEvent func(n *Node, e *core.Event)
	// OnPacket, if set, sees every packet sent.
	OnPacket func(from *Node, p *core.Packet)
	// OnInput, if set, sees every Machine after each of its inputs, before the
	// outputs are used. Ticked says that the input was a Tick.
	OnInput func(n *Node, ticked bool)

	now    time.Duration
	rng    *rand.Rand
	seed   uint64
	due    queue
	nodes  []*Node
	byName map[string]*Node
	byAddr map[string]*Node
	shared map[core.Identity]*core.Identity
	codec  codec.Msgpack
	buffer []byte // of the message encoded last

	loads   []*load // by number
	spare   []*load
	streams slab[*stream] // whose time runs
	serving *stream       // whose message is being received
	calls   slab[func()]
	clogs   []*clog // those that began first hold back first
}

// maxMembers bounds each node's table.
const maxMembers = 1 << 16

// New makes an empty cluster on a perfect network.
func New(seed uint64) *Sim {
	return &Sim{
		Net:         Network{Streams: true},
		Params:      core.LAN(),
		PacketBytes: 1390,
		SocketBytes: socketBytes,
		rng:         rand.New(rand.NewPCG(seed, 0x5157494d)),
		seed:        seed,
		byName:      make(map[string]*Node),
		byAddr:      make(map[string]*Node),
		shared:      make(map[core.Identity]*core.Identity),
	}
}

// Now is the virtual time since New.
func (s *Sim) Now() time.Duration { return s.now }

// Rand is the source of all chance in the run.
func (s *Sim) Rand() *rand.Rand { return s.rng }

// Nodes are all nodes ever started, in that order.
func (s *Sim) Nodes() []*Node { return s.nodes }

// Node returns the node of a name, or nil.
func (s *Sim) Node(name string) *Node { return s.byName[name] }

// Start starts the process of a name for the first time, or again after a Crash,
// then in a new epoch and knowing nobody.
func (s *Sim) Start(name string) *Node {
	n := s.byName[name]
	if n == nil {
		n = &Node{number: int32(len(s.nodes)), Name: name, Addr: fmt.Sprintf("10.%d.%d.%d:7946", len(s.nodes)>>16, len(s.nodes)>>8&255, len(s.nodes)&255)}
		s.nodes = append(s.nodes, n)
		s.byName[name], s.byAddr[n.Addr] = n, n
	}
	if n.up {
		panic("sim: " + name + " runs already")
	}
	n.life++
	n.up, n.leaving = true, false
	n.slept, n.stall, n.held = 0, running, nil
	s.discard(n)
	n.M = core.New(s.config(n), s.now)
	n.tickAt = -1
	s.settle(n)
	return n
}

func (s *Sim) config(n *Node) core.Config {
	cfg := core.Config{
		Params: s.Params, Name: n.Name, Addr: n.Addr,
		Epoch:       uint64(s.now) + uint64(n.life),
		Seed:        s.rng.Uint64(),
		Selector:    new(selector.RoundRobin),
		MessageSize: s.codec.Size, UpdateSize: s.codec.UpdateSize,
		Disseminator: new(disseminator.Piggyback),
		PacketBytes:  s.PacketBytes, Streams: s.Net.Streams, MaxMembers: maxMembers,
		Intern: s.intern,
	}
	if s.NewSelector != nil {
		cfg.Selector = s.NewSelector()
	}
	if s.Configure != nil {
		s.Configure(n, &cfg)
	}
	return cfg
}

func (s *Sim) intern(id core.Identity) *core.Identity {
	shared := s.shared[id]
	if shared == nil {
		// The strings may be views.
		shared = &core.Identity{
			Name: strings.Clone(id.Name), Addr: strings.Clone(id.Addr),
			Meta: strings.Clone(id.Meta), Epoch: id.Epoch,
		}
		s.shared[*shared] = shared
	}
	return shared
}

// Crash stops a process without a word.
func (s *Sim) Crash(n *Node) { n.up = false }

// Join lets a node exchange tables with the node of another name.
func (s *Sim) Join(n *Node, seed string) uint32 {
	seq := n.M.Join(n.clock(s.now), s.byName[seed].Addr)
	s.settle(n)
	return seq
}

// Leave lets a node announce its departure.
func (s *Sim) Leave(n *Node) {
	n.leaving = true
	n.M.Leave(n.clock(s.now))
	s.settle(n)
}

// SetMeta changes a node's metadata.
func (s *Sim) SetMeta(n *Node, meta string) {
	n.M.SetMeta(n.clock(s.now), meta)
	s.settle(n)
}

// Inject hands a message to a node as if it came from an address.
func (s *Sim) Inject(n *Node, from core.Path, msg *wire.Message) {
	n.M.Receive(n.clock(s.now), from, msg)
	s.settle(n)
}

// At plans fn for a time, or for now if that is past.
func (s *Sim) At(at time.Duration, fn func()) {
	s.due.push(max(at, s.now), call, s.calls.put(fn))
}

// Run lets all happen that is due until the given time, which becomes Now.
func (s *Sim) Run(until time.Duration) {
	for len(s.due.items) > 0 && s.due.items[0].at <= until {
		s.step()
	}
	s.now = max(s.now, until)
}

// RunUntil lets things happen until done says so, and reports whether it did
// before the given time. It asks after each step.
func (s *Sim) RunUntil(until time.Duration, done func() bool) bool {
	for !done() {
		if len(s.due.items) == 0 || s.due.items[0].at > until {
			s.now = max(s.now, until)
			return false
		}
		s.step()
	}
	return true
}

func (s *Sim) step() {
	it := s.due.pop()
	s.now = it.at
	switch it.kind {
	case tick:
		s.tick(s.nodes[it.ref], it.at)
	case deliver:
		s.hand(s.loads[it.ref])
	case drain:
		s.drain(s.nodes[it.ref])
	case expire:
		s.expire(s.streams.take(it.ref))
	case call:
		s.calls.take(it.ref)()
	}
}

func (s *Sim) tick(n *Node, at time.Duration) {
	if at != n.tickAt {
		return // a nearer tick was scheduled since, or another life began
	}
	n.tickAt = -1
	if !n.up || n.stall == frozen {
		return
	}
	if s.putOff(n); s.timersWait(n) {
		return
	}
	if n.deadline() > n.clock(s.now) { // put off since: there are no new outputs
		s.arm(n)
		return
	}
	n.tick(n.clock(s.now))
	s.finish(n, true)
}

// settle carries out what a Machine's last input wants, once, and schedules its
// tick. Every input but a Tick ends here.
func (s *Sim) settle(n *Node) { s.finish(n, false) }

func (s *Sim) finish(n *Node, ticked bool) {
	if s.OnInput != nil {
		s.OnInput(n, ticked)
	}
	events, packets := n.M.Events(), n.M.Packets()
	if s.OnEvent != nil {
		for i := range events {
			s.OnEvent(n, &events[i])
		}
	}
	for i := range packets {
		s.send(n, &packets[i])
	}
	s.arm(n)
}

// arm schedules the next tick, unless one that is early enough is scheduled, or
// other things come first.
func (s *Sim) arm(n *Node) {
	if s.timersWait(n) {
		return
	}
	if at := max(n.wall(n.deadline()), s.now); n.tickAt < 0 || at < n.tickAt {
		n.tickAt = at
		s.due.push(at, tick, n.number)
	}
}
