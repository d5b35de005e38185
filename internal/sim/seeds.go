package sim

import (
	"slices"
	"time"

	"github.com/swim-go/swim/internal/core"
)

// The numbers of the Driver's rule, under the names that they have there: rejoin.go
// in the root. A test compares the two.
const (
	minRejoinPause        = time.Second
	maxRejoinAsks         = 3
	defaultRejoinInterval = 30 * time.Second
	rejoinShare           = 4
	rejoinTimeout         = time.Minute
)

// Seekers are nodes that look for members at seeds, as the Driver does with
// Config.Seeds: when they start, when they are alone or cut off, and else now and
// then, a few members of the whole cluster at a time, at a seed where they hold
// nobody for live.
type Seekers struct {
	// Asked counts the addresses that all of them have asked.
	Asked int

	s       *Sim
	seeds   []string // names
	seeking map[*Node]*seeker
}

// Seek makes Seekers without a node. Seeds are names of nodes, which may start
// later or never. It hears the events of s beside whoever does already: who sets
// OnEvent afterwards has to pass them on.
func Seek(s *Sim, seeds ...string) *Seekers {
	k := &Seekers{s: s, seeds: seeds, seeking: make(map[*Node]*seeker)}
	onEvent := s.OnEvent
	s.OnEvent = func(n *Node, e *core.Event) {
		if e.Seq != asking && (e.Kind == core.Synced || e.Kind == core.Unanswered || e.Kind == core.Refused) {
			if x := k.seeking[n]; x != nil {
				x.answered(e.Seq)
			}
		}
		if onEvent != nil {
			onEvent(n, e)
		}
	}
	return k
}

// Start lets a node look for members from now on and as long as its process lives.
func (k *Seekers) Start(n *Node) {
	x := &seeker{Seekers: k, n: n, life: n.life, pause: minRejoinPause}
	k.seeking[n] = x
	k.s.At(k.s.now, x.round)
}

// Stop ends that.
func (k *Seekers) Stop(n *Node) { delete(k.seeking, n) }

// seeker is one life of a node that looks for members: round after round, each of
// which ends when all that it asked have answered, or can no more.
type seeker struct {
	*Seekers
	n      *Node
	life   int
	cutOff bool          // it heard nobody when the last round began
	pause  time.Duration // until the next round, where nobody is found
	asked  []uint32      // what is not answered, of this round; see asking
	rounds int
}

// asking stands among the questions for the round itself until all are put, so that
// it does not end with the first that fails at once. No question has this number.
const asking = 0

// over reports whether the node looks for nobody any more.
func (x *seeker) over() bool {
	return x.seeking[x.n] != x || !x.n.up || x.n.life != x.life || x.n.leaving
}

func (x *seeker) alone() bool { return x.n.M.Len() <= 1 }

func (x *seeker) round() {
	switch {
	case x.over():
		return
	case x.n.stall == frozen: // whose timer is late
		x.s.At(x.s.now+minRejoinPause, x.round)
		return
	}
	x.rounds++
	x.asked = append(x.asked[:0], asking)
	wasCutOff := x.cutOff
	x.cutOff = x.n.M.Isolated()
	found := x.resolve()
	if x.alone() || x.cutOff || wasCutOff {
		x.ask(found[:min(len(found), maxRejoinAsks)])
	} else {
		x.lookAround(found)
	}
	if len(x.asked) > 1 {
		round := x.rounds
		x.s.At(x.s.now+x.patience(), func() { x.abandon(round) })
	}
	x.answered(asking)
}

// resolve returns the addresses of the seeds but our own, in random order.
func (x *seeker) resolve() (found []string) {
	for _, name := range x.seeds {
		if seed := x.s.byName[name]; seed != nil && seed != x.n {
			found = append(found, seed.Addr)
		}
	}
	x.s.rng.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	return found
}

// lookAround asks one of the seeds where no live member is, if it is this node's
// turn.
func (x *seeker) lookAround(found []string) {
	if x.s.rng.IntN(x.n.M.Len()) >= rejoinShare {
		return
	}
	for m := range x.n.M.Members() {
		if m.State.Live() {
			found = slices.DeleteFunc(found, func(addr string) bool { return addr == m.Addr })
		}
	}
	x.ask(found[:min(len(found), 1)])
}

func (x *seeker) ask(addrs []string) {
	for _, addr := range addrs {
		x.Asked++
		seq := x.n.M.Rejoin(x.n.clock(x.s.now), addr)
		x.asked = append(x.asked, seq) // before its end may be heard
		x.s.settle(x.n)
	}
}

// patience is how long a round waits for answers. Where streams end in time the
// Machine is told, and gives the question up without an event.
func (x *seeker) patience() time.Duration {
	if x.s.Net.Streams && x.s.Net.StreamTime > 0 {
		return x.s.Net.StreamTime
	}
	return rejoinTimeout
}

// abandon ends a round that lasts.
func (x *seeker) abandon(round int) {
	if x.rounds != round || x.over() {
		return
	}
	for len(x.asked) > 0 {
		seq := x.asked[0]
		x.n.M.Abandon(x.n.clock(x.s.now), seq)
		x.s.settle(x.n)
		x.answered(seq)
	}
}

// answered takes the end of a question, and ends the round with the last.
func (x *seeker) answered(seq uint32) {
	i := slices.Index(x.asked, seq)
	if i < 0 {
		return
	}
	if x.asked = slices.Delete(x.asked, i, i+1); len(x.asked) == 0 && !x.over() {
		x.rest()
	}
}

// rest waits for the next round.
func (x *seeker) rest() {
	wait := defaultRejoinInterval
	if x.alone() || x.n.M.Isolated() {
		wait = min(x.pause, wait)
		x.pause = min(2*x.pause, defaultRejoinInterval)
	} else {
		x.pause = minRejoinPause
	}
	x.s.At(x.s.now+wait*3/4+time.Duration(x.s.rng.Int64N(int64(wait/2)+1)), x.round)
}
