package swimtest

import (
	"fmt"
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
// The suite does not know the rules, and asks about members of all sorts; so see to it
// yourself that whom you want is admitted, and whom you do not want is not. That Admit
// does not call the Node cannot be seen from here.
func TestAdmission(t *testing.T, newAdmission func() swim.Admission) {
	run(t, admissionSentences, just(newAdmission))
}

const saysAdmissionPure = "It must depend on nothing but its arguments, and of m on Name, Addr, Meta and Token alone."

var admissionSentences = []sentence[func() swim.Admission]{
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
	valid(func(newAdmission func() swim.Admission) any { return newAdmission() }),
}

var askedAt = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

// strangers are members of many names, at many sorts of addresses, with many sorts of
// tokens.
func strangers() []swim.Member {
	var all []swim.Member
	for _, name := range []string{"a", "b", "node-1", "node-2", "db.example", "intruder", "\u00e9"} {
		for _, addr := range []string{"127.0.0.1:7946", "10.0.0.1:7946", "192.168.1.1:1", "[::1]:7946", "[fd00::1]:1", "host.example:7946", "memory:1", "/run/a.sock"} {
			for i, token := range []string{"", "token-1", "token-2", notText} {
				all = append(all, swim.Member{
					Name: name, Addr: addr, Meta: fmt.Sprintf("zone=%c version=%d", 'a'+i, i), Token: token,
					Epoch: 7, Incarnation: 3, State: swim.Alive,
				})
			}
		}
	}
	return all
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
		t.Fatalf("%+v is %s, and %s %s", m, want, when, got)
	}
}

func admissionIsPure(t testing.TB, newAdmission func() swim.Admission) {
	a := newAdmission()
	for _, m := range strangers() {
		want := answer(a, m, askedAt)
		for range 3 {
			wantAnswer(t, "asked again", a, m, want)
		}
	}
	// And so in another order: what was asked before is no argument.
	first := newAdmission()
	all := strangers()
	for i := range all {
		m := all[len(all)-1-i]
		wantAnswer(t, "asked in another order", a, m, answer(first, m, askedAt))
	}
}

func admissionAgrees(t testing.TB, newAdmission func() swim.Admission) {
	a, b := newAdmission(), newAdmission()
	for _, m := range strangers() {
		wantAnswer(t, "by another node", b, m, answer(a, m, askedAt))
	}
}

func admissionIgnoresTheRest(t testing.TB, newAdmission func() swim.Admission) {
	a := newAdmission()
	for _, m := range strangers() {
		want := answer(a, m, askedAt)
		for _, state := range []swim.State{swim.Alive, swim.Suspect, swim.Failed, swim.Left} {
			m.State, m.Epoch, m.Incarnation = state, m.Epoch*1000, m.Incarnation*1000
			wantAnswer(t, "with another State, Epoch and Incarnation", a, m, want)
		}
	}
}

// admissionKeepsNothing lends Admit members whose strings are views of a room that is
// used again, as those of a packet are.
func admissionKeepsNothing(t testing.TB, newAdmission func() swim.Admission) {
	a := newAdmission()
	var room [256]byte
	for _, m := range strangers() {
		want := answer(newAdmission(), m, askedAt)
		lent, at := m, 0
		for _, s := range []*string{&lent.Name, &lent.Addr, &lent.Meta, &lent.Token} {
			if n := copy(room[at:], *s); n > 0 {
				*s = unsafe.String(&room[at], n)
			}
			at += 64
		}
		got := answer(a, lent, askedAt)
		if got = strings.Clone(got); got != want {
			t.Fatalf("%+v is %s, and asked after others, whose strings had the same room, %s", m, want, got)
		}
	}
}

// admissionIsTold runs in a bubble, where the clock of the machine can be moved.
func admissionIsTold(t testing.TB, newAdmission func() swim.Admission) {
	a := newAdmission()
	for _, now := range []time.Time{{}, time.Now(), time.Now().Add(time.Second), askedAt, askedAt.AddDate(1000, 0, 0)} {
		var want []string
		for _, m := range strangers() {
			want = append(want, answer(a, m, now))
		}
		for _, passed := range []time.Duration{time.Second, time.Hour, 10 * 365 * 24 * time.Hour} {
			time.Sleep(passed)
			for i, m := range strangers() {
				if got := answer(a, m, now); got != want[i] {
					t.Fatalf("%+v is %s at %v, and told the same time %v later %s", m, want[i], now, passed, got)
				}
			}
		}
	}
}

func admissionSaysWhy(t testing.TB, newAdmission func() swim.Admission) {
	a := newAdmission()
	for _, m := range strangers() {
		if err := a.Admit(m, askedAt); err != nil && strings.TrimSpace(err.Error()) == "" {
			t.Fatalf("%+v is refused with an error that says nothing", m)
		}
	}
}

func admissionBears(t testing.TB, newAdmission func() swim.Admission) {
	a := newAdmission()
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

func admissionConcurrent(t testing.TB, newAdmission func() swim.Admission) {
	a, quiet := newAdmission(), newAdmission()
	all := strangers()
	want := make([]string, len(all))
	for i, m := range all {
		want[i] = answer(quiet, m, askedAt)
	}
	var wg sync.WaitGroup
	for shift := range 4 {
		wg.Go(func() {
			for i := range all {
				i = (i + shift*len(all)/4) % len(all)
				if got := answer(a, all[i], askedAt); got != want[i] {
					t.Errorf("%+v is %s, and asked beside others %s", all[i], want[i], got)
					return
				}
			}
		})
	}
	wg.Wait()
}

func admissionDoesNotBlock(t testing.TB, newAdmission func() swim.Admission) {
	a := newAdmission()
	standsStill(t, "Admit", func() {
		for _, m := range strangers() {
			_ = a.Admit(m, askedAt)
		}
	})
}
