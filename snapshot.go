package swim

import (
	"fmt"
	"slices"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	// maxSnapshotMembers is how many members a snapshot holds. Of a larger cluster
	// it holds some; it takes one that answers to find the others.
	maxSnapshotMembers = 1024
	// snapshotSettle is how long a change waits for what comes with it, and
	// snapshotInterval how soon a snapshot may follow another.
	snapshotSettle   = time.Second
	snapshotInterval = 10 * time.Second
	// maxSnapshotLead is how far the epoch in a snapshot may lie ahead of the
	// system's clock. It came from a clock that was far off, then, and to outbid it
	// would take this node beyond what its peers accept.
	maxSnapshotLead = 1 << 60
	// clockSet is in 2001. A clock that is before it was not set since the machine
	// started, in 1970 mostly, and tells nothing about an epoch.
	clockSet = 1e18
)

// snapshot keeps the file of Config.Snapshot. What is in it was true once, and is
// used as no more than that: as addresses to ask, and an epoch to be above.
type snapshot struct {
	path      string
	directory *directory
	log       *journal
	counters  *counters

	mu      sync.Mutex
	last    past // what was read or written last
	failing bool
}

// addrs returns where members were, the likeliest first.
func (s *snapshot) addrs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	addrs := make([]string, len(s.last.Members))
	for i, m := range s.last.Members {
		addrs[i] = m.Addr
	}
	return addrs
}

// run writes the file when members came or went, until the node is closed, and
// then once more.
func (s *snapshot) run(closing <-chan struct{}) {
	sub := s.directory.subscribe()
	defer s.directory.unsubscribe(sub)
	defer s.save()
	pause := func(d time.Duration) bool {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return true
		case <-closing:
			return false
		}
	}
	for {
		select {
		case <-closing:
			return
		case <-sub.wake:
		}
		for more := true; more; {
			_, more = s.directory.next(sub)
		}
		if !pause(snapshotSettle) {
			return
		}
		s.save()
		if !pause(snapshotInterval - snapshotSettle) {
			return
		}
	}
}

// save writes what has changed since the last time, if anything. A disk that
// refuses is no reason to stop: it is counted, and tried again with the next change.
func (s *snapshot) save() {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.present()
	if p.equal(&s.last) && !s.failing {
		return
	}
	err := p.write(s.path)
	if err != nil {
		s.counters.snapshotErrors.Add(1)
		if !s.failing {
			s.log.warn("cannot write the snapshot: after a restart it will be out of date", "path", s.path, "error", err)
		}
	} else {
		s.counters.snapshots.Add(1)
	}
	s.failing = err != nil
	s.last = p
}

// present is what there is to remember: who lives, and behind them who failed,
// for in a part of a network that was cut off those are the ones to look for.
// When nobody else lives any more, what was known before is worth more than nothing.
func (s *snapshot) present() past {
	self := s.directory.local()
	p := past{Cluster: s.last.Cluster, Name: self.Name, Epoch: self.Epoch, Members: s.last.Members}
	if live := s.others(Alive, Suspect); len(live) > 0 {
		p.Members = someOf(live, maxSnapshotMembers)
		p.Members = append(p.Members, someOf(s.others(Failed), maxSnapshotMembers-len(p.Members))...)
	}
	return p
}

// others returns the other members in any of the states, but for those with an
// address that the file cannot hold.
func (s *snapshot) others(states ...State) []Member {
	var wanted [Left + 1]bool
	for _, state := range states {
		wanted[state] = true
	}
	return slices.DeleteFunc(s.directory.list(wanted), func(m Member) bool {
		return m.Name == s.directory.self || !utf8.ValidString(m.Addr)
	})
}

// someOf takes up to n of the members, from all over the list: neighbours by name
// are often neighbours in a rack, and gone together.
func someOf(members []Member, n int) []pastMember {
	n = min(n, len(members))
	some := make([]pastMember, n)
	for i := range some {
		m := &members[i*len(members)/n]
		some[i] = pastMember{Name: m.Name, Addr: m.Addr, Epoch: m.Epoch}
	}
	return some
}

// remember reads the snapshot at path. What cannot be used is not an error but a
// reason to begin without, which is returned as a warning.
func remember(path, cluster string, clockEpoch uint64) (past, error) {
	none := past{Cluster: cluster}
	if path == "" {
		return none, nil
	}
	p, err := readPast(path)
	switch {
	case err != nil:
		return none, err
	case p.Name == "": // there was none yet
		return none, nil
	case p.Cluster != cluster:
		return none, fmt.Errorf("swim: it is of the cluster %q, not of %q", p.Cluster, cluster)
	case p.Epoch > max(clockEpoch, clockSet)+maxSnapshotLead:
		return none, fmt.Errorf("swim: its epoch %d is of a clock that was wrong by years", p.Epoch)
	}
	return p, nil
}

// lookBack sets up what begins where the last life of this node ended. It writes
// the snapshot before anybody hears of the new epoch: were that lost, the life after
// this one could take it again.
func (n *Node) lookBack(c *Config, p past, problem error) {
	if c.Snapshot != "" {
		n.snapshot = &snapshot{path: c.Snapshot, directory: n.directory, log: n.log, counters: &n.driver.counters, last: p}
		if problem != nil {
			n.log.warn("begins without the snapshot", "path", c.Snapshot, "error", problem)
		}
		n.snapshot.save()
		n.driver.aside = append(n.driver.aside, func() { n.snapshot.run(n.driver.closing) })
	}
	if c.Seeds != nil || c.Snapshot != "" {
		n.rejoin = newRejoin(n, c, n.snapshot)
		n.driver.aside = append(n.driver.aside, n.rejoin.run)
	}
}
