package swimtest

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/swim-go/swim"
)

// TestAdmission checks that an admission keeps the contract of [swim.Admission]. Each
// call of newAdmission makes that of another node, with the same rules.
//
// The suite does not know the rules, and asks about members of all sorts. It makes them
// up, so rules that take a token to satisfy refuse each of them: then hand in members
// that are to be admitted, and some that only just are not, for the suite to ask about
// too. Their tokens should hold on 2 January 2030, which is when the suite asks. See to
// it yourself that whom you want is admitted, and whom you do not want is not. That Admit
// does not call the Node cannot be seen from here.
func TestAdmission(t *testing.T, newAdmission func() swim.Admission, members ...swim.Member) {
	all := admissions{newAdmission, members}
	all.noteRefusals(t)
	run(t, admissionSentences, just(all))
}

// admissions makes the admissions of the nodes, and the members to ask about.
type admissions struct {
	make    func() swim.Admission
	members []swim.Member
}

// noteRefusals says so where the suite sees nothing but refusals.
func (n admissions) noteRefusals(t testing.TB) {
	t.Helper()
	asked, admitted := n.strangers(), false
	_ = panicOf(func() { // told elsewhere
		a := n.make()
		admitted = slices.ContainsFunc(asked, func(m swim.Member) bool { return a.Admit(m, askedAt) == nil })
	})
	if !admitted {
		t.Logf("none of %d members was admitted, so only refusals are tested: hand TestAdmission members that are", len(asked))
	}
}

const saysAdmissionPure = "It must depend on nothing but its arguments, and of m on Name, Addr, Meta and Token alone."

var admissionSentences = []sentence[admissions]{
	{
		name:  "The same question has the same answer",
		says:  saysAdmissionPure,
		check: admissionIsPure,
	},
	{
		name:  "All nodes answer alike",
		says:  saysAdmissionPure,
		check: admissionAgrees,
	},
	{
		name:  "The answer depends on Name Addr Meta and Token alone",
		says:  saysAdmissionPure,
		check: admissionIgnoresTheRest,
	},
	{
		name:  "Admit does not keep the member",
		says:  saysAdmissionPure,
		check: admissionKeepsNothing,
	},
	{
		name:   "The time of day is the one it is told",
		says:   "now is the time of day here.",
		check:  admissionIsTold,
		bubble: true,
	},
	{
		name:  "A refusal says why",
		says:  "Admit returns nil if m may be a member, and else why not, in a line: it is told to both sides.",
		check: admissionSaysWhy,
	},
	{
		name:  "Admit bears whatever a stranger claims",
		says:  "It is asked before anything is kept about a member that is not known, and again when the address, metadata or token of one changes; what is refused then changes nothing.",
		check: admissionBears,
	},
	{
		name:  "Several goroutines may ask at once",
		says:  "It is called by several goroutines at once, must not block and must not call the Node.",
		check: admissionConcurrent,
	},
	{
		name:   "Admit does not block",
		says:   "It is called by several goroutines at once, must not block and must not call the Node.",
		check:  admissionDoesNotBlock,
		bubble: true,
	},
	valid(func(all admissions) any { return all.make() }),
}

var askedAt = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

// strangers are members of many names, at many sorts of addresses, with many sorts of
// tokens, then a crowd, and those of the caller with a crowd of their own.
func (n admissions) strangers() []swim.Member {
	var some []swim.Member
	for _, name := range []string{"a", "b", "node-1", "node-2", "db.example", "intruder", "\u00e9"} {
		for _, addr := range []string{"127.0.0.1:7946", "10.0.0.1:7946", "192.168.1.1:1", "[::1]:7946", "[fd00::1]:1", "host.example:7946", "memory:1", "/run/a.sock"} {
			for i, token := range []string{"", "token-1", "token-2", notText} {
				some = append(some, swim.Member{
					Name: name, Addr: addr, Meta: fmt.Sprintf("zone=%c version=%d", 'a'+i, i), Token: token,
					Epoch: 7, Incarnation: 3, State: swim.Alive,
				})
			}
		}
	}
	some = append(some, crowd(swim.Member{Name: "c", Addr: "10.0.0.9:1", Meta: "zone=a", Token: "token-1", Epoch: 7, State: swim.Alive})...)
	if some = append(some, n.members...); len(n.members) > 0 {
		some = append(some, crowd(n.members[0])...)
	}
	return some
}

// crowd are a hundred like m at its host: as many names, then one name at as many ports,
// since a token may be for a name.
func crowd(m swim.Member) (some []swim.Member) {
	const each = 100
	for i := range each {
		next := m
		next.Name += fmt.Sprint("-", i)
		some = append(some, next)
	}
	host, _, err := net.SplitHostPort(m.Addr)
	if err != nil {
		return some // it has no ports
	}
	for i := range each {
		m.Addr = net.JoinHostPort(host, strconv.Itoa(10_000+i))
		some = append(some, m)
	}
	return some
}

// whom tells members apart in what is said of a failure, be their tokens any bytes.
func whom(m swim.Member) string {
	return fmt.Sprintf("the member {Name: %q, Addr: %q, Meta: %q, Token: %q, Epoch: %d, Incarnation: %d, State: %v}", m.Name, m.Addr, m.Meta, m.Token, m.Epoch, m.Incarnation, m.State)
}

// answer is what Admit says, as text.
func answer(a swim.Admission, m swim.Member, now time.Time) string {
	if err := a.Admit(m, now); err != nil {
		return "refused: " + err.Error()
	}
	return "admitted"
}

// wantAnswer fails t unless a says of m what it should.
func wantAnswer(t testing.TB, when string, a swim.Admission, m swim.Member, want string) {
	t.Helper()
	if got := answer(a, m, askedAt); got != want {
		t.Fatalf("%s is %q, and %s %q", whom(m), want, when, got)
	}
}

func admissionIsPure(t testing.TB, all admissions) {
	a := all.make()
	for _, m := range all.strangers() {
		want := answer(a, m, askedAt)
		for range 3 {
			wantAnswer(t, "asked again", a, m, want)
		}
	}
	// And so in another order: what was asked before is no argument.
	first := all.make()
	for _, m := range slices.Backward(all.strangers()) {
		wantAnswer(t, "asked in another order", a, m, answer(first, m, askedAt))
	}
}

func admissionAgrees(t testing.TB, all admissions) {
	a, b := all.make(), all.make()
	for _, m := range all.strangers() {
		wantAnswer(t, "by another node", b, m, answer(a, m, askedAt))
	}
}

func admissionIgnoresTheRest(t testing.TB, all admissions) {
	a := all.make()
	for _, m := range all.strangers() {
		want := answer(a, m, askedAt)
		for _, state := range []swim.State{swim.Alive, swim.Suspect, swim.Failed, swim.Left} {
			m.State, m.Epoch, m.Incarnation = state, m.Epoch*1000, m.Incarnation*1000
			wantAnswer(t, "with another State, Epoch and Incarnation", a, m, want)
		}
	}
}

// admissionKeepsNothing lends Admit members whose strings are views of a room that is
// used again, as those of a packet are.
func admissionKeepsNothing(t testing.TB, all admissions) {
	a := all.make()
	width := 0
	for _, m := range all.strangers() {
		width = max(width, len(m.Name), len(m.Addr), len(m.Meta), len(m.Token))
	}
	room := make([]byte, 4*width)
	for _, m := range all.strangers() {
		want := answer(all.make(), m, askedAt)
		lent, at := m, 0
		for _, s := range []*string{&lent.Name, &lent.Addr, &lent.Meta, &lent.Token} {
			if n := copy(room[at:], *s); n > 0 {
				*s = unsafe.String(&room[at], n)
			}
			at += width
		}
		got := answer(a, lent, askedAt)
		if got = strings.Clone(got); got != want {
			t.Fatalf("%s is %q, and asked after others, whose strings had the same room, %q", whom(m), want, got)
		}
	}
}

// admissionIsTold runs in a bubble, where the clock of the machine can be moved.
func admissionIsTold(t testing.TB, all admissions) {
	a := all.make()
	for _, now := range []time.Time{{}, time.Now(), time.Now().Add(time.Second), askedAt, askedAt.AddDate(1000, 0, 0)} {
		var want []string
		for _, m := range all.strangers() {
			want = append(want, answer(a, m, now))
		}
		for _, passed := range []time.Duration{time.Second, time.Hour, 10 * 365 * 24 * time.Hour} {
			time.Sleep(passed)
			for i, m := range all.strangers() {
				if got := answer(a, m, now); got != want[i] {
					t.Fatalf("%s is %q at %v, and told the same time %v later %q", whom(m), want[i], now, passed, got)
				}
			}
		}
	}
}

func admissionSaysWhy(t testing.TB, all admissions) {
	a := all.make()
	for _, m := range all.strangers() {
		if err := a.Admit(m, askedAt); err != nil && strings.TrimSpace(err.Error()) == "" {
			t.Fatalf("%s is refused with an error that says nothing", whom(m))
		}
	}
}

func admissionBears(t testing.TB, all admissions) {
	a := all.make()
	long := strings.Repeat(notText, 1000)
	for _, m := range []swim.Member{
		{},
		{Name: "a"},
		{Name: long[:255], Addr: long[:255], Meta: long, Token: long[:512], State: swim.Alive},
		{Name: "a", Addr: ":", Meta: "=", Token: "."},
		{Name: "a", Addr: "[", Meta: "\x00", Token: strings.Repeat(".", 512)},
		{Name: "a", Addr: "999.999.999.999:99999", Meta: strings.Repeat("{", 10_000)},
	} {
		if p := panicOf(func() { _ = a.Admit(m, askedAt) }); p != nil {
			t.Errorf("Admit of a member with %d bytes of name, %q at %.20q, panicked: %v", len(m.Name), m.Name, m.Addr, p)
		}
	}
}

func admissionConcurrent(t testing.TB, all admissions) {
	a, quiet := all.make(), all.make()
	asked := all.strangers()
	want := make([]string, len(asked))
	for i, m := range asked {
		want[i] = answer(quiet, m, askedAt)
	}
	var wg sync.WaitGroup
	for shift := range 4 {
		beside(t, &wg, func() {
			for i := range asked {
				i = (i + shift*len(asked)/4) % len(asked)
				if got := answer(a, asked[i], askedAt); got != want[i] {
					t.Errorf("%s is %q, and asked beside others %q", whom(asked[i]), want[i], got)
					return
				}
			}
		})
	}
	wg.Wait()
}

func admissionDoesNotBlock(t testing.TB, all admissions) {
	a := all.make()
	standsStill(t, "Admit", func() {
		for _, m := range all.strangers() {
			_ = a.Admit(m, askedAt)
		}
	})
}
