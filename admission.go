package swim

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// admit is the Admission as the Machine asks it, with the time of day, and nil
// without one.
func (c *Config) admit() func(wire.Member) error {
	if c.Admission == nil {
		return nil
	}
	admission := c.Admission
	return func(m wire.Member) error {
		if err := admission.Admit(m, time.Now()); err != nil {
			return errors.New(security.Reason(err))
		}
		return nil
	}
}

// admitsItself returns nil if the Admission of c admits the node that c makes. One
// that does not would be alone for ever: the others should have the same.
func (c *Config) admitsItself(self Member) error {
	if c.Admission == nil {
		return nil
	}
	if err := c.Admission.Admit(self, time.Now()); err != nil {
		return &ConfigError{
			Field: "Admission", Value: layerOf(c.Admission), Problem: "refuses this node itself (" + security.Reason(err) + ")",
			Remedy: "give the node a Name, Advertise, Meta and Token that it admits", Err: err,
		}
	}
	return nil
}

// maxRefusals is how many refused claims of one frame are looked for. To find a
// bad signature costs some 0.1 ms, and he who sends it nothing.
const maxRefusals = 64

// vet asks the Admission about the claims of a frame that tell of somebody new, so
// that the loop need not wait for it: what is admitted is quick to be admitted
// again, and what is refused is left out. Only the first that the sender says of
// itself stays, for the Machine to tell it why. After so many refusals, all else that
// is new is left out unasked.
func (d *driver) vet(m *wire.Message) {
	if d.admission == nil {
		return
	}
	refusals, spoke := 0, false
	m.Updates = slices.DeleteFunc(m.Updates, func(u wire.Update) bool {
		if !d.isNews(&u) {
			return false
		}
		if u.Name == m.Sender.Name && !spoke { // a table has one row of its owner's
			spoke = true
			return false
		}
		if refusals < maxRefusals && d.admission(u.Member) == nil {
			return false
		}
		refusals++
		d.counters.claimsRefused.Add(1)
		return true
	})
}

// isNews reports whether a claim tells of an identity that the Admission may have to
// judge. What others say of ourselves it never is asked about.
func (d *driver) isNews(u *wire.Update) bool {
	if u.Name == d.directory.self {
		return false
	}
	k, ok := d.directory.member(u.Name)
	return (!ok || k.Addr != u.Addr || k.Meta != u.Meta || k.Token != u.Token) && u.Check() == nil
}

// thin leaves out of a packet what tells of somebody new, when there is too much of it.
// The loop asks the Admission about the rest itself, so whoever sends bad signatures,
// from a member's forged address say, takes a bounded part of its time. What is left
// out of a correct packet is gossiped again, and found by the next sync. It returns false
// if too little is left: who asks to join and is not asked about would be refused.
func (d *driver) thin(m *wire.Message, now time.Duration) (enough bool) {
	enough = true
	m.Updates = slices.DeleteFunc(m.Updates, func(u wire.Update) bool {
		if !d.isNews(&u) || d.gates.news.Allow(now, "") {
			return false
		}
		if m.Kind == wire.Sync && u.Name == m.Sender.Name {
			enough = false
		}
		return true
	})
	return enough
}

// SetToken replaces this node's credential, before the one it has expires, say, and
// announces it to all members. It returns a [SizeError], [ErrLeft], [ErrClosed] or
// ctx's error; then nothing was changed. Members that do not admit it keep to the
// one they have.
func (n *Node) SetToken(ctx context.Context, token string) error {
	if len(token) > n.maxToken {
		return &SizeError{What: "token", Bytes: len(token), Limit: n.maxToken}
	}
	return n.driver.input(ctx, func(now time.Duration) { n.driver.machine.SetToken(now, token) })
}
