// Package micro measures what single steps cost in swim and in memberlist: a packet
// in and its answer out, a comparison of tables, what one node can pass on, and a
// copy of the list of members. It takes turns between the two in one process, so
// that whatever slows the machine down slows both.
//
// A node's transport is the seam: the tester stands at its other end, hands in
// packets that are made beforehand, and takes what comes out. So the network and
// the kernel are in no figure, and all that the library does is.
package micro

import (
	"context"
	"fmt"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// Experiments are the names that Run knows.
var Experiments = []string{"packet", "message", "fill", "sync", "relay", "members", "look"}

// Run measures what o asks for, by o.Wants, into r. It ends early with ctx's error.
func Run(ctx context.Context, o *report.Options, r *report.Report) error {
	b := &bench{Report: r, ctx: ctx, quick: o.Quick, repeats: 7, length: 400 * time.Millisecond}
	if o.Quick {
		b.repeats, b.length = 3, 100*time.Millisecond
	}
	for _, e := range []struct {
		name string
		run  func(*bench) error
	}{
		{"packet", packets}, {"message", messages}, {"fill", fills}, {"sync", syncs}, {"relay", relays}, {"members", memberLists}, {"look", memberLooks},
	} {
		if !o.Wants(e.name) {
			continue
		}
		if err := e.run(b); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		r.Flush()
	}
	return nil
}

// bench is one run of the command.
type bench struct {
	*report.Report
	ctx     context.Context
	quick   bool
	repeats int
	length  time.Duration // of one trial, of those that take as long as one likes
}

// pick returns the sizes of a quick or a full run.
func (b *bench) pick(quick, full []int) []int {
	if b.quick {
		return quick
	}
	return full
}
