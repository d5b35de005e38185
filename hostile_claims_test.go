package swim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/transport"
	"github.com/swim-go/swim/wire"
)

// A claimRow is a lie about members, told to one of five. Where it is believed,
// because the liar has the key or nobody needs one, it must not last: some
// minutes later all live members are alive to all, where they are. Where it is
// not, nobody hears a thing. What takes minutes runs in virtual time.
type claimRow struct {
	name string
	lie  func(*liar)
	// heard are the events about real members that it may cause, "failed c" say;
	// one of "!" must be among them, or the row shows nothing.
	heard []string
	// moved are counters that must rise at some node.
	moved []string
}

// liar tells lies to a, mostly about c.
type liar struct {
	network
	*transport.Memory
	envelope *security.Envelope
	nodes    []*swim.Node // a to e
}

func (l *liar) tell(claims ...wire.Update) { l.say(gossip(claims...)) }

func (l *liar) say(m wire.Message) {
	l.Helper()
	packet, err := l.envelope.Seal(nil, sure(codec.Msgpack{}.Append(nil, &m)))
	if err != nil {
		l.Fatal(err)
	}
	if err := l.WritePacket(packet, "a"); err != nil {
		l.Fatal(err)
	}
	l.pass(10 * time.Millisecond)
}

// of is a claim about a member, as it is known to itself.
func (l *liar) of(name string, change func(*wire.Member)) wire.Update {
	u := wire.Update{Member: l.nodes[name[0]-'a'].Local()}
	change(&u.Member)
	if u.State == wire.Suspect || u.State == wire.Failed {
		u.From = "b"
	}
	return u
}

const largest = 1<<32 - 1 // incarnation

var claimRows = []claimRow{
	{
		name: "a suspicion that nobody has, of the highest incarnation",
		lie: func(l *liar) {
			l.tell(l.of("c", func(m *wire.Member) { m.State, m.Incarnation = wire.Suspect, largest }))
		},
		heard: []string{"!suspected c", "recovered c", "failed c", "joined c"}, moved: []string{"Refutations"},
	},
	{
		name: "a verdict of the highest incarnation",
		lie: func(l *liar) {
			l.tell(l.of("c", func(m *wire.Member) { m.State, m.Incarnation = wire.Failed, largest }))
		},
		heard: []string{"!failed c", "joined c"}, moved: []string{"Refutations"},
	},
	{
		name: "a departure that never was",
		lie: func(l *liar) {
			l.tell(l.of("c", func(m *wire.Member) { m.State = wire.Left; m.Incarnation++ }))
		},
		heard: []string{"!left c", "joined c"}, moved: []string{"Refutations"},
	},
	{
		name: "its own departure, and verdict",
		lie: func(l *liar) {
			l.tell(l.of("a", func(m *wire.Member) { m.State, m.Incarnation = wire.Left, largest }))
			l.tell(l.of("a", func(m *wire.Member) { m.State, m.Incarnation = wire.Failed, largest }))
		},
		heard: []string{"failed a", "joined a", "updated a"}, moved: []string{"Refutations"},
	},
	{
		name: "a life after this one, that is over",
		lie: func(l *liar) {
			l.tell(l.of("c", func(m *wire.Member) { m.State = wire.Failed; m.Epoch += 1 << 60 }))
		},
		heard: []string{"!failed c", "joined c"}, moved: []string{"Refutations"},
	},
	{
		name: "another address",
		lie: func(l *liar) {
			l.tell(l.of("c", func(m *wire.Member) { m.Addr = "elsewhere"; m.Incarnation += 7 }))
		},
		heard: []string{"!updated c", "suspected c", "recovered c", "failed c", "joined c"}, moved: []string{"Conflicts|Refutations"},
	},
	{
		name: "a later life at another address",
		lie: func(l *liar) {
			l.tell(l.of("c", func(m *wire.Member) { m.Addr = "elsewhere"; m.Epoch++ }))
		},
		heard: []string{"!joined c", "failed c", "suspected c", "recovered c", "updated c"}, moved: []string{"Conflicts"},
	},
	{
		name: "rivals of its own name",
		lie: func(l *liar) {
			bystander := l.listen("bystander")
			heard := 0
			go func() {
				for {
					if _, _, err := bystander.ReadPacket(make([]byte, 1500)); err != nil {
						return
					}
					heard++
				}
			}()
			for i := range uint64(500) {
				l.tell(l.of("a", func(m *wire.Member) { m.Addr = "bystander"; m.Epoch += i + 1 }))
			}
			_ = bystander.Close()
			synctest.Wait()
			if heard > 10 { // in 5 s
				l.Errorf("500 packets had %d sent to somebody who is not there", heard)
			}
		},
		heard: []string{"joined a", "failed a", "suspected a", "recovered a", "updated a"}, moved: []string{"Conflicts"},
	},
	{
		name: "members whom nobody knows",
		lie: func(l *liar) {
			for i := range 40 {
				var claims []wire.Update
				for j := range 8 {
					claims = append(claims, claim(fmt.Sprintf("x%d-%d", i, j), 1, 1, wire.State(1+j%4)))
				}
				l.tell(claims...)
			}
		},
		moved: []string{"MembersShed"},
	},
	{
		name: "suspicions, kept up for a minute",
		lie: func(l *liar) {
			for range 600 {
				l.tell(l.of("c", func(m *wire.Member) { m.State = wire.Suspect }))
				l.pass(90 * time.Millisecond)
			}
		},
		heard: []string{"!suspected c", "recovered c"}, moved: []string{"Refutations"},
	},
	{
		name: "verdicts, kept up for a minute",
		lie: func(l *liar) {
			for range 60 {
				l.tell(l.of("c", func(m *wire.Member) { m.State = wire.Failed }))
				l.pass(time.Second)
			}
		},
		heard: []string{"!failed c", "!joined c", "suspected c", "recovered c"}, moved: []string{"Refutations"},
	},
}

// siegeMembers is the table of each of the five.
const siegeMembers = 64

func TestLiesDoNotLast(t *testing.T) {
	for _, s := range settings {
		for _, row := range claimRows {
			t.Run(s.name+"/"+row.name, func(t *testing.T) {
				bubble(t, func(t *testing.T, n network) { row.run(t, n, s) })
			})
		}
	}
}

func (row claimRow) run(t *testing.T, n network, s setting) {
	l := &liar{network: n, Memory: n.listen("evil"), envelope: s.forge()}
	var heard []*recording
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		node := n.start(name, s.configure, func(c *swim.Config) { c.MaxMembers = siegeMembers })
		if len(l.nodes) > 0 {
			n.join(node, "a")
		}
		l.nodes = append(l.nodes, node)
	}
	for _, node := range l.nodes {
		n.waitLive(node, 5)
	}
	n.pass(10 * time.Second)
	before := make([]map[string]uint64, 5)
	for i, node := range l.nodes {
		before[i] = counts(node.Stats())
		heard = append(heard, record(node, t.Context(), ""))
	}
	row.lie(l)
	n.pass(5 * time.Minute)

	for i, node := range l.nodes {
		self := node.Local()
		if got := len(node.Members(swim.Alive, swim.Suspect, swim.Failed, swim.Left)); got > siegeMembers {
			t.Errorf("%s knows %d members", self.Name, got)
		}
		for _, other := range l.nodes {
			if m, _ := other.Member(self.Name); m != self {
				t.Errorf("%s is %+v to %s, and is %+v", self.Name, m, other.Local().Name, self)
			}
		}
		if got := counts(node.Stats())["Panics"]; got > before[i]["Panics"] {
			t.Errorf("%d panics", got)
		}
	}
	row.checkHeard(t, s, heard)
	moved := row.moved
	if s.outside {
		moved = []string{unopened}
	}
	for _, names := range moved {
		if !slices.ContainsFunc(l.nodes, func(node *swim.Node) bool {
			now, was := counts(node.Stats()), before[slices.Index(l.nodes, node)]
			return slices.ContainsFunc(strings.Split(names, "|"), func(name string) bool { return now[name] > was[name] })
		}) {
			t.Errorf("%s did not rise anywhere", names)
		}
	}
}

// checkHeard looks at what users heard about the five.
func (row claimRow) checkHeard(t *testing.T, s setting, heard []*recording) {
	allowed := make(map[string]bool)
	for _, event := range row.heard {
		allowed[strings.TrimPrefix(event, "!")] = true
	}
	got := make(map[string]bool)
	for i, r := range heard {
		for _, e := range r.all()[5:] { // it begins with the members there are
			event := fmt.Sprintf("%v %s", e.Kind, e.Member.Name)
			got[event] = true
			switch real := strings.Contains("abcde", e.Member.Name); {
			case s.outside:
				t.Errorf("the user of %c heard %q without the key", 'a'+i, event)
			case real && !allowed[event]:
				t.Errorf("the user of %c heard %q, want some of %q", 'a'+i, event, row.heard)
			}
		}
	}
	for _, event := range row.heard {
		if must, ok := strings.CutPrefix(event, "!"); ok && !s.outside && !got[must] {
			t.Errorf("nobody heard %q, so this lie shows nothing; heard %v", must, got)
		}
	}
}
