package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/swim-go/swim/wire"
)

func claim(name string, incarnation uint32, state wire.State, from string) wire.Update {
	return wire.Update{Member: wire.Member{Name: name, Incarnation: incarnation, State: state}, From: from}
}

// room is for so many claims, each of which takes one byte.
func room(claims, limit int) wire.Room {
	return wire.Room{Bytes: claims, Limit: limit, Size: func(*wire.Update) int { return 1 }}
}

func names(updates []wire.Update) (names []string) {
	for _, u := range updates {
		names = append(names, u.Name)
	}
	return names
}

func TestClaimsTakeTurnsUntilTheLimit(t *testing.T) {
	var f fifo
	for _, name := range []string{"a", "b", "c"} {
		f.Add(claim(name, 0, wire.Alive, ""))
	}
	for i, want := range [][]string{{"a", "b"}, {"c", "a"}, {"b", "c"}, nil} {
		if got := names(f.Fill(nil, room(2, 2))); !slices.Equal(got, want) {
			t.Errorf("packet %d holds %v, want %v", i, got, want)
		}
	}
	if f.Len() != 0 {
		t.Errorf("%d claims wait after their last send", f.Len())
	}
}

func TestNewerClaimReplacesOlder(t *testing.T) {
	var f fifo
	f.Add(claim("a", 1, wire.Suspect, "x"))
	f.Add(claim("a", 1, wire.Suspect, "y")) // confirms it
	f.Add(claim("a", 1, wire.Suspect, "y")) // is the same
	f.Add(claim("a", 0, wire.Alive, ""))    // is superseded
	if f.Len() != 2 {
		t.Fatalf("%d claims wait, want the two accusers'", f.Len())
	}
	f.Add(claim("a", 2, wire.Alive, ""))
	if got := f.Fill(nil, room(9, 9)); len(got) != 1 || got[0].Incarnation != 2 {
		t.Errorf("after the refutation: %v", got)
	}
}

func TestFillKeepsToItsRoom(t *testing.T) {
	var f fifo
	f.Add(claim("large", 0, wire.Alive, ""))
	f.Add(claim("told", 0, wire.Alive, ""))
	f.Add(claim("small", 0, wire.Alive, ""))
	size := func(u *wire.Update) int { return len(u.Name) }
	had := []wire.Update{claim("told", 0, wire.Alive, "")}
	got := f.Fill(had, wire.Room{Bytes: len("large") + len("told"), Limit: 9, Size: size})
	if want := []string{"told", "large"}; !slices.Equal(names(got), want) {
		t.Errorf("got %v, want %v", names(got), want)
	}
	got = f.Fill(nil, wire.Room{Bytes: len("tol"), Limit: 9, Size: size})
	if len(got) != 0 || f.Len() != 3 {
		t.Errorf("got %v into no room; %d wait, want 3", names(got), f.Len())
	}
}

func TestQueueIsBounded(t *testing.T) {
	var f fifo
	f.Add(claim("sent", 0, wire.Alive, ""))
	f.Fill(nil, room(1, 9))
	for i := range 3 * maxClaims {
		f.Add(claim(fmt.Sprint(i), 0, wire.Alive, ""))
	}
	if f.Len() != maxClaims || f.shed != 2*maxClaims+1 {
		t.Errorf("%d claims wait and %d were shed, want %d and %d", f.Len(), f.shed, maxClaims, 2*maxClaims+1)
	}
	if slices.Contains(names(f.Fill(nil, room(maxClaims, 9))), "sent") {
		t.Error("what was sent before is kept, and what was not is shed")
	}
	f.Forget("2999")
	if f.Len() != maxClaims-1 {
		t.Errorf("%d claims wait after one was forgotten", f.Len())
	}
}
