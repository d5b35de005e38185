package sim

// clog holds back what takes a path.
type clog struct {
	path    link // an empty name stands for all
	waiting []*load
}

// maxClogged bounds how much waits at each clog, as a buffer on the way does.
const maxClogged = 1 << 16

// Clog holds back what one node sends to another from now on; an empty name stands
// for all. Unlike a cut, it loses nothing: [Sim.Unclog] lets it go. Streams need
// both ways and wait for either. A path that is clogged already stays as it is.
func (s *Sim) Clog(from, to string) {
	for _, c := range s.clogs {
		if c.path == (link{from, to}) {
			return
		}
	}
	s.clogs = append(s.clogs, &clog{path: link{from, to}})
}

// Unclog lets all go that was held back on a path, in the order in which it was
// sent, but for what another clog holds back too. It takes the names that Clog took.
func (s *Sim) Unclog(from, to string) {
	for i, c := range s.clogs {
		if c.path == (link{from, to}) {
			s.clogs = append(s.clogs[:i:i], s.clogs[i+1:]...)
			s.flow(c)
			return
		}
	}
}

// UnclogAll ends all clogs.
func (s *Sim) UnclogAll() {
	clogs := s.clogs
	s.clogs = nil
	for _, c := range clogs {
		s.flow(c)
	}
}

// flow sends on what a clog held back. All of it takes as long, or it would not
// stay in order.
func (s *Sim) flow(c *clog) {
	delay := s.Net.delay(s.rng)
	for _, l := range c.waiting {
		if s.clogged(l) {
			continue
		}
		s.due.push(s.now+delay, deliver, l.number)
	}
}

// clogged keeps a load if its path is clogged.
func (s *Sim) clogged(l *load) bool {
	for _, c := range s.clogs {
		if !c.holds(l.from.Name, l.to.Name) && (l.stream == nil || !c.holds(l.to.Name, l.from.Name)) {
			continue
		}
		if len(c.waiting) == maxClogged {
			s.ClogsShed++
			s.recycle(l)
		} else {
			c.waiting = append(c.waiting, l)
		}
		return true
	}
	return false
}

func (c *clog) holds(from, to string) bool {
	return (c.path.from == "" || c.path.from == from) && (c.path.to == "" || c.path.to == to)
}
