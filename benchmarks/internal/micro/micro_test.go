package micro

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// small is a bench whose figures mean nothing, and whose rows are all there.
func small(t *testing.T) (*bench, *bytes.Buffer) {
	out := new(bytes.Buffer)
	return &bench{
		Report: report.To(out, &report.Options{JSON: true}), ctx: t.Context(), quick: true, repeats: 1, length: time.Millisecond,
	}, out
}

// rowsOf are the values by setting, without the library, of both libraries.
func rowsOf(t *testing.T, out *bytes.Buffer, metric string) map[string]map[string]float64 {
	t.Helper()
	all := make(map[string]map[string]float64)
	for lines := json.NewDecoder(out); lines.More(); {
		var r report.Row
		if err := lines.Decode(&r); err != nil {
			t.Fatal(err)
		}
		if r.Metric != metric {
			continue
		}
		library, setting, _ := strings.Cut(r.Setting, ", ")
		library, _, _ = strings.Cut(library, " ")
		if all[setting] == nil {
			all[setting] = make(map[string]float64)
		}
		all[setting][library] = r.Value
	}
	return all
}

// Each experiment has figures of both libraries, and those that depend on no clock are
// about what they should be.
func TestExperiments(t *testing.T) {
	for _, e := range []struct {
		name, metric string
		run          func(*bench) error
		settings     int
		ok           func(swim, memberlist float64) bool
	}{
		{"packet", "allocations", packets, len(traffics) * len(variants), func(swim, memberlist float64) bool { return swim < 20 && memberlist > 30 }},
		{"message", "allocations", messages, 2, func(swim, memberlist float64) bool { return swim < 1 && memberlist > 10 }},
		{"fill", "allocations", fills, 1, func(swim, memberlist float64) bool { return swim < 1 && memberlist > 10 }},
		{"sync", "bytes", syncs, 2, func(swim, memberlist float64) bool { return swim > 100 && swim < 3000 && memberlist > 20_000 }},
		{"members", "garbage", memberLists, 1, func(swim, memberlist float64) bool { return swim > 50_000 && memberlist > 8000 }},
		{"look", "allocations", memberLooks, 1, func(swim, memberlist float64) bool { return swim < 1 && memberlist >= 1 }},
	} {
		t.Run(e.name, func(t *testing.T) {
			b, out := small(t)
			if err := e.run(b); err != nil {
				t.Fatal(err)
			}
			got := rowsOf(t, out, e.metric)
			if len(got) != e.settings {
				t.Errorf("%d settings, want %d: %v", len(got), e.settings, got)
			}
			for setting, of := range got {
				if len(of) != 2 || !e.ok(of["swim"], of["memberlist"]) {
					t.Errorf("%s: %s %v", setting, e.metric, of)
				}
			}
		})
	}
}

// memberlist sends fifteen packets of news a second, and its answers to pings.
func TestRelays(t *testing.T) {
	for _, kind := range []news{userBroadcasts, metadata} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			b, out := small(t)
			if err := b.compareRelays(kind, 64, 1, time.Second); err != nil {
				t.Fatal(err)
			}
			of := rowsOf(t, out, "relayed")[kind.String()+", n=64"]
			// On a machine that is busy otherwise swim's time passes more slowly, and so does
			// all that it does by the clock.
			if of["swim"] <= 0 || of["memberlist"] <= 0 || of["memberlist"] > 20 {
				t.Errorf("relayed %v", of)
			}
		})
	}
}

// What is run ends when it is told to.
func TestRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := &report.Options{Quick: true, JSON: true}
	if err := Run(ctx, o, report.To(new(bytes.Buffer), o)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// An exchange of tables that did not bring across what had changed is no figure.
func TestLostChangesShow(t *testing.T) {
	p, err := newMemberlistPair(3)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.change(0, 2); err != nil {
		t.Fatal(err)
	}
	if err := p.change(1, 2); err == nil {
		t.Error("nothing was exchanged, and nobody noticed")
	}
	if err := p.end(); err != nil {
		t.Error(err)
	}
}

// A node that complains is not measured.
func TestComplaints(t *testing.T) {
	var c complaints
	for _, line := range []string{"[DEBUG] memberlist: fine", "[INFO] memberlist: fine"} {
		if _, err := c.Write([]byte(line)); err != nil || c.err() != nil {
			t.Errorf("%q: %v, %v", line, err, c.err())
		}
	}
	for range 2 {
		if _, err := c.Write([]byte("[WARN] memberlist: handler queue full")); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.err(); err == nil || !strings.Contains(err.Error(), "2 times") || !strings.Contains(err.Error(), "queue full") {
		t.Errorf("%v", err)
	}
}

// News is counted in packets of one message and of several, and not what filled the
// table.
func TestCountOfMemberlist(t *testing.T) {
	alive := func(c claim) []byte {
		m, err := c.alive()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	user := append([]byte{memberlistUser}, make([]byte, newsBytes)...)
	ack := []byte{2, 0}
	change, filling := alive(newsAbout(5, 3)), alive(claimAbout(5))
	several := compound(ack, change, filling, user)
	for _, c := range []struct {
		name         string
		packet       []byte
		news, claims int64
	}{
		{"ack", ack, 0, 0},
		{"user", user, 1, 0},
		{"change", change, 1, 0},
		{"filling", filling, 0, 1},
		{"several", several, 2, 1},
		{"with a checksum", append([]byte{memberlistChecked, 1, 2, 3, 4}, several...), 2, 1},
	} {
		var r memberlistRelay
		r.started.Store(true)
		if r.count(c.packet); r.news.Load() != c.news || r.claims.Load() != c.claims || r.packets.Load() != 1 {
			t.Errorf("%s: %d news, %d claims in %d packets", c.name, r.news.Load(), r.claims.Load(), r.packets.Load())
		}
	}
}
