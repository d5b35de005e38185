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
	// SuspicionMult is how many times as long as a refutation needs, under bad
	// conditions, a suspicion lasts at least. See Machine.refutationTime.
	SuspicionMult int
	// SuspicionMaxMult is Lifeguard's β: and at most β times that, as long as
	// nobody confirms it. 1 makes the time fixed, as in SWIM.
	SuspicionMaxMult int
	// Confirmations is Lifeguard's K: with how many independent accusers, beside the
	// first, the time is down to its least. Unless it is 0, no verdict rests on one
	// accuser where there are others.
	Confirmations int
	// HealthMax is Lifeguard's S: how far a node's doubt in itself stretches its
	// probe interval and timeout. 0 turns that off.
	HealthMax int
	// Buddy says whether a suspect is told with each ping that it is suspected.
	Buddy bool
	// ReturnDelay is for how long a member that was declared failed twice within a
	// short time must be well before it refutes the second verdict. It doubles with
	// each that follows. 0 lets it return at once, however often.
	ReturnDelay time.Duration
	// HealInterval is how often a node asks after one of those who failed, so that
	// the halves of a network that was cut find each other again. 0 turns that off.
	HealInterval time.Duration
	// SyncInterval is how often the whole table is compared with one member's,
	// in a small cluster; it is stretched in large ones. 0 turns that off.
	SyncInterval time.Duration
	// ForgetAfter is how long failed and departed members are remembered, so
	// that stale claims cannot resurrect them.
	ForgetAfter time.Duration

	// Paper makes the Machine do as SWIM and Lifeguard say where ours does
	// otherwise, for experiments that repeat theirs: fixed probe timeouts and
	// verdicts at the end of the period, gossip at ticks alone, no word straight
	// to a suspect or an accuser, no last call, verdicts by timers alone.
	Paper bool
	// Alpha is Lifeguard's α, in Paper: a suspicion lasts at least
	// α·log10(n)·ProbeInterval.
	Alpha int
}

// LAN is the one table of defaults; the others are told apart from it.
func LAN() Params {
	return Params{
		ProbeInterval:    time.Second,
		ProbeTimeout:     500 * time.Millisecond,
		IndirectProbes:   3,
		GossipInterval:   200 * time.Millisecond,
		GossipFanout:     3,
		RetransmitMult:   3,
		SuspicionMult:    1,
		SuspicionMaxMult: 3,
		Confirmations:    1,
		HealthMax:        8,
		Buddy:            true,
		ReturnDelay:      15 * time.Second,
		HealInterval:     10 * time.Second,
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
	p.SuspicionMult = 2
	p.ReturnDelay = time.Minute
	p.HealInterval = 30 * time.Second
	p.SyncInterval = time.Minute
	return p
}

// Local is for nodes that share one machine.
func Local() Params {
	p := LAN()
	p.ProbeTimeout = 200 * time.Millisecond
	p.GossipInterval = 100 * time.Millisecond
	p.SyncInterval = 15 * time.Second
	return p
}

// Lifeguard are the numbers of the paper's evaluation (section V), and SWIM's
// where its parts are turned off.
func Lifeguard() Params {
	p := LAN()
	p.RetransmitMult, p.SuspicionMaxMult, p.Confirmations = 4, 6, 3
	p.HealInterval, p.ReturnDelay = 0, 0
	p.Paper, p.Alpha = true, 5
	return p
}
