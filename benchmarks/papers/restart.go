package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

const (
	// restartAim is when nobody may hold a past life or a dead member for live.
	restartAim = 30 * time.Second
	// restartPatience is how long agreement is waited for.
	restartPatience = 3 * time.Minute
	restartSeeds    = 3
)

// restart kills half of a cluster at once, with and without a new life.
func restart(b *bench) {
	n, trials := pick(b, 128, 1000), pick(b, 3, 5)
	b.Title("restart: half of the members crash at once, and start anew within a second or never")
	b.Note("%d members, %v before the crash, 50-100 µs one way, no loss, no cost of CPU. Each new life knows nobody and joins through one of %d of", n, settleTime, restartSeeds)
	b.Note("those that did not crash. A zombie is a member that is gone and held for live, a ghost a past life that is, each counted at each holder.")
	b.Note("All agree when all tables are equal and as the members are, looked at every 100 ms for at most %v, all from the crash. Worst of %d seeds.", restartPatience, trials)
	for _, again := range []bool{true, false} {
		setting := fmt.Sprintf("half start anew, N=%d", n)
		if !again {
			setting = fmt.Sprintf("half stay dead, N=%d", n)
		}
		ends := make([]remains, trials)
		parallel(trials, func(i int) { ends[i] = crashHalf(core.LAN(), n, again, b.seed(170, i)) })
		printRemains(b, setting, n, again, ends)
	}
}

func printRemains(b *bench, setting string, n int, again bool, ends []remains) {
	var took []time.Duration
	var bytes []float64
	var worst remains
	agreed, running := 0, n
	if !again {
		running = n / 2
	}
	for i := range ends {
		e := &ends[i]
		if took = append(took, e.took); e.agreed {
			agreed++
		}
		bytes = append(bytes, e.bytes/float64(running))
		worst.zombies, worst.ghosts = max(worst.zombies, e.zombies), max(worst.ghosts, e.ghosts)
		worst.absent, worst.wrong = max(worst.absent, e.absent), max(worst.wrong, e.wrong)
	}
	add := func(metric string, value float64, unit, reference string) {
		b.Add(row("restart", setting, metric, value, unit, reference, "aim"))
	}
	add("runs in which all agree", percent(agreed, len(ends)), "%", "100")
	add("until all agree, mean", report.Mean(took)/1e9, "s", "")
	add("until all agree, worst", report.Quantile(took, 1).Seconds(), "s", fmt.Sprintf("<= %.0f", restartAim.Seconds()))
	add("zombies, 30 s after", float64(worst.zombies), "", "0")
	add("ghosts, 30 s after", float64(worst.ghosts), "", "0")
	add("live members not held for live, 30 s after", float64(worst.absent), "", "0")
	add("verdicts about lives that ran", float64(worst.wrong), "", "0")
	add("bytes per running member until then, mean", report.Mean(bytes), "B", "")
}

// remains is what became of a cluster half of which crashed.
type remains struct {
	agreed                  bool // in time
	took                    time.Duration
	zombies, ghosts, absent int // after restartAim
	wrong                   int // failures of lives that ran, at anybody
	bytes                   float64
}

func crashHalf(params core.Params, n int, again bool, seed uint64) (a remains) {
	s := newCluster(params, n, seed)
	s.Run(s.Now() + settleTime)
	order := s.Rand().Perm(n)
	crashed, survivors := order[:n/2], order[n/2:]
	s.OnEvent = func(_ *sim.Node, e *core.Event) {
		if e.Kind != core.Changed || e.After.State != wire.Failed || !e.Before.State.Live() {
			return
		}
		if subject := s.Node(e.After.Name); subject.Up() && subject.M.Local().Epoch == e.After.Epoch {
			a.wrong++
		}
	}
	begin, before, pending := s.Now(), total(s), 0
	for _, i := range crashed {
		node := s.Nodes()[i]
		if s.Crash(node); !again {
			continue
		}
		pending++
		seed := s.Nodes()[survivors[s.Rand().IntN(restartSeeds)]].Name
		s.At(begin+time.Duration(s.Rand().Int64N(int64(time.Second))), func() {
			pending--
			s.Join(s.Start(node.Name), seed)
		})
	}
	for !a.agreed && s.Now()-begin < restartPatience {
		if s.Now()-begin == restartAim {
			a.zombies, a.ghosts, a.absent = undead(s)
		}
		s.Run(s.Now() + 100*ms)
		a.agreed = pending == 0 && sim.Disagreement(s) == ""
	}
	after := total(s)
	a.took = s.Now() - begin
	a.bytes = float64(after.PacketBytes + after.StreamBytes - before.PacketBytes - before.StreamBytes)
	if a.took < restartAim { // nothing comes back to life afterwards
		s.Run(begin + restartAim)
		a.zombies, a.ghosts, a.absent = undead(s)
	}
	return a
}

// undead counts over all running members whom they hold for live and who is not, and
// whom they do not and who is.
func undead(s *sim.Sim) (zombies, ghosts, absent int) {
	running := 0
	for _, node := range s.Nodes() {
		if node.Up() {
			running++
		}
	}
	for _, node := range s.Nodes() {
		if !node.Up() {
			continue
		}
		right := 0
		for m := range node.M.Members() {
			if !m.State.Live() {
				continue
			}
			switch subject := s.Node(m.Name); {
			case !subject.Up():
				zombies++
			case subject.M.Local().Epoch != m.Epoch:
				ghosts++
			default:
				right++
			}
		}
		absent += running - right
	}
	return zombies, ghosts, absent
}
