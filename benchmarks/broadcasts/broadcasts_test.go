package main

import (
	"io"
	"testing"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// What is missing, repeated and out of order is told apart, and makes the command fail.
func TestAudience(t *testing.T) {
	var said [][]byte
	hear := func(a *audience, numbers ...int) {
		for _, n := range numbers {
			a.hear(1, said[n-1], 5*time.Second)
		}
	}
	for name, test := range map[string]struct {
		heard                        []int
		missing, repeated, unordered int
	}{
		"all":          {[]int{1, 2, 3}, 0, 0, 0},
		"one missing":  {[]int{1, 3}, 1, 0, 0},
		"repeated":     {[]int{1, 2, 2, 3}, 0, 1, 0},
		"out of order": {[]int{1, 3, 2}, 0, 0, 1},
		// What makes up for what is missing in number does not make up for it.
		"missing and repeated": {[]int{1, 1, 3, 3}, 1, 2, 0},
	} {
		a := newAudience(2)
		said = nil
		for i := range 3 {
			said = append(said, a.next(0, time.Duration(i)*time.Second))
		}
		hear(a, test.heard...)
		got := a.tally()
		if got.sent != 3 || got.missing != test.missing || got.repeated != test.repeated || got.unordered != test.unordered {
			t.Errorf("%s: %+v", name, got)
		}
		if got.took[0] != 5*time.Second || len(got.took) != 3-test.missing {
			t.Errorf("%s: took %v", name, got.took)
		}
		b := &bench{new(report.Options), report.To(io.Discard, &report.Options{JSON: true})}
		if err := b.addTally("test", name, got); (err == nil) != (name == "all") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// What nobody can have said is not heard.
func TestAudienceHearsNoStrangers(t *testing.T) {
	a := newAudience(2)
	mine, own := a.next(0, 0), a.next(1, 0)
	stranger := append([]byte(nil), mine...)
	stranger[3] = 2
	unsaid := append([]byte(nil), mine...)
	unsaid[7] = 2
	for _, payload := range [][]byte{nil, mine[1:], own, stranger, unsaid} {
		a.hear(1, payload, 0)
	}
	if got := a.tally(); got.repeated != 5 || len(got.took) != 0 {
		t.Errorf("%+v", got)
	}
}

// In the simulator all comes to all, with loss as well, and changes are heard of.
func TestLoad(t *testing.T) {
	l := load{loss: 0.05, length: 1500 * time.Millisecond, crashes: 1, perSecond: 50, seed: 1}
	r := runLoad(&l)
	if r.sent != 75 || len(r.took) != 75*(nodes-1) || r.missing+r.repeated+r.unordered > 0 {
		t.Errorf("%d sent, %d heard, %d missing, %d repeated, %d out of order", r.sent, len(r.took), r.missing, r.repeated, r.unordered)
	}
	if len(r.updates) != 1 || len(r.crashes) != 1 || r.unknown != 0 || r.updates[0] > 5*time.Second || r.crashes[0] < time.Second {
		t.Errorf("updates %v, crashes %v, %d unknown", r.updates, r.crashes, r.unknown)
	}
	if r.packets <= 0 || r.bytes <= 0 || r.most.Waiting == 0 || r.most.KeptBytes == 0 || r.left != 0 || r.most.Shed != 0 {
		t.Errorf("%v packets, %v bytes, %+v, %d left", r.packets, r.bytes, r.most, r.left)
	}
}

func TestMeasureRelay(t *testing.T) {
	r := measureRelay(64, 200*time.Millisecond)
	if r.perSecond < 400 || r.perSecond > 20_000 || r.packets <= 0 || r.cost <= 0 {
		t.Errorf("%+v", r)
	}
}
