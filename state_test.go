package swim_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// words is a StateDelegate whose state is a set of words, which only grows.
type words struct {
	swim.NopDelegate
	mu     sync.Mutex
	all    map[string]bool
	merges []string // from whom, and whether after a join
	asks   []bool   // for LocalState
	hold   chan struct{}
}

func newWords(all ...string) *words {
	w := &words{all: map[string]bool{}}
	for _, word := range all {
		w.all[word] = true
	}
	return w
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for word := range w.all {
		all = append(all, word)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func (w *words) add(word string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all[word] = true
}

func (w *words) LocalState(join bool) []byte {
	w.mu.Lock()
	w.asks = append(w.asks, join)
	hold := w.hold
	w.mu.Unlock()
	if hold != nil {
		<-hold
	}
	return []byte(w.String())
}

func (w *words) MergeState(from swim.Member, state []byte, join bool) {
	w.mu.Lock()
	w.merges = append(w.merges, fmt.Sprint(from.Name, " ", join))
	w.mu.Unlock()
	for word := range strings.FieldsSeq(string(state)) {
		w.add(word)
	}
	clear(state) // it is ours
}

func (w *words) merged() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.merges)
}

// A join brings both sides the same state, each merged once, and told as of a join.
func TestStateIsExchangedOnJoin(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		one, two := newWords("a"), newWords("b", "c")
		a := n.start("a", with(one))
		b := n.start("b", with(two))
		n.join(b, "a")
		n.pass(time.Second)
		if one.String() != "a b c" || two.String() != "a b c" {
			t.Errorf("the states are %q and %q", one, two)
		}
		if got := one.merged(); !slices.Equal(got, []string{"b true"}) {
			t.Errorf("a merged %q", got)
		}
		if got := two.merged(); !slices.Equal(got, []string{"a true"}) {
			t.Errorf("b merged %q", got)
		}
		if slices.Contains(one.asks, false) || slices.Contains(two.asks, false) {
			t.Errorf("asked %v and %v, none of it after a join", one.asks, two.asks)
		}
		sa, sb := a.Stats(), b.Stats()
		if sa.StatesSent != 1 || sb.StatesSent != 1 || sa.StatesMerged != 1 || sb.StatesMerged != 1 || sb.StateExchanges != 1 {
			t.Errorf("a: %d sent, %d merged; b: %d sent, %d merged of %d exchanges",
				sa.StatesSent, sa.StatesMerged, sb.StatesSent, sb.StatesMerged, sb.StateExchanges)
		}
	})
}

// States that are the same are compared, and none travels; one that changes reaches all.
func TestStateTravelsOnlyWhenItDiffers(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var nodes []*swim.Node
		var delegates []*words
		for _, name := range []string{"a", "b", "c", "d"} {
			w := newWords("same")
			node := n.start(name, with(w))
			if name != "a" {
				n.join(node, "a")
			}
			nodes, delegates = append(nodes, node), append(delegates, w)
		}
		sum := func() (exchanges, sent uint64) {
			for _, node := range nodes {
				s := node.Stats()
				exchanges, sent = exchanges+s.StateExchanges, sent+s.StatesSent
			}
			return exchanges, sent
		}
		n.pass(10 * time.Minute)
		if exchanges, sent := sum(); exchanges < 4*18 || exchanges > 4*21+3 || sent != 0 {
			t.Errorf("%d exchanges in 10 minutes, and %d states were sent", exchanges, sent)
		}

		delegates[2].add("new")
		took := n.eventually("all have it", func() bool {
			return !slices.ContainsFunc(delegates, func(w *words) bool { return w.String() != "new same" })
		})
		n.pass(10 * time.Minute)
		if _, sent := sum(); took > 3*time.Minute || sent < 3 || sent > 12 {
			t.Errorf("that took %v, and %d states", took, sent)
		}
		for i, w := range delegates {
			if i != 2 && len(w.merged()) > 3 {
				t.Errorf("%d merged %q", i, w.merged())
			}
			if slices.ContainsFunc(w.merged(), func(m string) bool { return strings.HasSuffix(m, "true") }) {
				t.Errorf("%d merged %q, none of it after a join", i, w.merged())
			}
		}
	})
}

// A Delegate that blocks costs only the exchange of states: it joins, is probed, and
// syncs its table; the others' exchanges with one another go on, and its own later.
func TestSlowStateHarmsNobody(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		slow := newWords("s")
		slow.hold = make(chan struct{})
		a, b := newWords("a"), newWords("b")
		s := n.start("s", with(slow))
		nodes := []*swim.Node{s, n.start("a", with(a)), n.start("b", with(b))}
		start := time.Now()
		n.join(nodes[1], "s")
		n.join(nodes[2], "s")
		n.join(s, "a")
		if took := time.Since(start); took > time.Second {
			t.Errorf("joining took %v", took)
		}
		n.eventually("the others agree", func() bool { return a.String() == "a b" && b.String() == "a b" })
		n.pass(5 * time.Minute)
		for _, node := range nodes {
			if got := len(node.Members(swim.Alive)); got != 3 {
				t.Errorf("%s sees %d alive", node.Local().Name, got)
			}
		}
		if got := nodes[1].Stats().Protocol.SuspicionsRaised; got != 0 {
			t.Errorf("%d suspicions", got)
		}
		close(slow.hold)
		slow.mu.Lock()
		slow.hold = nil
		slow.mu.Unlock()
		n.eventually("all agree", func() bool {
			return a.String() == "a b s" && b.String() == "a b s" && slow.String() == "a b s"
		})
	})
}

// A state that is too large stays at home, and does no harm to those that are not.
func TestStateHasALimit(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		limit := func(c *swim.Config) { c.MaxStateBytes = 100 }
		big, one, two := newWords(strings.Repeat("x", 101)), newWords("a"), newWords(strings.Repeat("y", 98))
		a := n.start("a", with(one), limit)
		b := n.start("b", with(big), limit)
		c := n.start("c", with(two), limit)
		n.join(b, "a")
		n.join(c, "a")
		n.pass(time.Second)
		// c merges what a has, and its own state is exactly as large as is allowed.
		if want := "a " + strings.Repeat("y", 98); one.String() != want || two.String() != want {
			t.Errorf("the states are %q and %q", one, two)
		}
		n.pass(5 * time.Minute)
		if got := b.Stats().Drops.StatesOversized; got == 0 || len(big.merged()) > 0 {
			t.Errorf("%d states too large, and it merged %q", got, big.merged())
		}
		if strings.Contains(one.String(), "x") || len(a.Members()) != 3 {
			t.Errorf("a has %q and %d members", one, len(a.Members()))
		}
	})
}

// Of a member without a StateDelegate, or a transport without streams, nothing is asked
// and nothing is wanted.
func TestStateIsForThoseWhoHaveOne(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		have := newWords("a")
		a := n.start("a", with(have))
		b := n.start("b")
		n.join(b, "a")
		n.join(a, "b")
		n.pass(time.Minute)
		if s := b.Stats(); s.StateExchanges != 0 || s.Protocol.MessagesRefused == 0 {
			t.Errorf("b began %d exchanges and refused %d", s.StateExchanges, s.Protocol.MessagesRefused)
		}
		if s := a.Stats(); s.StatesSent != 0 || len(have.merged()) != 0 || s.Protocol.SuspicionsRaised != 0 {
			t.Errorf("a sent %d states and merged %q", s.StatesSent, have.merged())
		}

		packets := func(c *swim.Config) { c.Transport = packetsOnly{c.Transport} }
		one, two := newWords("c"), newWords("d")
		c := n.start("c", with(one), packets)
		n.start("d", with(two), packets)
		n.join(c, "d")
		n.pass(time.Minute)
		if len(one.merged()) != 0 || len(two.merged()) != 0 || c.Stats().StateExchanges != 0 {
			t.Errorf("without streams they merged %q and %q", one.merged(), two.merged())
		}
	})
}

// An empty state is no state: who has none gets the other's and sends none.
func TestEmptyState(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		for i, joiner := range [][]string{{}, {"b"}} {
			none, some := newWords(), newWords("b")
			if i == 1 {
				none, some = some, none
			}
			first, second := fmt.Sprint("first", i), fmt.Sprint("second", i)
			n.start(first, with(some))
			node := n.start(second, with(none))
			n.join(node, first)
			n.pass(time.Second)
			if none.String() != "b" || some.String() != "b" {
				t.Errorf("%v joins: the states are %q and %q", joiner, none, some)
			}
			if len(none.merged())+len(some.merged()) != 1 {
				t.Errorf("%v joins: merged %q and %q", joiner, none.merged(), some.merged())
			}
		}
	})
}

func TestStateLimitIsValidated(t *testing.T) {
	for _, test := range []struct {
		state, stream int
		ok            bool
	}{{0, 0, true}, {0, 4096, true}, {1 << 22, 0, true}, {1<<22 + 1, 0, false}, {-1, 0, false}, {4096, 4096, false}, {2048, 4096, true}} {
		err := swim.Config{MaxStateBytes: test.state, MaxStreamBytes: test.stream}.Validate()
		var bad *swim.ConfigError
		if (err == nil) != test.ok || err != nil && (!errors.As(err, &bad) || bad.Field != "MaxStateBytes") {
			t.Errorf("MaxStateBytes %d of MaxStreamBytes %d: %v", test.state, test.stream, err)
		}
	}
}
