package disseminator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim/wire"
)

func claim(name string, incarnation uint32) wire.Update {
	return wire.Update{Member: wire.Member{Name: name, Addr: "10.0.0.1:7946", Incarnation: incarnation, State: wire.Alive}}
}

func suspicion(name, from string) wire.Update {
	u := claim(name, 1)
	u.State, u.From = wire.Suspect, from
	return u
}

// unit makes a claim cost one byte, so that Bytes counts claims.
func unit(*wire.Update) int { return 1 }

func room(claims, limit int) wire.Room { return wire.Room{Bytes: claims, Size: unit, Limit: limit} }

// brief names claims "name incarnation" or "name incarnation<accuser".
func brief(us []wire.Update) string {
	var all []string
	for _, u := range us {
		s := fmt.Sprintf("%s%d", u.Name, u.Incarnation)
		if u.From != "" {
			s += "<" + u.From
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

func expect(t *testing.T, what string, got []wire.Update, want string) {
	t.Helper()
	if brief(got) != want {
		t.Errorf("%s: got %q, want %q", what, brief(got), want)
	}
}

// SWIM section 4.1: elements sent fewer times are preferred. Every claim goes
// out once before any goes out twice.
func TestPaperFewestSentFirst(t *testing.T) {
	var p Piggyback
	for _, name := range []string{"a", "b", "c"} {
		p.Add(claim(name, 1))
	}
	expect(t, "newest first", p.Fill(nil, room(2, 9)), "c1 b1")
	expect(t, "the one not sent yet", p.Fill(nil, room(2, 9)), "a1 c1")
	p.Add(claim("d", 1))
	expect(t, "news, then fewest", p.Fill(nil, room(3, 9)), "d1 a1 b1")
	expect(t, "the only one sent once", p.Fill(nil, room(1, 9)), "d1")
}

// SWIM section 4.1: each element is piggybacked at most λ·log n times, the limit
// being that of the moment.
func TestPaperLimit(t *testing.T) {
	for limit := 1; limit < 2*maxCount; limit += 1 + limit/3 {
		var p Piggyback
		p.Add(claim("a", 1))
		for sent := range limit {
			if got := p.Fill(nil, room(9, limit)); len(got) != 1 || p.Len() != min(1, limit-1-sent) {
				t.Fatalf("limit %d, send %d: packet %q, and %d wait", limit, sent+1, brief(got), p.Len())
			}
		}
		expect(t, "beyond the limit", p.Fill(nil, room(9, limit)), "")
	}
}

func TestLimitChanges(t *testing.T) {
	var p Piggyback
	p.Add(claim("a", 1))
	for range 3 {
		p.Fill(nil, room(9, 4))
	}
	p.Add(claim("b", 1))
	expect(t, "a grown limit", p.Fill(nil, room(9, 5)), "b1 a1")
	expect(t, "a shrunk limit", p.Fill(nil, room(9, 4)), "b1")
	if p.Len() != 1 {
		t.Errorf("%d claims wait, want that of b only", p.Len())
	}
}

// Counts beyond the last list are not told apart in order, but limits hold.
func TestLimitBeyondLastList(t *testing.T) {
	const limit = maxCount + 100
	var p Piggyback
	p.Add(claim("a", 1))
	for range maxCount + 50 {
		p.Fill(nil, room(1, limit))
	}
	expect(t, "a limit above its count", p.Fill(nil, room(1, maxCount+52)), "a1")
	expect(t, "a limit at its count", p.Fill(nil, room(1, maxCount+51)), "")
	if p.Len() != 0 {
		t.Errorf("%d claims wait, want none", p.Len())
	}
}

func TestNewerReplacesOlder(t *testing.T) {
	var p Piggyback
	p.Add(suspicion("a", "x"))
	p.Add(suspicion("a", "y"))
	p.Fill(nil, room(9, 9))
	p.Add(claim("b", 1))
	p.Fill(nil, room(9, 9))
	p.Add(claim("a", 2))
	if p.Len() != 2 {
		t.Errorf("%d claims wait, want 2", p.Len())
	}
	expect(t, "a refutation", p.Fill(nil, room(1, 9)), "a2") // it was never sent
}

func TestSupersededIsIgnored(t *testing.T) {
	var p Piggyback
	p.Add(claim("a", 2))
	p.Fill(nil, room(1, 3))
	p.Fill(nil, room(1, 3))
	p.Add(suspicion("a", "x"))
	p.Add(claim("a", 1))
	expect(t, "the third send", p.Fill(nil, room(9, 3)), "a2")
	if p.Len() != 0 {
		t.Errorf("%d claims wait, want none", p.Len())
	}
}

func TestIdenticalKeepsItsCount(t *testing.T) {
	var p Piggyback
	p.Add(suspicion("a", "x"))
	p.Fill(nil, room(1, 2))
	again := suspicion("a", "x")
	again.Age = 7
	p.Add(again)
	if got := p.Fill(nil, room(9, 2)); len(got) != 1 || got[0].Age != 0 || p.Len() != 0 {
		t.Errorf("packet %v, and %d wait; want the first once more and none", got, p.Len())
	}
}

// Lifeguard re-gossips the first K independent suspicions.
func TestAccusersStandSideBySide(t *testing.T) {
	var p Piggyback
	for _, from := range []string{"x", "y", "z"} {
		p.Add(suspicion("a", from))
	}
	expect(t, "three accusers", p.Fill(nil, room(9, 2)), "a1<z a1<y a1<x")
	p.Add(suspicion("a", "w"))
	expect(t, "a fourth", p.Fill(nil, room(2, 2)), "a1<w a1<z")
	expect(t, "the rest", p.Fill(nil, room(9, 2)), "a1<w a1<y a1<x")
}

func TestAccusersAreBounded(t *testing.T) {
	var p Piggyback
	for i := range maxAccusers + 5 {
		p.Add(suspicion("a", fmt.Sprint(i)))
	}
	p.Add(suspicion("a", "0")) // there already, so not shed
	if p.Len() != maxAccusers || p.Shed() != 5 {
		t.Errorf("%d claims wait and %d were shed, want %d and 5", p.Len(), p.Shed(), maxAccusers)
	}
}

func TestMaxShedsTheMostSent(t *testing.T) {
	p := Piggyback{Max: 3}
	for _, name := range []string{"a", "b", "c"} {
		p.Add(claim(name, 1))
	}
	p.Fill(nil, room(1, 9)) // c
	p.Add(claim("d", 1))
	if p.Len() != 3 || p.Shed() != 1 {
		t.Errorf("%d wait and %d were shed, want 3 and 1", p.Len(), p.Shed())
	}
	p.Add(claim("e", 1)) // none was sent: the oldest goes
	p.Add(claim("d", 1)) // known
	p.Add(claim("d", 2)) // in the place of another
	if p.Shed() != 2 {
		t.Errorf("%d were shed, want 2", p.Shed())
	}
	expect(t, "what is left", p.Fill(nil, room(9, 9)), "d2 e1 b1")
	p.Max = 1
	p.Add(claim("f", 1))
	if p.Len() != 1 || p.Shed() != 5 {
		t.Errorf("%d wait and %d were shed, want 1 and 5", p.Len(), p.Shed())
	}
}

func TestDefaultMax(t *testing.T) {
	for _, p := range []*Piggyback{{}, {Max: -1}} {
		for i := range DefaultMax + 10 {
			p.Add(claim(fmt.Sprint(i), 1))
		}
		if p.Len() != DefaultMax || p.Shed() != 10 {
			t.Errorf("%d wait and %d were shed, want %d and 10", p.Len(), p.Shed(), DefaultMax)
		}
	}
}

func TestForget(t *testing.T) {
	var p Piggyback
	p.Forget("nobody") // before anything was added
	for _, from := range []string{"x", "y", "z"} {
		p.Add(suspicion("a", from))
	}
	p.Add(claim("b", 1))
	p.Fill(nil, room(2, 9))
	p.Forget("a")
	p.Forget("nobody")
	if p.Len() != 1 {
		t.Errorf("%d claims wait, want 1", p.Len())
	}
	expect(t, "without a", p.Fill(nil, room(9, 9)), "b1")
	p.Add(suspicion("a", "x"))
	expect(t, "a anew", p.Fill(nil, room(1, 9)), "a1<x")
}

// The same calls give the same packets.
func TestDeterminism(t *testing.T) {
	play := func() (log []wire.Update) {
		var p Piggyback
		for i := range 2_000 {
			p.Add(suspicion(fmt.Sprint("m", i*7919%97), fmt.Sprint(i%3)))
			if i%5 == 0 {
				log = p.Fill(log[:len(log):len(log)], room(3, 4))
			}
		}
		return log
	}
	if !slices.Equal(play(), play()) {
		t.Error("two runs differ")
	}
}
