package sim

import "time"

// inbox is what waits in the socket of a process that stands still or is busy.
type inbox struct {
	loads    []*load
	bytes    int           // in packets
	busy     time.Duration // until when the process is at the message taken last
	draining bool          // a drain is scheduled
	ahead    int           // how many of them the timers wait for
}

func (b *inbox) empty() bool { return len(b.loads) == 0 }

// wait keeps a load for a process that cannot take it. A stream waits at its sender.
func (s *Sim) wait(n *Node, l *load) {
	if l.stream == nil {
		size := l.size(s)
		if n.inbox.bytes+size > s.SocketBytes {
			s.recycle(l)
			return
		}
		n.inbox.bytes += size
	}
	n.inbox.loads = append(n.inbox.loads, l)
	s.planDrain(n)
}

func (b *inbox) take(s *Sim) *load {
	l := b.loads[0]
	b.loads[0] = nil
	if b.loads = b.loads[1:]; len(b.loads) == 0 {
		b.loads = nil
	}
	if l.stream == nil {
		b.bytes -= l.size(s)
	}
	return l
}

// discard empties the inbox of a process that is no more.
func (s *Sim) discard(n *Node) {
	for _, l := range n.inbox.loads {
		s.recycle(l)
	}
	n.inbox.loads, n.inbox.bytes, n.inbox.busy, n.inbox.ahead = nil, 0, 0, 0
}

// planDrain schedules the next message of an inbox, if it can be taken at all.
func (s *Sim) planDrain(n *Node) {
	if n.stall != running || n.inbox.empty() || n.inbox.draining {
		return
	}
	n.inbox.draining = true
	s.due.push(max(n.inbox.busy, s.now), drain, n.number)
}

// drain takes one message, or with no cost of messages all of them, and then looks
// at the timers, if they waited for that.
func (s *Sim) drain(n *Node) {
	n.inbox.draining = false
	for n.up && n.stall == running && !n.inbox.empty() {
		if s.now < n.inbox.busy {
			s.planDrain(n)
			return
		}
		s.receive(n.inbox.take(s))
		if n.inbox.ahead == 0 {
			continue
		}
		if n.inbox.ahead--; n.inbox.ahead == 0 && n.up && n.stall == running {
			s.runTimers(n)
		}
	}
}

// timersWait reports whether what came in goes before what is due, as in the Driver.
// Its timers wait for what had come by then and no more, or a flood would hold them
// up for good.
func (s *Sim) timersWait(n *Node) bool {
	return n.stall == running && n.inbox.ahead > 0
}

// putOff lets the timers of a process wait for its inbox.
func (s *Sim) putOff(n *Node) {
	if n.stall == running && !s.TimersFirst {
		n.inbox.ahead = max(n.inbox.ahead, len(n.inbox.loads))
	}
}
