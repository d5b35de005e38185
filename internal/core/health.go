package core

import "time"

// health is Lifeguard's local health multiplier: a saturating counter of how
// much this node has reason to doubt itself. A node that misses answers that
// everybody else gets probes more slowly and waits longer.
type health struct {
	score int
	most  int
}

func (h *health) better() { h.score = max(h.score-1, 0) }
func (h *health) worse()  { h.score = min(h.score+1, h.most) }

// scale stretches a probe interval or timeout (Lifeguard IV-A).
func (h *health) scale(d time.Duration) time.Duration {
	return d * time.Duration(h.score+1)
}
