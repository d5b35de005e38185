package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
)

var small = setting{params: core.LAN(), n: 16}

// Each knob has the default among its values, no two alike, and leaves the others alone.
func TestKnobs(t *testing.T) {
	for _, k := range knobs() {
		seen, standard := make(map[core.Params]bool), false
		for _, v := range k.values {
			p := core.LAN()
			v.set(&p)
			if seen[p] {
				t.Errorf("%s=%s is there twice", k.field, v.name)
			}
			seen[p] = true
			standard = standard || p == core.LAN()
		}
		if !standard || len(k.values) < 2 {
			t.Errorf("%s lacks the default or has no other", k.field)
		}
	}
}

func TestQuietLoad(t *testing.T) {
	l := small.measureLoad(1)
	if l.packets < 1.9 || l.packets > 2.5 || l.bytes < 50 || l.bytes > 150 {
		t.Errorf("%+v, want a ping and an ack a second and little more", l)
	}
}

func TestCrashesAreFound(t *testing.T) {
	d := small.measureCrashes(1, 2)
	if len(d.first) != 2 || len(d.full) != 2 || d.unknown+d.wrong != 0 {
		t.Fatalf("%+v", d)
	}
	for i := range d.first {
		if d.first[i] < time.Second || d.full[i] < d.first[i] || d.full[i] > 20*time.Second {
			t.Errorf("%v, then %v", d.first[i], d.full[i])
		}
	}
	if none := small.measureCrashes(1, 1); len(none.full) != 1 {
		t.Errorf("%+v, want one crash", none)
	}
}

// Gossip that sends each claim too few times misses somebody, and comparisons of
// tables make up for it.
func TestWhoIsMissedByGossip(t *testing.T) {
	c := small
	c.params.RetransmitMult, c.params.GossipFanout = 1, 1
	if r := c.measureGossip(1, 20); r.missed == 0 || r.members < r.missed {
		t.Errorf("%+v, want some missed", r)
	}
	if r := c.measureNews(1, 20); r.missed != 0 || len(r.took) != 20 || r.sent.packets <= 0 {
		t.Errorf("%+v, want none missed", r)
	}
	c.params.RetransmitMult = 8
	if r := c.measureGossip(1, 20); r.missed != 0 || len(r.took) != 20 {
		t.Errorf("%+v, want none missed", r)
	}
}

// Verdicts about members that run are counted.
func TestFalseVerdictsAreSeen(t *testing.T) {
	c := small
	c.params.SuspicionMaxMult, c.params.Confirmations, c.params.GossipInterval = 1, 0, 10*ms
	if v := c.measureLoss(1, 0.6, time.Minute); v.all == 0 || len(v.members) == 0 || v.all < len(v.members) {
		t.Errorf("%+v at 60 %% loss", v)
	}
	if v := small.measureLoss(1, 0, time.Minute); v.all != 0 {
		t.Errorf("%+v without loss", v)
	}
	r := stallRun{&c, 4, 8192 * ms, 4 * ms, 1}
	if g := r.run(); g.proper < 16*stallTime || g.load.packets < 16*100 {
		t.Errorf("%+v", g)
	}
}

func TestReturnDelay(t *testing.T) {
	at, off := small, small
	off.params.ReturnDelay = 0
	if on, without := at.measureFlapping(1, 4*time.Minute), off.measureFlapping(1, 4*time.Minute); on.failures >= without.failures || without.failures < 4 {
		t.Errorf("%+v, and without %+v", on, without)
	}
	if m := small.measureMerger(1, 30*time.Second); m.took <= 0 || m.took > time.Minute || m.retries <= 0 {
		t.Errorf("%+v", m)
	}
}

func TestZonesAreThinned(t *testing.T) {
	plain, thin := zonedSetting(32, 0), zonedSetting(32, 16)
	if all, some := plain.measureZones(1, 20*time.Second), thin.measureZones(1, 20*time.Second); all.gossip < 0.7 || some.gossip > 0.8*all.gossip {
		t.Errorf("%+v, and thinned %+v", all, some)
	}
}

const example = `text
<!-- table some.jsonl Knob "n=8"
time = how long
load = messages
-->
stale
<!-- end -->
more
`

func TestTables(t *testing.T) {
	results := fstest.MapFS{"some.jsonl": {Data: []byte(`{"experiment":"Knob","setting":"Knob=1, n=8","metric":"time","value":1.5,"unit":"s"}
{"experiment":"Knob","setting":"Knob=1, n=16","metric":"time","value":9,"unit":"s"}
{"experiment":"Other","setting":"Knob=1, n=8","metric":"time","value":9,"unit":"s"}
{"experiment":"Knob","setting":"Knob=2, n=8","metric":"load","value":7,"unit":""}
`)}}
	fresh, err := withTables(results, []byte(example))
	want := strings.Replace(example, "stale\n", "| | how long | messages |\n| --- | --- | --- |\n| Knob=1 | 1.5 s | – |\n| Knob=2 | – | 7 |\n", 1)
	if err != nil || string(fresh) != want {
		t.Errorf("%v\n%s", err, fresh)
	}
	for _, broken := range []string{"some.jsonl Knob \"n=9\"", "none.jsonl Knob \"n=8\"", "some.jsonl Nothing \"n=8\""} {
		if _, err := withTables(results, []byte(strings.Replace(example, `some.jsonl Knob "n=8"`, broken, 1))); err == nil {
			t.Errorf("a table of %s is made of nothing", broken)
		}
	}
}

// The tables of the guides are those of the results.
func TestGuidesAreOfTheResults(t *testing.T) {
	for _, guide := range guides {
		text, err := os.ReadFile("../../docs/" + guide)
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := withTables(os.DirFS("../results"), text)
		if err != nil || !bytes.Equal(fresh, text) {
			t.Errorf("docs/%s is not what go run ./tuning -docs makes of it: %v", guide, err)
		}
		if tables := bytes.Count(text, []byte("<!-- table")); tables == 0 || tables != len(tableMark.FindAll(text, -1)) {
			t.Errorf("docs/%s: %d tables, %d of them in the right form", guide, tables, len(tableMark.FindAll(text, -1)))
		}
	}
}

func TestQuickIsSmall(t *testing.T) {
	b := &bench{Options: &report.Options{Quick: true, Seed: 1}}
	if n := len(quickStalls(b).runs(b, &small)); n != 1 {
		t.Errorf("%d runs", n)
	}
}
