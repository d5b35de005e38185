package core

// castKeep is what is kept for those who lack it, the oldest first.
type castKeep struct {
	oldest, newest *cast
	len, bytes     int
}

func (k *castKeep) holds(c *cast) bool { return c == k.oldest || c.older != nil }

// keep remembers a broadcast, and forgets the oldest if that is too much.
func (bs *broadcasts) keep(m *Machine, c *cast) {
	k := &bs.kept
	if c.older = k.newest; k.newest != nil {
		k.newest.newer = c
	} else {
		k.oldest = c
	}
	k.newest = c
	k.len++
	k.bytes += c.bytes()
	for k.bytes > m.cfg.Broadcasts.KeepBytes && k.oldest != c {
		m.forgetCast(k.oldest)
	}
	if bs.nextSweep == noDeadline {
		bs.nextSweep = m.now + m.repairInterval()
	}
}

// grow notes that the payload of one that is kept has come.
func (k *castKeep) grow(m *Machine, c *cast) {
	k.bytes += len(c.b.Payload)
	for k.bytes > m.cfg.Broadcasts.KeepBytes && k.oldest != c {
		m.forgetCast(k.oldest)
	}
}

// forgetCast forgets a broadcast. If it is held it is delivered first, without what is
// missing before it: what comes late is of more use than what does not come.
func (m *Machine) forgetCast(c *cast) {
	if c.origin != m.casts.self && c.b.Seq >= c.origin.next {
		m.giveUp(c.origin, c.b.Seq+1)
	}
	m.casts.forget(c)
}

// forget drops a broadcast from wherever it stands.
func (bs *broadcasts) forget(c *cast) {
	if c.queued {
		bs.stats.Shed++
		bs.queue.remove(c)
	}
	k := &bs.kept
	if c.older != nil {
		c.older.newer = c.newer
	} else {
		k.oldest = c.newer
	}
	if c.newer != nil {
		c.newer.older = c.older
	} else {
		k.newest = c.older
	}
	c.older, c.newer = nil, nil
	k.len--
	k.bytes -= c.bytes()
	c.origin.dropKey(c)
	c.origin.drop(c)
	c.missing = false // which ends a fetch of it
}

// forgetAll forgets all that is kept of an origin.
func (bs *broadcasts) forgetAll(o *origin) {
	for len(o.casts) > 0 {
		bs.forget(o.casts[0])
	}
}

// sweepCasts goes on without what did not come in time, forgets what has been kept for
// long enough, and compares what is left with another member's.
func (m *Machine) sweepCasts() {
	bs := m.casts
	if bs == nil || m.now < bs.nextSweep {
		return
	}
	for _, o := range bs.origins {
		if o.held > 0 {
			m.loseHope(o)
		}
	}
	m.retryFetches()
	for bs.kept.oldest != nil && m.now-bs.kept.oldest.came >= m.castTime(keepFor) {
		m.forgetCast(bs.kept.oldest)
	}
	if bs.nextSweep = m.now + m.repairInterval(); bs.kept.len == 0 {
		bs.nextSweep = noDeadline
		return
	}
	m.compareCasts()
}

// loseHope gives up what has been missing for too long below the first that is held.
func (m *Machine) loseHope(o *origin) {
	limit := m.castTime(patience)
	if o.young {
		limit /= 5 // much was said before we came, and will not come
	}
	for seq := max(o.next, o.base); o.held > 0 && seq < o.end(); seq++ {
		c := o.at(seq)
		switch {
		case c == nil:
		case c.missing || m.now-c.came < limit:
			return // it is under way itself, or those before it may be
		default:
			m.giveUp(o, seq)
			seq = o.next - 1 // which may be under way itself
		}
	}
}
