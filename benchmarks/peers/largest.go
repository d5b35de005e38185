package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"

	"github.com/swim-go/swim/benchmarks/internal/cluster"
	"github.com/swim-go/swim/benchmarks/internal/peer"
)

// tries is how often a size may be tried. This machine is not ours alone: what others
// do on it must not end the search.
const tries = 2

// largest looks for the largest cluster in one process that accuses nobody.
func largest(ctx context.Context, b *bench) error {
	most := b.most
	if most == 0 {
		most = pick(b, 32, 1024)
	}
	b.Title("The largest cluster in one process")
	b.Note("Nodes join a few at a time; when all see all, %v pass, and then, for %v, nobody may be suspected or declared gone. The size doubles up to %d;", b.settling(), b.window(), most)
	b.Note("each is tried up to %d times. Nobody is stopped, so each suspicion and failure is wrong.", tries)
	networks := []func() *peer.Network{peer.Loopback, func() *peer.Network { return peer.Memory(b.Seed) }}
	if b.Quick {
		networks = networks[:1]
	}
	libs := libraries()
	for _, network := range networks {
		for range b.repeat {
			if err := b.climb(ctx, libs, network, most); err != nil {
				return err
			}
			slices.Reverse(libs)
		}
	}
	return nil
}

// climb doubles the size as long as nobody is accused. All libraries are tried at a
// size before the next, so that the machine is much the same for them.
func (b *bench) climb(ctx context.Context, libs []peer.Library, network func() *peer.Network, most int) error {
	reached := make(map[peer.Library]int)
	for n := b.least; n <= most; n *= 2 {
		for _, l := range libs {
			if reached[l] < n/2 && n > b.least {
				continue
			}
			clean, err := b.attempt(ctx, l, network, n)
			if err != nil {
				return err
			}
			if clean {
				reached[l] = n
			}
		}
	}
	for _, l := range libs {
		b.figures.of(fmt.Sprintf("%s, %s", l.Name(), network()))("nodes without a false suspicion", float64(reached[l]), "")
	}
	return nil
}

// attempt tries one size, as often as it may be, and adds the figures of the last try.
// The error is ctx's.
func (b *bench) attempt(ctx context.Context, l peer.Library, network func() *peer.Network, n int) (clean bool, err error) {
	var last figures
	for range tries {
		last = figures{}
		wrong := b.rung(ctx, l, network(), n, &last)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if clean = wrong == nil; clean {
			break
		}
		b.Note("%s: %v", setting(l, network(), n), wrong)
	}
	b.figures.addAll(&last)
	return clean, nil
}

// rung tries one size, and says what was wrong, if anything was.
func (b *bench) rung(ctx context.Context, l peer.Library, network *peer.Network, n int, f *figures) error {
	peer.Rest(ctx)
	add := f.of(setting(l, network, n))
	c, err := peer.Start(ctx, l, network, n)
	if err != nil {
		return err
	}
	defer c.Close()
	stop, err := b.startProfile(l, network, n, "forming")
	if err != nil {
		return err
	}
	forming, cancel := context.WithTimeout(ctx, formPatience(n))
	defer cancel()
	formed, err := c.Form(forming, peer.Gently(n))
	stop()
	if err != nil {
		return err
	}
	add("all see all", formed.Settled.Seconds(), "s")
	add("joins again", float64(formed.Again), "")
	if err := wait(ctx, b.settling()); err != nil {
		return err
	}
	stop, err = b.startProfile(l, network, n, "idle")
	if err != nil {
		return err
	}
	canary := cluster.StartCanary()
	before := c.Usage()
	err = wait(ctx, b.window())
	after := c.Usage()
	late, _ := canary.Stop()
	stop()
	if err != nil {
		return err
	}
	spent := after.Since(&before)
	add("CPU of all processors", spent.Share(), "%")
	add("timers late, 99 %", float64(late)/1e6, "ms")
	add("suspicions", float64(spent.Suspicions), "")
	add("failures", float64(spent.Failures), "")
	if spent.Suspicions > 0 || spent.Failures > 0 || c.Complete() < n {
		return fmt.Errorf("%d suspicions, %d failures, %d nodes do not see all, %.0f %% of all processors taken",
			spent.Suspicions, spent.Failures, n-c.Complete(), spent.Share())
	}
	return nil
}

// startProfile begins a profile, if there is to be one, and returns how to end it.
func (b *bench) startProfile(l peer.Library, network *peer.Network, n int, phase string) (stop func(), err error) {
	if b.profile == "" {
		return func() {}, nil
	}
	name, _, _ := strings.Cut(l.Name(), " ")
	file, err := os.Create(filepath.Join(b.profile, fmt.Sprintf("%s-%s-%d-%s.pprof", name, network, n, phase)))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { pprof.StopCPUProfile(); _ = file.Close() }, nil
}
