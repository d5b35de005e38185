package cluster

import (
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/swim-go/swim"
)

// Usage is what the process and all of its nodes have used so far.
type Usage struct {
	At             time.Time
	CPU            time.Duration
	Allocated      uint64 // bytes, ever
	Packets, Bytes uint64 // sent
	Stalls         uint64 // noticed by the nodes
}

// Usage takes it all at once.
func (c *Cluster) Usage() Usage {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	u := Usage{At: time.Now(), CPU: CPU(), Allocated: mem.TotalAlloc}
	for _, s := range Stats(c.Nodes) {
		u.Packets += s.PacketsOut
		u.Bytes += s.BytesOut + s.FrameBytesOut
		u.Stalls += s.Stalls
	}
	return u
}

// Stats asks all nodes at once: a busy one lets its caller wait, and one after the
// other they would make a large cluster's numbers those of different times.
func Stats(nodes []*swim.Node) []swim.Stats {
	stats := make([]swim.Stats, len(nodes))
	var asking sync.WaitGroup
	for i, n := range nodes {
		asking.Go(func() { stats[i] = n.Stats() })
	}
	asking.Wait()
	return stats
}

// Share is which part of all processors the process took from before until u, in
// percent, and 0 if no time has passed.
func (u *Usage) Share(before *Usage) float64 {
	elapsed := u.At.Sub(before.At)
	if elapsed <= 0 {
		return 0
	}
	return 100 * float64(u.CPU-before.CPU) / (float64(elapsed) * float64(runtime.NumCPU()))
}

// CPU is the time that the process has computed for.
func CPU() time.Duration {
	var ru syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &ru) // cannot fail for ourselves
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

// HeapBytes is what is in use after a collection.
func HeapBytes() uint64 {
	runtime.GC()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return mem.HeapAlloc
}

// Running are the nodes that were not ended.
func (c *Cluster) Running() (nodes []*swim.Node) {
	for _, n := range c.Nodes {
		if _, ended := c.gone.Load(n.Local().Name); !ended {
			nodes = append(nodes, n)
		}
	}
	return nodes
}
