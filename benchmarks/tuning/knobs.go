package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/internal/core"
)

// knob is a field of swim.Config, with values to set it to in turn. The Machine turns
// off at 0 what a Config turns off by a negative value.
type knob struct {
	field  string
	values []value
}

type value struct {
	name string
	set  func(p *core.Params)
}

// durations are values of a field that is a time; "off" is printed for 0.
func durations(field string, of func(*core.Params) *time.Duration, values ...time.Duration) knob {
	k := knob{field: field}
	for _, v := range values {
		name := v.String()
		if v == 0 {
			name = "off"
		}
		k.values = append(k.values, value{name, func(p *core.Params) { *of(p) = v }})
	}
	return k
}

func counts(field string, of func(*core.Params) *int, values ...int) knob {
	k := knob{field: field}
	for _, v := range values {
		name := fmt.Sprint(v)
		if v == 0 {
			name = "off"
		}
		k.values = append(k.values, value{name, func(p *core.Params) { *of(p) = v }})
	}
	return k
}

// knobs are the fields that matter while nothing but a member fails. What HealInterval
// and ReturnDelay do shows after a partition and with a bad link: see healing and
// returning. Each list has the default in it.
func knobs() []knob {
	return []knob{
		{"ProbeInterval", []value{
			// ProbeTimeout follows, as it does in a Config that leaves it out.
			{"250ms", func(p *core.Params) { p.ProbeInterval, p.ProbeTimeout = 250*ms, 125*ms }},
			{"500ms", func(p *core.Params) { p.ProbeInterval, p.ProbeTimeout = 500*ms, 250*ms }},
			{"1s", func(*core.Params) {}},
			{"2s", func(p *core.Params) { p.ProbeInterval = 2 * time.Second }},
			{"5s", func(p *core.Params) { p.ProbeInterval = 5 * time.Second }},
		}},
		durations("ProbeTimeout", func(p *core.Params) *time.Duration { return &p.ProbeTimeout }, 100*ms, 200*ms, 500*ms, 800*ms),
		counts("IndirectProbes", func(p *core.Params) *int { return &p.IndirectProbes }, 0, 1, 3, 6),
		durations("GossipInterval", func(p *core.Params) *time.Duration { return &p.GossipInterval }, 0, 50*ms, 200*ms, 500*ms, time.Second),
		counts("GossipFanout", func(p *core.Params) *int { return &p.GossipFanout }, 1, 2, 3, 4),
		counts("RetransmitMult", func(p *core.Params) *int { return &p.RetransmitMult }, 2, 3, 4, 5, 6),
		counts("SuspicionMult", func(p *core.Params) *int { return &p.SuspicionMult }, 1, 2, 4),
		counts("SuspicionMaxMult", func(p *core.Params) *int { return &p.SuspicionMaxMult }, 1, 3, 6),
		counts("Confirmations", func(p *core.Params) *int { return &p.Confirmations }, 0, 1, 3),
		counts("HealthMax", func(p *core.Params) *int { return &p.HealthMax }, 0, 8, 16),
		{"NoBuddy", []value{
			{"false", func(*core.Params) {}},
			{"true", func(p *core.Params) { p.Buddy = false }},
		}},
		durations("SyncInterval", func(p *core.Params) *time.Duration { return &p.SyncInterval }, 0, 10*time.Second, 30*time.Second),
	}
}

// turnKnobs measures each value of each field at each size. Values that are the same
// numbers are measured once.
func turnKnobs(b *bench) {
	b.Title("one field at a time around swim.LAN")
	b.Note("50-100 µs one way and no loss where not said otherwise; the same seeds for all values. Loads are what a member sends in a second while nothing")
	b.Note("changes, and for each change of metadata what it sends until all know, its probes included: messages of the protocol, without our envelope of 10")
	b.Note("bytes or the headers of UDP and IP. Crashes come one at a time; first is until anybody declares it failed, all until everybody knows. A change is")
	b.Note("missed by gossip if nobody has more to tell and somebody has not heard, in runs without comparisons of tables; with them, as usual, it is found,")
	b.Note("and counts in the times. False verdicts are those about members that run, at all observers: at 5 and 20 %% loss within %v of 128 members, or as much", lossTime(b, 128))
	b.Note("time of more or fewer, and of healthy ones while others stall, as in Lifeguard's Interval grid: %v.", quickStalls(b))
	done := make(map[string]*figures)
	for _, k := range knobs() {
		if !b.Wants(k.field) {
			continue
		}
		for _, n := range b.sizes {
			for _, v := range k.values {
				c := setting{params: core.LAN(), n: n}
				v.set(&c.params)
				name := fmt.Sprintf("%s=%s, n=%d", k.field, v.name, n)
				if c.params == core.LAN() {
					name = fmt.Sprintf("%s=%s (default), n=%d", k.field, v.name, n)
				}
				key := fmt.Sprint(c.params, n)
				if done[key] == nil {
					done[key] = measure(b, &c)
				}
				done[key].print(b.adder(k.field, name))
			}
			b.Flush()
		}
	}
}
