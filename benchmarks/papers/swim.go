package main

import (
	"math"
	"time"

	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// period is the T' of the SWIM paper's experiments.
const period = 2 * time.Second

// swimCopies is how often a member sends a claim, and for how many periods a
// suspicion lasts: 3·⌈ln(N+1)⌉. Figure 3c shows that the logarithm is natural.
func swimCopies(n int) int { return 3 * int(math.Ceil(math.Log(float64(n+1)))) }

// swimParams are the SWIM paper's: news rides on probes and answers alone, and
// nothing but probes ever runs.
func swimParams(n, k int) core.Params {
	p := plainSWIM()
	p.ProbeInterval, p.ProbeTimeout, p.IndirectProbes = period, period/4, k
	p.GossipInterval, p.GossipFanout, p.SyncInterval = 0, 0, 0
	p.Alpha = int(math.Round(float64(swimCopies(n)) / max(math.Log10(float64(n)), 1)))
	return p
}

// patient makes suspicions last for ever, where only they are looked at.
func patient(p core.Params) core.Params {
	p.Alpha = 1e6
	return p
}

// asPublished takes streams away, and gives each member the paper's limits.
func asPublished(n int) func(*sim.Sim) {
	return func(s *sim.Sim) {
		s.Net.Streams = false
		s.Configure = func(_ *sim.Node, c *core.Config) {
			c.Disseminator = &sixClaims{copies: swimCopies(n)}
		}
	}
}

// sixClaims sends at most six claims in a packet, as the paper's 135 bytes hold,
// each the paper's number of times.
type sixClaims struct {
	disseminator.Piggyback
	copies int
}

func (d *sixClaims) Fill(dst []wire.Update, _ wire.Room) []wire.Update {
	one := func(*wire.Update) int { return 1 }
	return d.Piggyback.Fill(dst, wire.Room{Bytes: 6 - len(dst), Size: one, Limit: d.copies})
}

func swimConditions(b *bench) {
	b.Note("The SWIM paper: T' of 2 s, no gossip, no sync, no streams, 6 claims in a packet, 3⌈ln(N+1)⌉ copies of each, ping timeout T'/4 (the")
	b.Note("paper: the mean round trip); members start at random phases; 50-100 µs one way instead of a 100 Mb/s Ethernet of 55 machines.")
}

// received is how many messages a member has taken.
func received(n *sim.Node) (sum uint64) {
	for _, count := range n.Received.ByKind {
		sum += count
	}
	return sum
}

// spread is the mean and the standard deviation.
func spread(values []float64) (mean, deviation float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / float64(len(values))
	}
	return mean, math.Sqrt(deviation)
}

// perProbe is the probability that a probe of a healthy member fails, if each
// packet is in time with probability q: neither the direct way nor any of k
// indirect ones works.
func perProbe(q float64, k int) float64 {
	return (1 - q*q) * math.Pow(1-q*q*q*q, float64(k))
}

// printedPM is the bound on false detections within a period as the SWIM paper
// prints it (section 3.2), with no member faulty.
func printedPM(q float64, k int) float64 {
	return perProbe(q, k) * math.E / (math.E - 1)
}

// logistic is how many periods the paper's epidemic takes to reach x of n.
func logistic(n, x float64) float64 {
	return math.Log(x*(n-1)/(n-x)) / (2 - 1/n)
}
