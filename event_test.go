package swim

import (
	"fmt"
	"strings"
	"testing"
)

// member writes a Member shortly: state, epoch and metadata; state 0 is nobody.
func member(state State, epoch uint64, meta string) Member {
	if state == 0 {
		return Member{Name: "m"}
	}
	return Member{Name: "m", Addr: "m:1", State: state, Epoch: epoch, Meta: meta}
}

// TestDiffTruthTable goes through every pair of states, in one life and across
// two, with the metadata changed and not.
func TestDiffTruthTable(t *testing.T) {
	// Rows are before, columns are after, a letter per event: Joined, Updated,
	// Suspected, Recovered, Failed, Left.
	same := map[State][]string{
		//        nobody alive suspect failed left
		0:       {"", "J", "JS", "", ""},
		Alive:   {"F", "", "S", "F", "L"},
		Suspect: {"F", "R", "", "F", "L"},
		Failed:  {"", "J", "JS", "", ""},
		Left:    {"", "J", "JS", "", ""},
	}
	restarted := map[State][]string{
		0:       {"", "J", "JS", "", ""},
		Alive:   {"F", "FJ", "FJS", "F", "L"},
		Suspect: {"F", "FJ", "FJS", "F", "L"},
		Failed:  {"", "J", "JS", "", ""},
		Left:    {"", "J", "JS", "", ""},
	}
	letters := map[EventKind]string{
		EventJoined: "J", EventUpdated: "U", EventSuspected: "S", EventRecovered: "R", EventFailed: "F", EventLeft: "L",
	}
	for before, columns := range same {
		for i, after := range []State{0, Alive, Suspect, Failed, Left} {
			for _, epoch := range []uint64{1, 2} {
				for _, meta := range []string{"old", "new"} {
					want := columns[i]
					switch {
					case epoch == 2:
						want = restarted[before][i]
					case meta == "new" && before.Live() && after.Live():
						want = "U" + want
					}
					var got strings.Builder
					c := change{before: member(before, 1, "old"), after: member(after, epoch, meta), reason: Accused, by: "x"}
					for _, e := range diff(&c) {
						got.WriteString(letters[e.Kind])
					}
					if got.String() != want {
						t.Errorf("%v -> %v, epoch 1 -> %d, meta %s: %q, want %q", before, after, epoch, meta, got.String(), want)
					}
				}
			}
		}
	}
}

func TestDiffTellsWhy(t *testing.T) {
	for _, test := range []struct {
		before, after Member
		reason        Reason
		want          string
	}{
		{member(0, 0, ""), member(Alive, 1, ""), Announced, "joined(announced alive 1)"},
		{member(0, 0, ""), member(Suspect, 1, ""), Accused, "joined(announced suspect 1) suspected(accused by x suspect 1)"},
		{member(Failed, 1, ""), member(Alive, 1, ""), Refuted, "joined(refuted alive 1)"},
		{member(Failed, 1, ""), member(Alive, 2, ""), Announced, "joined(restarted alive 2)"},
		{member(Left, 1, ""), member(Suspect, 2, ""), Accused, "joined(restarted suspect 2) suspected(accused by x suspect 2)"},
		{member(Suspect, 1, ""), member(Alive, 1, ""), Refuted, "recovered(refuted by x alive 1)"},
		{member(Alive, 1, ""), member(Suspect, 1, "m"), ProbeFailed, "updated(announced suspect 1) suspected(probe failed by x suspect 1)"},
		{member(Suspect, 1, ""), member(Failed, 1, ""), Expired, "failed(suspicion expired by x failed 1)"},
		{member(Alive, 1, ""), member(Left, 1, ""), Announced, "left(announced by x left 1)"},
		{member(Suspect, 1, ""), member(Alive, 2, ""), Announced, "failed(restarted failed 1) joined(restarted alive 2)"},
	} {
		var got []string
		for _, e := range diff(&change{before: test.before, after: test.after, reason: test.reason, by: "x"}) {
			by := ""
			if e.By != "" {
				by = " by " + e.By
			}
			got = append(got, fmt.Sprintf("%v(%v%s %v %d)", e.Kind, e.Reason, by, e.Member.State, e.Member.Epoch))
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%+v -> %+v: %s\nwant %s", test.before, test.after, s, test.want)
		}
	}
}

func TestDiffSeesNewAddress(t *testing.T) {
	before, after := member(Alive, 1, ""), member(Alive, 1, "")
	after.Addr = "elsewhere:1"
	events := diff(&change{before: before, after: after, reason: Announced})
	if len(events) != 1 || events[0].Kind != EventUpdated || events[0].Member.Addr != "elsewhere:1" {
		t.Errorf("a new address gives %+v", events)
	}
}

func TestEventKindsHaveNames(t *testing.T) {
	for k := EventJoined; k <= EventLeft; k++ {
		if s := k.String(); strings.HasPrefix(s, "EventKind(") || s == "" {
			t.Errorf("kind %d is called %q", k, s)
		}
	}
	if s := EventKind(0).String(); s != "EventKind(0)" {
		t.Errorf("the invalid kind is called %q", s)
	}
}
