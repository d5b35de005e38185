package cluster

import (
	"slices"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// Canary notes how late this process gets to run, whoever takes the processors:
// a goroutine that wants to wake every few milliseconds, as the timers of nodes
// do. A process that takes little itself may starve beside others.
type Canary struct {
	stop  chan struct{}
	ended chan struct{}
	late  []time.Duration
}

const (
	canaryInterval = 5 * time.Millisecond
	// maxLate bounds what is kept: an hour's.
	maxLate = 720_000
)

// StartCanary starts one. Stop ends it.
func StartCanary() *Canary {
	c := &Canary{stop: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		for len(c.late) < maxLate {
			due := time.Now().Add(canaryInterval)
			select {
			case <-time.After(canaryInterval):
			case <-c.stop:
				return
			}
			c.late = append(c.late, time.Since(due))
		}
	}()
	return c
}

// Stop tells how late it was, in one of a hundred cases and at most. It is called
// once.
func (c *Canary) Stop() (rarely, most time.Duration) {
	close(c.stop)
	<-c.ended
	if len(c.late) == 0 {
		return 0, 0
	}
	return report.Quantile(c.late, 0.99), slices.Max(c.late)
}
