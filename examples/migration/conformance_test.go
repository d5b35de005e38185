package main

import (
	"net"
	"slices"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/swimtest"
)

func TestContract(t *testing.T) {
	swimtest.TestDelegate(t, func() swim.Delegate { return newRegistry() })
}

func TestAdmissionContract(t *testing.T) {
	swimtest.TestAdmission(t, func() swim.Admission { return only("production") })
}

func joined(names ...string) *registry {
	r := newRegistry()
	for _, name := range names {
		r.NotifyEvent(swim.Event{Kind: swim.EventJoined, Member: swim.Member{Name: name}})
	}
	return r
}

// Two that merged each other's states have equal ones, in whichever order.
func TestStatesConverge(t *testing.T) {
	a, b := joined("x", "y"), joined("x", "y")
	a.merge(map[string]offer{"x": {2, []string{"web"}}, "y": {1, []string{"old"}}})
	b.merge(map[string]offer{"x": {1, []string{"old"}}, "y": {3, nil}})
	for range 2 { // again makes no difference
		ofA, ofB := a.LocalState(false), b.LocalState(false)
		a.MergeState(swim.Member{}, ofB, false)
		b.MergeState(swim.Member{}, ofA, false)
		if got, want := string(a.LocalState(false)), `{"x":{"Version":2,"Services":["web"]},"y":{"Version":3,"Services":null}}`; got != want || got != string(b.LocalState(false)) {
			t.Errorf("a has %s, b %s, want %s", got, b.LocalState(false), want)
		}
	}
}

func TestOffersOfTheDeadAreDropped(t *testing.T) {
	r := joined("x", "y")
	stale := []byte(`{"x":{"Version":1,"Services":["web"]},"z":{"Version":1,"Services":["web"]}}`)
	r.MergeState(swim.Member{}, stale, false)
	if got := r.who("web"); len(got) != 1 || got[0] != "x" {
		t.Errorf("web is served by %q, want x alone", got)
	}
	r.NotifyEvent(swim.Event{Kind: swim.EventFailed, Member: swim.Member{Name: "x"}})
	r.MergeState(swim.Member{}, stale, false) // of one who has not heard yet
	if got := r.who("web"); len(got) != 0 {
		t.Errorf("web is served by %q, who failed", got)
	}
}

func TestForeignBytesChangeNothing(t *testing.T) {
	r := joined("x")
	for _, payload := range []string{"", "{", `{"x":7}`, `[1]`, "\xff"} {
		r.MergeState(swim.Member{Name: "x"}, []byte(payload), true)
		r.NotifyBroadcast(swim.Member{Name: "x"}, offersChannel, []byte(payload))
	}
	r.NotifyBroadcast(swim.Member{Name: "x"}, "other", []byte(`{"Version":1,"Services":["web"]}`))
	if got := r.who("web"); len(got) != 0 {
		t.Errorf("web is served by %q", got)
	}
}

func TestBesideAsksTheSameHosts(t *testing.T) {
	hosts := []net.IP{net.ParseIP("10.0.0.1"), net.ParseIP("fd00::1")}
	seeds, err := beside(func() []net.IP { return hosts }).Seeds(t.Context())
	if want := []string{"10.0.0.1:7956", "[fd00::1]:7956"}; err != nil || !slices.Equal(seeds, want) {
		t.Errorf("got %q, %v, want %q", seeds, err, want)
	}
}
