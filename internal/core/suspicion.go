package core

import (
	"slices"
	"time"

	"github.com/swim-go/swim/wire"
)

// suspicion is the time that a suspect has to refute (SWIM 4.2), which shrinks
// as independent accusers confirm it (Lifeguard, LHA-Suspicion). It belongs to
// one life and incarnation of the member: a suspicion of an earlier one must
// not kill the member that came back since (H7).
type suspicion struct {
	ref       wire.Ref
	began     time.Duration
	deadline  time.Duration
	least     time.Duration
	most      time.Duration
	needed    int // confirmations that bring the time down to least
	accusers  []string
	heapIndex int
}

// wants reports whether an accusation by name would confirm the suspicion.
func (s *suspicion) wants(name string) bool {
	return name != "" && len(s.accusers) <= s.needed && !slices.Contains(s.accusers, name)
}

func (s *suspicion) confirm(name string) {
	s.accusers = append(s.accusers, name)
	s.deadline = s.began + s.timeout()
}

// timeout is Lifeguard's max(Min, Max - (Max-Min)·log(C+1)/log(K+1)). The first
// accuser began the suspicion and is not counted in C.
func (s *suspicion) timeout() time.Duration {
	confirmed := max(len(s.accusers)-1, 0)
	if confirmed >= s.needed {
		return s.least
	}
	share := log2(uint64(confirmed+1)) * 1000 / log2(uint64(s.needed+1))
	return max(s.least, s.most-(s.most-s.least)*time.Duration(share)/1000)
}

func (m *Machine) startSuspicion(ref wire.Ref, accuser string) {
	if !m.self().state.Live() {
		return // who left declares nobody failed
	}
	s := m.suspicions.add(ref)
	s.began = m.now
	s.least = m.suspicionTimeout()
	s.most = s.least * time.Duration(max(m.SuspicionMaxMult, 1))
	// Who is accused and who accuses cannot confirm. Where fewer than K others
	// are left, waiting for K would always last the longest.
	s.needed = max(min(m.Confirmations, maxConfirmations, m.table.live-2), 0)
	s.accusers = append(s.accusers[:0], accuser)
	s.deadline = s.began + s.timeout()
	m.suspicions.fix(s)
}

func (m *Machine) stopSuspicion(ref wire.Ref) {
	m.suspicions.remove(ref)
}

// confirm takes another accusation of the same life and incarnation. The first
// K independent ones are passed on under the accuser's name (Lifeguard IV-B).
func (m *Machine) confirm(ref wire.Ref, accuser string) {
	s := m.suspicions.of(ref)
	if s == nil || !s.wants(accuser) {
		m.stats.ClaimsStale++
		return
	}
	accuser = m.own(accuser)
	s.confirm(accuser)
	m.suspicions.fix(s)
	m.spread(wire.Update{Member: m.table.member(ref), From: accuser})
}

// expireSuspicions declares failed who did not refute in time.
func (m *Machine) expireSuspicions() {
	for {
		s := m.suspicions.first()
		if s == nil || s.deadline > m.now {
			return
		}
		m.stats.SuspicionsExpired++
		u := wire.Update{Member: m.table.member(s.ref), From: m.cfg.Name}
		u.State = wire.Failed
		m.adopt(s.ref, &u, wire.Expired, true)
	}
}

// suspicionTimeout is Lifeguard's Min: α·log10(n)·ProbeInterval, and never less
// than α intervals, or a cluster of three would hardly wait at all.
func (m *Machine) suspicionTimeout() time.Duration {
	milli := max(log10Milli(uint64(m.table.live)), 1000)
	return time.Duration(m.SuspicionMult) * m.ProbeInterval * time.Duration(milli) / 1000
}
