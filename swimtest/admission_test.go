package swimtest

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// admits is an Admission with a rule.
type admits struct {
	rule     func(m swim.Member, now time.Time) error
	validate error
}

func (a *admits) Admit(m swim.Member, now time.Time) error {
	if a.rule != nil {
		return a.rule(m, now)
	}
	return ruled(m, now)
}

func (a *admits) Validate() error { return a.validate }

// ruled is a rule that looks at all it may.
func ruled(m swim.Member, now time.Time) error {
	switch {
	case strings.HasPrefix(m.Name, "i"), strings.Contains(m.Meta, "zone=c"):
		return fmt.Errorf("%s of %s is not wanted", m.Name, m.Meta)
	case m.Token == "token-2" && now.Year() > 2500:
		return errors.New("expired")
	}
	return nil
}

func TestGoodAdmission(t *testing.T) {
	TestAdmission(t, func() swim.Admission { return new(admits) })
}

// guest is admitted where a token has to be made for a name.
var guest = swim.Member{Name: "guest", Addr: "10.1.1.1:7946", Token: "a token for guest", State: swim.Alive}

// invited is a rule that refuses whomever the suite makes up.
func invited(m swim.Member, _ time.Time) error {
	if m.Token != "a token for "+m.Name {
		return errors.New("no token for this name")
	}
	return nil
}

func TestGoodAdmissionOfGuests(t *testing.T) {
	TestAdmission(t, func() swim.Admission { return &admits{rule: invited} }, guest)
}

// Whoever sees only refusals is told.
func TestOnlyRefusalsAreNoted(t *testing.T) {
	for _, test := range []struct {
		rule    func(m swim.Member, now time.Time) error
		members []swim.Member
		want    bool
	}{
		{invited, nil, true},
		{invited, []swim.Member{guest}, false},
		{ruled, nil, false},
	} {
		w := &witness{TB: t}
		admissions{func() swim.Admission { return &admits{rule: test.rule} }, test.members}.noteRefusals(w)
		if got := strings.Contains(w.said(), "only refusals"); got != test.want || w.Failed() {
			t.Errorf("with %d members, it said %q", len(test.members), w.said())
		}
	}
}

// tenPerHost admits of each host the first ten whom a rule admits.
func tenPerHost(rule func(swim.Member, time.Time) error) func(swim.Member, time.Time) error {
	var mu sync.Mutex
	at := make(map[string]int)
	known := make(map[string]bool)
	return func(m swim.Member, now time.Time) error {
		if err := rule(m, now); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		who, host := strings.Clone(m.Name+m.Addr), strings.Clone(hostOf(m.Addr))
		if known[who] {
			return nil
		}
		if at[host]++; at[host] > 10 {
			return errors.New("too many of this host")
		}
		known[who] = true
		return nil
	}
}

// admitsGuestOnce makes admissions for which a token is spent when it was shown.
func admitsGuestOnce() swim.Admission {
	var spent atomic.Bool
	return &admits{rule: func(m swim.Member, now time.Time) error {
		if err := invited(m, now); err != nil {
			return err
		}
		if spent.Swap(true) {
			return errBroken
		}
		return nil
	}}
}

func TestBrokenAdmissions(t *testing.T) {
	like := func(newRule func() func(m swim.Member, now time.Time) error) func(*testing.T) admissions {
		return just(admissions{make: func() swim.Admission { return &admits{rule: newRule()} }})
	}
	catches(t, admissionSentences, false, []broken[admissions]{
		{
			fault: "of a name only the first is admitted", sentence: "The same question has the same answer",
			also: []string{"Admit does not keep the member", "The time of day is the one it is told", "Several goroutines may ask at once", "The answer depends on Name Addr Meta and Token alone"},
			bind: like(func() func(swim.Member, time.Time) error {
				var asked atomic.Int64
				return func(m swim.Member, _ time.Time) error {
					if asked.Add(1) > 3 {
						return errBroken
					}
					return nil
				}
			}),
		},
		{
			fault: "each node has a rule of its own", sentence: "All nodes answer alike",
			also: []string{"The same question has the same answer", "Admit does not keep the member", "Several goroutines may ask at once"},
			bind: func(*testing.T) admissions {
				made := 0
				return admissions{make: func() swim.Admission {
					made++
					own := made
					return &admits{rule: func(m swim.Member, _ time.Time) error {
						if own%2 == 0 && m.Name == "b" {
							return errBroken
						}
						return nil
					}}
				}}
			},
		},
		{
			fault: "a host has ten members at most", sentence: "The same question has the same answer",
			also: []string{"Admit does not keep the member"}, perhaps: []string{"Several goroutines may ask at once"},
			bind: like(func() func(swim.Member, time.Time) error { return tenPerHost(ruled) }),
		},
		{
			fault: "of those who have a token for their name, a host has ten at most", sentence: "The same question has the same answer",
			also: []string{"Admit does not keep the member"}, perhaps: []string{"Several goroutines may ask at once"},
			bind: just(admissions{func() swim.Admission { return &admits{rule: tenPerHost(invited)} }, []swim.Member{guest}}),
		},
		{
			fault: "a guest is admitted once", sentence: "The same question has the same answer",
			also: []string{"The answer depends on Name Addr Meta and Token alone", "Admit does not keep the member", "The time of day is the one it is told", "Several goroutines may ask at once"},
			bind: just(admissions{admitsGuestOnce, []swim.Member{guest}}),
		},
		{
			fault: "who has left is refused", sentence: "The answer depends on Name Addr Meta and Token alone",
			bind: like(func() func(swim.Member, time.Time) error {
				return func(m swim.Member, now time.Time) error {
					if m.State == swim.Left {
						return errBroken
					}
					return ruled(m, now)
				}
			}),
		},
		{
			fault: "the last member is remembered, strings and all", sentence: "Admit does not keep the member",
			bind: like(func() func(swim.Member, time.Time) error {
				type answered struct {
					m   swim.Member
					now time.Time
					err error
				}
				var last atomic.Pointer[answered]
				return func(m swim.Member, now time.Time) error {
					if a := last.Load(); a != nil && a.m == m && a.now.Equal(now) {
						return a.err
					}
					a := &answered{m, now, ruled(m, now)}
					last.Store(a)
					return a.err
				}
			}),
		},
		{
			fault: "the clock of the machine is read", sentence: "The time of day is the one it is told",
			bind: like(func() func(swim.Member, time.Time) error {
				return func(m swim.Member, now time.Time) error {
					if m.Token == "token-1" && time.Now().Unix()%60 < 2 && time.Now().Year() < 2020 {
						return errBroken
					}
					return ruled(m, now)
				}
			}),
		},
		{
			fault: "no reason is given", sentence: "A refusal says why",
			bind: like(func() func(swim.Member, time.Time) error {
				return func(m swim.Member, now time.Time) error {
					if ruled(m, now) != nil {
						return errors.New("")
					}
					return nil
				}
			}),
		},
		{
			fault: "it panics of an address without a port", sentence: "Admit bears whatever a stranger claims",
			bind: like(func() func(swim.Member, time.Time) error {
				return func(m swim.Member, now time.Time) error {
					_ = m.Addr[0]
					return ruled(m, now)
				}
			}),
		},
		{
			fault: "it is for one at a time", sentence: "Several goroutines may ask at once",
			bind: like(func() func(swim.Member, time.Time) error {
				var inside atomic.Int32
				return func(m swim.Member, now time.Time) error {
					defer inside.Add(-1)
					if inside.Add(1) > 1 {
						return errBroken
					}
					for range 10 {
						runtime.Gosched()
					}
					return ruled(m, now)
				}
			}),
		},
		{
			fault: "it asks somebody else first", sentence: "Admit does not block",
			bind: like(func() func(swim.Member, time.Time) error {
				return func(m swim.Member, now time.Time) error {
					time.Sleep(time.Nanosecond)
					return ruled(m, now)
				}
			}),
		},
		{
			fault: "it is set up wrongly", sentence: "Validate returns nil for a layer that can be used",
			bind: just(admissions{make: func() swim.Admission { return &admits{validate: errBroken} }}),
		},
	})
}
