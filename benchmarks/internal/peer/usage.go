package peer

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/cluster"
)

// Usage is what the process and all nodes of a cluster have used so far.
type Usage struct {
	At       time.Time
	CPU      time.Duration
	Garbage  uint64 // bytes allocated, ever
	Mallocs  uint64
	Counts   Counts
	Failures int64
}

// Usage takes it all at once.
func (c *Cluster) Usage() Usage {
	counts := c.library.Count(c.Nodes) // before the rest: to count costs something too
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return Usage{
		At: time.Now(), CPU: cluster.CPU(), Garbage: mem.TotalAlloc, Mallocs: mem.Mallocs,
		Counts: counts, Failures: c.Failures(),
	}
}

// Spent is what was used in a time.
type Spent struct {
	Elapsed        time.Duration
	CPU            time.Duration
	Garbage        uint64
	Mallocs        uint64
	Packets, Bytes uint64
	Suspicions     uint64
	Failures       int64
}

// Since is what was used from before until u.
func (u *Usage) Since(before *Usage) Spent {
	return Spent{
		Elapsed: u.At.Sub(before.At), CPU: u.CPU - before.CPU,
		Garbage: u.Garbage - before.Garbage, Mallocs: u.Mallocs - before.Mallocs,
		Packets: u.Counts.Packets - before.Counts.Packets, Bytes: u.Counts.Bytes - before.Counts.Bytes,
		Suspicions: u.Counts.Suspicions - before.Counts.Suspicions, Failures: u.Failures - before.Failures,
	}
}

// Share is which part of all processors the process took, in percent, and 0 if no
// time has passed.
func (s *Spent) Share() float64 {
	if s.Elapsed <= 0 {
		return 0
	}
	return 100 * float64(s.CPU) / (float64(s.Elapsed) * float64(runtime.NumCPU()))
}

// Stock is what the process has now. What a cluster adds to what there was before it
// is the cluster's.
type Stock struct {
	HeapBytes  uint64
	Goroutines int
}

// TakeStock takes it, after a collection.
func TakeStock() Stock {
	runtime.GC() // what finalizers let go of is freed by the next
	return Stock{cluster.HeapBytes(), runtime.NumGoroutine()}
}

// afterwards is how long what a node began may outlive it: a probe of memberlist's that
// is under way ends with its period, of up to 9 s, and a stream within 10 s.
const afterwards = 15 * time.Second

// Rest waits until what earlier clusters began has ended, so that it is not in the
// figures of the next. It is called first before there is any.
func Rest(ctx context.Context) {
	for range afterwards / restStep {
		if runtime.NumGoroutine() <= before() || pause(ctx, restStep) != nil {
			return
		}
	}
}

const restStep = 100 * time.Millisecond

// before is how many goroutines there were at the first Rest.
var before = sync.OnceValue(runtime.NumGoroutine)
