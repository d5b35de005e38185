package wire

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// The truth table of precedence: for each pair of states, whether a claim a
// replaces a claim b when a's incarnation is below, equal to or above b's, in
// the same epoch. Rows cite SWIM section 4.2 where they are its rules; the two
// that depart from it are the reasons given at [Supersedes].
var precedence = []struct {
	a, b                State
	below, equal, above bool
	rule                string
}{
	{Alive, Alive, false, false, true, "SWIM 4.2: Alive{i} overrides Alive{j} iff i > j"},
	{Alive, Suspect, false, false, true, "SWIM 4.2: Alive{i} overrides Suspect{j} iff i > j"},
	{Alive, Failed, false, false, true, "ours: a refutation above the evidence resurrects; at or below it never does (H1)"},
	{Alive, Left, false, false, true, "ours: a forged departure can be refuted (H5)"},
	{Suspect, Alive, false, true, true, "SWIM 4.2: Suspect{i} overrides Alive{j} iff i >= j"},
	{Suspect, Suspect, false, false, true, "SWIM 4.2: Suspect{i} overrides Suspect{j} iff i > j"},
	{Suspect, Failed, false, false, true, "ours: the evidence is never lowered (H1)"},
	{Suspect, Left, false, false, true, "ours: who left is not accused for it"},
	{Failed, Alive, false, true, true, "SWIM 4.2 says for any i; ours spares who refuted since"},
	{Failed, Suspect, false, true, true, "SWIM 4.2 says for any i; ours spares who refuted since"},
	{Failed, Failed, false, false, true, "ours: the evidence is raised (H1)"},
	{Failed, Left, false, false, true, "ours: who left did not fail"},
	{Left, Alive, false, true, true, "ours: a departure stands until the member says otherwise"},
	{Left, Suspect, false, true, true, "ours: a departure stands until the member says otherwise"},
	{Left, Failed, false, true, true, "ours: who left did not fail"},
	{Left, Left, false, false, true, "ours: a later departure is news"},
}

func TestSupersedesTruthTable(t *testing.T) {
	if len(precedence) != 16 {
		t.Fatalf("%d rows, want one for each pair of states", len(precedence))
	}
	for _, row := range precedence {
		for i, want := range []bool{row.below, row.equal, row.above} {
			incarnation := uint32(6 + i)
			for epoch := uint64(4); epoch <= 6; epoch++ {
				a := Member{Name: "m", Addr: "x", Epoch: epoch, Incarnation: incarnation, State: row.a}
				b := Member{Name: "m", Addr: "x", Epoch: 5, Incarnation: 7, State: row.b}
				want := want
				if epoch != 5 { // a later life beats an earlier one whatever was said of it
					want = epoch > 5
				}
				if got := Supersedes(&a, &b); got != want {
					t.Errorf("%v{epoch %d, %d} over %v{epoch 5, 7} = %v, want %v: %s", row.a, epoch, incarnation, row.b, got, want, row.rule)
				}
			}
		}
	}
}

// somewhere draws from a domain so small that claims meet in every way.
func somewhere(rng *rand.Rand) Member {
	return Member{
		Name:        string(rune('a' + rng.IntN(2))),
		Addr:        string(rune('x' + rng.IntN(2))),
		Meta:        string(rune('p' + rng.IntN(2))),
		Token:       string(rune('s' + rng.IntN(2))),
		Epoch:       rng.Uint64N(3),
		Incarnation: rng.Uint32N(3),
		State:       Alive + State(rng.IntN(4)),
	}
}

// domain is every claim about one member that somewhere can draw.
func domain() []Member {
	var all []Member
	for _, addr := range []string{"x", "y"} {
		for _, meta := range []string{"p", "q"} {
			for _, token := range []string{"s", "t"} {
				for epoch := range uint64(3) {
					for incarnation := range uint32(3) {
						for state := Alive; state <= Left; state++ {
							all = append(all, Member{"a", addr, meta, token, epoch, incarnation, state})
						}
					}
				}
			}
		}
	}
	return all
}

func TestSupersedesIsAStrictTotalOrder(t *testing.T) {
	all := domain()
	for i := range all {
		for j := range all {
			a, b := &all[i], &all[j]
			ab, ba := Supersedes(a, b), Supersedes(b, a)
			if i == j && ab {
				t.Fatalf("%v supersedes itself", *a)
			}
			if i != j && ab == ba {
				t.Fatalf("%v and %v: one must supersede the other, got %v and %v", *a, *b, ab, ba)
			}
			for k := range all {
				c := &all[k]
				if ab && Supersedes(b, c) && !Supersedes(a, c) {
					t.Fatalf("not transitive: %v > %v > %v", *a, *b, *c)
				}
			}
		}
	}
}

func apply(table map[string]Member, claims []Member) map[string]Member {
	for _, c := range claims {
		if old, ok := table[c.Name]; !ok || Supersedes(&c, &old) {
			table[c.Name] = c
		}
	}
	return table
}

// TestAnyOrderEndsInTheSameTable is why gossip needs no order: claims may come
// late, twice and by any way.
func TestAnyOrderEndsInTheSameTable(t *testing.T) {
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 0))
		claims := make([]Member, 1+rng.IntN(12))
		for i := range claims {
			claims[i] = somewhere(rng)
		}
		want := fmt.Sprint(apply(map[string]Member{}, claims))
		shuffled := append(append([]Member{}, claims...), claims[:rng.IntN(len(claims))]...)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		once := apply(map[string]Member{}, shuffled)
		if got := fmt.Sprint(once); got != want {
			t.Fatalf("seed %d: %v\nends in %s\nand as %v\nin %s", seed, claims, want, shuffled, got)
		}
		if got := fmt.Sprint(apply(once, claims)); got != want {
			t.Fatalf("seed %d: applied twice %s, once %s", seed, got, want)
		}
	}
}

// TestNoResurrectionAtOrBelowTheEvidence is hazard H1: once a failure at some
// incarnation was heard, no older life sign may undo it, in whatever order the
// evidence came.
func TestNoResurrectionAtOrBelowTheEvidence(t *testing.T) {
	at := func(s State, incarnation uint32) Member {
		return Member{Name: "a", Addr: "x", Incarnation: incarnation, State: s}
	}
	claims := []Member{at(Alive, 1), at(Failed, 1), at(Failed, 10), at(Alive, 2)}
	if got := apply(map[string]Member{}, claims)["a"]; got != at(Failed, 10) {
		t.Fatalf("got %v, want failed at 10", got)
	}
	if got := apply(map[string]Member{"a": at(Failed, 10)}, []Member{at(Alive, 11)})["a"]; got != at(Alive, 11) {
		t.Fatalf("got %v, want alive at 11: above the evidence the member may return", got)
	}
}

func BenchmarkSupersedes(b *testing.B) {
	x := Member{Name: "m", Addr: "127.0.0.1:7946", Incarnation: 1, State: Alive}
	y := x
	b.ReportAllocs()
	for b.Loop() {
		if Supersedes(&x, &y) {
			b.Fatal("equal claims")
		}
	}
}
