package core

import "time"

// Params are the numbers of the protocol. All nodes of a cluster should agree
// on them; none has to, for correctness does not rest on it.
type Params struct {
	// ProbeInterval is SWIM's protocol period: how often one member is probed.
	ProbeInterval time.Duration
	// ProbeTimeout is how long a ping may go unanswered before relays are asked.
	ProbeTimeout time.Duration
	// IndirectProbes is SWIM's k: how many relays are asked.
	IndirectProbes int
	// GossipInterval is how often news is sent for its own sake.
	GossipInterval time.Duration
	// GossipFanout is to how many members it is sent each time.
	GossipFanout int
	// RetransmitMult is λ: a claim is sent λ·⌈log10(n+1)⌉ times by each node.
	RetransmitMult int
	// SuspicionMult is Lifeguard's α: a suspicion lasts at least
	// α·log10(n)·ProbeInterval.
	SuspicionMult int
	// SuspicionMaxMult is Lifeguard's β: and at most β times that, as long as
	// nobody confirms it. 1 makes the time fixed, as in SWIM.
	SuspicionMaxMult int
	// Confirmations is Lifeguard's K: with how many independent accusers the
	// time is down to its least.
	Confirmations int
	// HealthMax is Lifeguard's S: how far a node's doubt in itself stretches its
	// probe interval and timeout. 0 turns that off.
	HealthMax int
	// Buddy says whether a suspect is told with each ping that it is suspected.
	Buddy bool
	// SyncInterval is how often the whole table is compared with one member's,
	// in a small cluster; it is stretched in large ones. 0 turns that off.
	SyncInterval time.Duration
	// ForgetAfter is how long failed and departed members are remembered, so
	// that stale claims cannot resurrect them.
	ForgetAfter time.Duration
}

// LAN is the one table of defaults; the others are told apart from it.
func LAN() Params {
	return Params{
		ProbeInterval:    time.Second,
		ProbeTimeout:     500 * time.Millisecond,
		IndirectProbes:   3,
		GossipInterval:   200 * time.Millisecond,
		GossipFanout:     3,
		RetransmitMult:   4,
		SuspicionMult:    4,
		SuspicionMaxMult: 6,
		Confirmations:    3,
		HealthMax:        8,
		Buddy:            true,
		SyncInterval:     30 * time.Second,
		ForgetAfter:      time.Hour,
	}
}

// WAN allows for round trips of up to a second.
func WAN() Params {
	p := LAN()
	p.ProbeInterval = 5 * time.Second
	p.ProbeTimeout = 3 * time.Second
	p.GossipInterval = 500 * time.Millisecond
	p.GossipFanout = 4
	p.SuspicionMult = 6
	p.SyncInterval = time.Minute
	return p
}

// Local is for nodes that share one machine.
func Local() Params {
	p := LAN()
	p.ProbeTimeout = 200 * time.Millisecond
	p.GossipInterval = 100 * time.Millisecond
	p.SuspicionMult = 3
	p.SyncInterval = 15 * time.Second
	return p
}
