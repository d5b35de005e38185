package core_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

var rewrite = flag.Bool("rewrite", false, "write what the scripts in testdata print into them")

// TestScripts runs the stories in testdata. A line at the margin is a command, the
// indented lines after it are what happened while it ran, and a line that begins
// with # explains. Run with -rewrite to accept a change; the diff is the review.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d scripts in testdata: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := perform(t, string(want))
			switch {
			case got == string(want):
			case *rewrite:
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			default:
				t.Errorf("run with -rewrite to accept this difference:\n%s", difference(string(want), got))
			}
			if again := perform(t, got); again != got {
				t.Errorf("a second run differs:\n%s", difference(got, again))
			}
		})
	}
}

// perform runs a script and returns it with what it prints.
func perform(t *testing.T, text string) string {
	p := &play{t: t, epochs: map[string][]uint64{}, seqs: map[uint32]int{}}
	p.open(1)
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, " ") {
			continue // of an earlier run
		}
		p.out.WriteString(line + "\n")
		if words := strings.Fields(line); len(words) > 0 && words[0][0] != '#' {
			p.do(words[0], words[1:])
		}
	}
	return p.out.String()
}

// difference shows the lines from the first that differs on.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(w) && i < len(g) && w[i] == g[i] {
		i++
	}
	var b strings.Builder
	show := func(mark string, lines []string) {
		for _, line := range lines[i:min(i+12, len(lines))] {
			fmt.Fprintln(&b, mark, line)
		}
	}
	fmt.Fprintf(&b, "from line %d on:\n", i+1)
	show("-", w)
	show("+", g)
	return b.String()
}

// play is a script being performed.
type play struct {
	t      *testing.T
	s      *sim.Sim
	out    strings.Builder
	quiet  bool
	trace  bool
	as     map[string]string   // member names of nodes that go by another's
	epochs map[string][]uint64 // of each member, in order of appearance
	seqs   map[uint32]int
}

func (p *play) open(seed uint64) {
	p.s = sim.New(seed)
	p.s.Bytes = true
	p.as = map[string]string{}
	p.s.Configure = func(n *sim.Node, cfg *core.Config) {
		if name, ok := p.as[n.Name]; ok {
			cfg.Name = name
		}
	}
	p.s.OnEvent = func(n *sim.Node, e *core.Event) {
		// Epochs are counted in the order in which they are seen.
		p.member(&e.Before)
		if text := p.event(e); !p.quiet {
			p.printf("%s: %s", n.Name, text)
		}
	}
	p.s.OnPacket = func(n *sim.Node, packet *core.Packet) {
		if p.trace && !p.quiet {
			p.printf("%s %s", n.Name, p.packet(packet))
		}
	}
}

func (p *play) printf(format string, args ...any) {
	fmt.Fprintf(&p.out, "    %8.3f  ", p.s.Now().Seconds())
	fmt.Fprintf(&p.out, format+"\n", args...)
}

// at names the node at an address.
func (p *play) at(addr string) string {
	for _, n := range p.s.Nodes() {
		if n.Addr == addr {
			return n.Name
		}
	}
	return addr
}

// member prints what is not usual of a member: its life after the first as .2,
// an incarnation above 0 as {1}, metadata as =v and a state that is not alive.
func (p *play) member(m *wire.Member) string {
	if m.Name == "" {
		return ""
	}
	text := m.Name
	if life := p.life(m.Name, m.Epoch); life > 1 {
		text += fmt.Sprint(".", life)
	}
	if m.Incarnation > 0 {
		text += fmt.Sprintf("{%d}", m.Incarnation)
	}
	if m.Meta != "" {
		text += "=" + m.Meta
	}
	if m.State != wire.Alive && m.State != 0 {
		text += " " + m.State.String()
	}
	return text
}

func (p *play) life(name string, epoch uint64) int {
	for i, e := range p.epochs[name] {
		if e == epoch {
			return i + 1
		}
	}
	p.epochs[name] = append(p.epochs[name], epoch)
	return len(p.epochs[name])
}

func (p *play) event(e *core.Event) string {
	before, after, reason := p.member(&e.Before), p.member(&e.After), e.Reason.String()
	if e.By != "" {
		reason += " by " + e.By
	}
	switch e.Kind {
	case core.Changed:
		switch {
		case before == "":
			return fmt.Sprintf("+ %s, %s", after, reason)
		case after == "":
			return fmt.Sprintf("- %s, %s", before, reason)
		}
		return fmt.Sprintf("%s -> %s, %s", before, after, reason)
	case core.LocalChanged:
		return fmt.Sprintf("is %s now, %s", after, reason)
	case core.Synced:
		return "joined through " + e.By
	case core.Unanswered:
		return "nobody answered the join"
	case core.Departed:
		return fmt.Sprintf("has left, as %d know", e.Count)
	case core.Isolated:
		return fmt.Sprintf("is cut off from %d", e.Count)
	case core.Reconnected:
		return "is reconnected"
	case core.Conflicted:
		return fmt.Sprintf("conflict: the process at %s is %s too", p.at(e.After.Addr), e.After.Name)
	}
	return fmt.Sprintf("%+v", *e)
}

func (p *play) packet(packet *core.Packet) string {
	arrow, msg := ">", packet.Msg
	if packet.Stream {
		arrow = "=>"
	}
	text := fmt.Sprintf("%s %s %v", arrow, p.at(packet.To), msg.Kind)
	if msg.Seq != 0 {
		if _, ok := p.seqs[msg.Seq]; !ok {
			p.seqs[msg.Seq] = len(p.seqs) + 1
		}
		text += fmt.Sprint(" #", p.seqs[msg.Seq])
	}
	if msg.Target != "" {
		text += " of " + msg.Target
	}
	for i := range msg.Updates {
		u := &msg.Updates[i]
		text += ", " + p.member(&u.Member)
		if u.From != "" {
			text += " by " + u.From
		}
	}
	return text
}

// status prints what each running node believes, those who agree on one line.
func (p *play) status() {
	who := map[string][]string{}
	var views []string
	for _, n := range p.s.Nodes() {
		if !n.Up() {
			continue
		}
		view := p.view(n)
		if who[view] == nil {
			views = append(views, view)
		}
		who[view] = append(who[view], n.Name)
	}
	for _, view := range views {
		fmt.Fprintf(&p.out, "    %s: %s\n", strings.Join(who[view], " "), view)
	}
}

// view is what a node believes of all, in the order in which nodes were started.
func (p *play) view(n *sim.Node) string {
	var parts []string
	for _, other := range p.s.Nodes() {
		if _, impostor := p.as[other.Name]; impostor {
			continue
		}
		if m, ok := n.M.Member(other.Name); ok {
			parts = append(parts, p.member(&m))
		}
	}
	known := 0
	for range n.M.Members() {
		known++
	}
	if known > len(parts) {
		parts = append(parts, fmt.Sprintf("and %d others", known-len(parts)))
	}
	return strings.Join(parts, ", ")
}

func (p *play) duration(s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}
