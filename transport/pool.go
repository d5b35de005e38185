package transport

import (
	"errors"
	"net/netip"
	"sync"
	"time"
)

// errShed: a connection was closed to make room for another.
var errShed = errors.New("swim: closed to make room for another connection")

// pool knows all connections for packets, by where they lead, and counts the
// others that peers open.
type pool struct {
	mu       sync.Mutex // before that of a session
	dialed   map[netip.AddrPort]*session
	accepted map[netip.AddrPort]*session
	rests    map[netip.AddrPort]rest
	departed departed
	outgoing gate // of dialed
	incoming gate // of accepted
	arriving gate // of connections whose purpose is not known yet
	waiting  gate // of streams not accepted yet

	patience  time.Duration // TCPConfig.Timeout
	lookAgain time.Duration // when one of accepted may have become idle
	forgotten uint64        // rests shed
}

func (p *pool) init(c *TCPConfig) {
	p.dialed = make(map[netip.AddrPort]*session)
	p.accepted = make(map[netip.AddrPort]*session)
	p.rests = make(map[netip.AddrPort]rest)
	p.outgoing = newGate(c.MaxOutgoing, c.MaxPerHost)
	p.incoming = newGate(c.MaxIncoming, c.MaxPerHost)
	p.arriving = newGate(maxArriving, c.MaxPerHost)
	p.waiting = newGate(maxWaiting, c.MaxPerHost)
	p.patience = c.Timeout
}

// sessionTo returns the session that leads to an address, and begins one where
// there is none. It is nil if the packet is dropped, with an error if we are to
// blame.
func (t *TCP) sessionTo(addr netip.AddrPort) (*session, error) {
	p := &t.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.dialed[addr]; s != nil {
		return s, nil
	}
	if s := p.accepted[addr]; s != nil {
		return s, nil
	}
	now := t.now()
	switch {
	case p.departed.has(addr, now):
		t.counters.stale.Add(1)
		return nil, nil
	case now < p.rests[addr].until:
		t.counters.unreachable.Add(1)
		return nil, nil
	case !p.outgoing.enter(addr.Addr()) && !p.shedDialed(addr.Addr(), now):
		return nil, ErrConnections
	}
	s := t.newSession(addr, true)
	p.dialed[addr] = s
	go s.open()
	return s, nil
}

// shedDialed makes room for a session to a host, and enters it.
func (p *pool) shedDialed(host netip.Addr, now time.Duration) bool {
	return p.shed(p.dialed, &p.outgoing, host, now) && p.outgoing.enter(host)
}

// accept adds a session that a peer opened. It returns false if there is no room,
// nor anybody to make it. Who has been silent for less than the time for a packet
// may be about to send one.
func (p *pool) accept(s *session, now time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	host := s.addr.Addr()
	if !p.incoming.enter(host) {
		// To look for somebody takes long, and a flood would have us do nothing else.
		if p.incoming.crowded(host) || now < p.lookAgain {
			return false
		}
		if !p.shed(p.accepted, &p.incoming, host, now-p.patience) {
			p.lookAgain = now + p.patience/8
			return false
		}
		p.incoming.enter(host)
	}
	if former := p.accepted[s.addr]; former != nil { // to another address of ours
		p.drop(former)
		former.end(errShed)
	}
	p.accepted[s.addr] = s
	return true
}

// shed ends the session that has been idle for longest, since before a time, of
// those that are in the way of one more with a host.
func (p *pool) shed(from map[netip.AddrPort]*session, g *gate, host netip.Addr, before time.Duration) bool {
	var victim *session
	for addr, s := range from {
		if g.crowded(host) && addr.Addr() != host {
			continue
		}
		if used, idle := s.idleSince(); idle && used <= before {
			victim, before = s, used
		}
	}
	if victim == nil {
		return false
	}
	p.drop(victim)
	victim.end(errShed)
	return true
}

// drop takes a session out of the tables. It returns false if it was out.
func (p *pool) drop(s *session) bool {
	if s.dropped {
		return false
	}
	s.dropped = true
	table, g := p.accepted, &p.incoming
	if s.dialed {
		table, g = p.dialed, &p.outgoing
	}
	delete(table, s.addr)
	g.leave(s.addr.Addr())
	return true
}

// remove takes out a session that has ended. A peer that could not be reached is
// left alone for a while.
func (p *pool) remove(s *session, reached bool, now time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(s)
	switch {
	case !s.dialed:
		p.departed.add(s.addr, now)
		return
	case reached:
		return
	}
	if _, ok := p.rests[s.addr]; !ok && len(p.rests) >= maxRests {
		for other := range p.rests { // whoever is called too early loses nothing
			delete(p.rests, other)
			p.forgotten++
			break
		}
	}
	p.rests[s.addr] = p.rests[s.addr].next(now)
}

// reached notes that somebody listens at an address.
func (p *pool) reached(addr netip.AddrPort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.rests, addr)
	p.departed.remove(addr)
}

// arrive and arrived count the connections whose purpose is not known yet.
func (p *pool) arrive(host netip.Addr) bool { return p.enter(&p.arriving, host) }
func (p *pool) arrived(host netip.Addr)     { p.leave(&p.arriving, host) }

// wait and waited count the streams not accepted yet.
func (p *pool) wait(host netip.Addr) bool { return p.enter(&p.waiting, host) }
func (p *pool) waited(host netip.Addr)    { p.leave(&p.waiting, host) }

func (p *pool) enter(g *gate, host netip.Addr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return g.enter(host)
}

func (p *pool) leave(g *gate, host netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g.leave(host)
}
