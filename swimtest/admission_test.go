package swimtest

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
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

func TestBrokenAdmissions(t *testing.T) {
	like := func(newRule func() func(m swim.Member, now time.Time) error) func(*testing.T) func() swim.Admission {
		return just(func() swim.Admission { return &admits{rule: newRule()} })
	}
	catches(t, admissionSentences, false, []broken[func() swim.Admission]{
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
			bind: func(*testing.T) func() swim.Admission {
				made := 0
				return func() swim.Admission {
					made++
					own := made
					return &admits{rule: func(m swim.Member, _ time.Time) error {
						if own%2 == 0 && m.Name == "b" {
							return errBroken
						}
						return nil
					}}
				}
			},
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
			bind: just(func() swim.Admission { return &admits{validate: errBroken} }),
		},
	})
}
