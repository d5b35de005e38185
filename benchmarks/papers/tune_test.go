package main

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
)

func plainSWIM() core.Params {
	p := core.Lifeguard()
	p.HealthMax, p.SuspicionMaxMult, p.Confirmations, p.Buddy = 0, 1, 0, false
	return p
}

func TestTune(t *testing.T) {
	which := os.Getenv("W")
	ours := core.LAN()
	if v := os.Getenv("K"); v != "" {
		ours.Confirmations, _ = strconv.Atoi(v)
	}
	if v := os.Getenv("B"); v != "" {
		ours.SuspicionMaxMult, _ = strconv.Atoi(v)
	}
	configs := map[string]core.Params{"swim": plainSWIM(), "lifeguard": core.Lifeguard(), "ours": ours}
	for _, name := range []string{"swim", "lifeguard", "ours"} {
		if which != "" && which != name {
			continue
		}
		p := configs[name]
		var runs []*anomalies
		for _, c := range []int{1, 8, 16, 32} {
			for _, d := range []time.Duration{2048, 8192, 16384, 32768} {
				for _, i := range []time.Duration{4, 256, 4096} {
					runs = append(runs, &anomalies{p, 128, c, d * time.Millisecond, i * time.Millisecond, uint64(len(runs))})
				}
				if d >= 16384 {
					for k := range 3 {
						runs = append(runs, &anomalies{p, 128, c, d * time.Millisecond, 0, uint64(len(runs) + k)})
					}
				}
			}
		}
		start := time.Now()
		outs := make([]outcome, len(runs))
		var wg sync.WaitGroup
		next := make(chan int)
		for range runtime.NumCPU() {
			wg.Go(func() {
				for i := range next {
					outs[i] = runs[i].run()
				}
			})
		}
		for i := range runs {
			next <- i
		}
		close(next)
		wg.Wait()
		var fp, fpm int
		var first, full []time.Duration
		var msgs, bytes uint64
		var ns float64
		var kinds [9]float64
		byC := map[int][2]int{}
		for i, o := range outs {
			if runs[i].normal == 0 {
				first = append(first, o.first...)
				full = append(full, o.full...)
				continue
			}
			fp += o.falsePositives
			fpm += o.falsePositivesHealthy
			x := byC[runs[i].stalled]
			x[0] += o.falsePositives
			x[1] += o.falsePositivesHealthy
			byC[runs[i].stalled] = x
			for k := range kinds {
				kinds[k] += float64(o.byKind[k])
			}
			msgs += o.packets
			bytes += o.bytes
			ns += o.nodeSeconds
		}
		for k := range kinds {
			kinds[k] = float64(int(kinds[k]/ns*100)) / 100
		}
		t.Log("ping pingreq ack nack gossip sync syncreply user", kinds[1:])
		q := func(v []time.Duration, f float64) float64 { return report.Quantile(v, f).Seconds() }
		t.Logf("%-10s FP %d FP- %d %v first p50 %.2f p99 %.2f max %.2f full p50 %.2f p99 %.2f (%d/%d) msgs/node/s %.2f B/node/s %.0f  [%v]", name, fp, fpm, byC,
			q(first, .5), q(first, .99), q(first, 1), q(full, .5), q(full, .99), len(first), len(full), float64(msgs)/ns, float64(bytes)/ns, time.Since(start).Round(time.Second))
	}
}
