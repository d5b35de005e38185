package micro

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/cluster"
	"github.com/swim-go/swim/benchmarks/internal/peer"
	"github.com/swim-go/swim/benchmarks/internal/report"
)

// The names that settings begin with.
var (
	swimName       = new(peer.Swim).Name()
	memberlistName = new(peer.Memberlist).Name()
)

// cost is of one operation.
type cost struct {
	wall, cpu     float64 // ns
	allocs, bytes float64 // allocated
}

// costOf runs f, which does n operations. The whole process is measured, so nothing
// else may run in it, and the trial must be long beside the 4 ms within which the
// kernel accounts for what other threads use.
func costOf(n int, f func() error) (cost, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cpu, at := cluster.CPU(), time.Now()
	err := f()
	wall := time.Since(at)
	cpu = cluster.CPU() - cpu
	runtime.ReadMemStats(&after)
	per := func(v float64) float64 { return v / float64(n) }
	return cost{
		wall: per(float64(wall)), cpu: per(float64(cpu)),
		allocs: per(float64(after.Mallocs - before.Mallocs)), bytes: per(float64(after.TotalAlloc - before.TotalAlloc)),
	}, err
}

// subject is one library at one task.
type subject struct {
	library string
	// begin sets all up and warms it up.
	begin func() (task, error)
}

// task is a subject that is ready.
type task interface {
	// prepare makes what the next n operations need; it is not measured.
	prepare(n int) error
	// run does them, and returns when all that they brought about is done.
	run(n int) error
	// end frees all, and returns what went wrong on the way.
	end() error
}

// compare lets the subjects take turns, and adds rows for each.
func (b *bench) compare(experiment, setting string, subjects ...subject) error {
	costs := make([][]cost, len(subjects))
	for range b.repeats {
		for i, s := range subjects {
			if err := b.ctx.Err(); err != nil {
				return err
			}
			c, err := b.trial(s)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", s.library, setting, err)
			}
			costs[i] = append(costs[i], c)
		}
	}
	for i, s := range subjects {
		b.costs(experiment, s.library+", "+setting, costs[i])
	}
	b.Flush()
	return nil
}

// costs adds the rows of repeated trials.
func (b *bench) costs(experiment, setting string, costs []cost) {
	for _, m := range []struct {
		metric, unit string
		of           func(cost) float64
	}{
		{"CPU", "ns", func(c cost) float64 { return c.cpu }},
		{"time", "ns", func(c cost) float64 { return c.wall }},
		{"allocations", "", func(c cost) float64 { return c.allocs }},
		{"garbage", "B", func(c cost) float64 { return c.bytes }},
	} {
		values := make([]float64, len(costs))
		for i, c := range costs {
			values[i] = m.of(c)
		}
		b.spread(experiment, setting, m.metric, m.unit, values)
	}
}

// spread adds the median of what was measured several times, and its extremes.
func (b *bench) spread(experiment, setting, metric, unit string, values []float64) {
	add := func(suffix string, v float64) {
		b.Add(report.Row{Experiment: experiment, Setting: setting, Metric: metric + suffix, Value: v, Unit: unit})
	}
	add("", report.Quantile(values, 0.5))
	add(", least", slices.Min(values))
	add(", most", slices.Max(values))
}

// calibration is how many operations show how long one takes.
const calibration = 300

// trial runs a subject for about b.length.
func (b *bench) trial(s subject) (c cost, err error) {
	t, err := s.begin()
	if err != nil {
		return c, err
	}
	defer func() {
		if ended := t.end(); err == nil {
			err = ended
		}
	}()
	once := func(n int) (cost, error) {
		if err := t.prepare(n); err != nil {
			return cost{}, err
		}
		return costOf(n, func() error { return t.run(n) })
	}
	if c, err = once(calibration); err != nil {
		return c, err
	}
	n := int(float64(b.length) / max(c.wall, 1))
	return once(min(max(n, calibration), maxOperations))
}

// maxOperations bounds what is prepared.
const maxOperations = 400_000
