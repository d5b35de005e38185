package sim

import (
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// stall is how a process stands still.
type stall uint8

const (
	running stall = iota
	// blocked: Lifeguard's anomaly. Each activity blocks before it sends or after
	// it has received; timers run, and a suspicion can expire meanwhile.
	blocked
	// frozen: nothing runs, as when a process or its machine is paused.
	frozen
)

// socketBytes is what Sim.SocketBytes usually is.
const socketBytes = 2 << 20

// Block stalls a process as Lifeguard's evaluation does (section V). Each
// activity stands still, probing and gossip at their next packet, and what comes
// in waits. Suspicions go on to their end.
func (s *Sim) Block(n *Node) {
	if n.stall == running {
		n.stall, n.stalledAt = blocked, s.now
		s.arm(n) // its timers wait for its inbox no more
	}
}

// Freeze stops a process altogether, as SIGSTOP does.
func (s *Sim) Freeze(n *Node) {
	if n.stall == running {
		n.stall, n.stalledAt = frozen, s.now
	}
}

// Release lets a stalled process go on. What it had to send is sent, and what
// waits in its socket is received, before its timers; with Sim.TimersFirst after
// them, as where the two race. The Machine of a process that was frozen does not
// count the time, but for what had passed until its next timer: the Driver finds
// out by the timer's being late.
func (s *Sim) Release(n *Node) {
	was := n.stall
	n.stall = running
	switch {
	case !n.up:
		s.discard(n)
		n.held = nil
		return
	case was == running:
		return
	}
	if was == frozen && !s.Params.Paper && !s.Unnoticed {
		if due := n.M.Deadline() + n.slept; s.now > due {
			n.slept += s.now - max(due, n.stalledAt)
			n.M.Resumed(n.clock(s.now))
		}
	}
	held := n.held
	n.held = nil
	for i := range held {
		held[i].packet.Msg = &held[i].msg
		s.forward(n, &held[i].packet)
	}
	if s.putOff(n); !s.timersWait(n) {
		s.runTimers(n)
	}
	if !n.inbox.draining {
		s.drain(n)
	}
}

// runTimers does what came due while a process stood still or was busy.
func (s *Sim) runTimers(n *Node) {
	if n.deadline() <= n.clock(s.now) {
		n.tick(n.clock(s.now))
		s.finish(n, true)
		return
	}
	s.arm(n)
}

// clock is the Machine's time, and wall turns that back.
func (n *Node) clock(now time.Duration) time.Duration { return now - n.slept }

func (n *Node) wall(at time.Duration) time.Duration {
	if at > at+n.slept { // never
		return at
	}
	return at + n.slept
}

// deadline and tick are the Machine's, as far as they run.
func (n *Node) deadline() time.Duration {
	if n.stall == blocked {
		return n.M.DeadlineBlocked()
	}
	return n.M.Deadline()
}

func (n *Node) tick(now time.Duration) {
	if n.stall == blocked {
		n.M.TickBlocked(now)
		return
	}
	n.M.Tick(now)
}

// held is a packet that a blocked activity waits to send.
type held struct {
	packet core.Packet
	msg    wire.Message
}

// activity tells which of a process's activities sends messages of a kind.
func activity(k wire.Kind) wire.Kind {
	if k == wire.PingReq {
		return wire.Ping
	}
	return k
}

// hold keeps a packet of a blocked process, if it is the first of its activity.
func (n *Node) hold(p *core.Packet) {
	for i := range n.held {
		if activity(n.held[i].msg.Kind) == activity(p.Msg.Kind) {
			return
		}
	}
	h := held{packet: *p, msg: *p.Msg}
	h.msg.Updates = append([]wire.Update(nil), p.Msg.Updates...)
	n.held = append(n.held, h)
}
