package swim

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// Two clusters become one by a Join, and each side may refuse that with Config.Merge
// before anything has changed on either:
//
//	joiner                            member
//	Visit: who I am               ──▶
//	                              ◀── SyncReply: my table
//	asks its user
//	Sync: my table                ──▶
//	                                  asks its user
//	                              ◀── SyncReply: my table, or Refusal: why not
//
// A joiner without a Config.Merge leaves the visit out.

const (
	// maxMergeCalls is how many calls of Config.Merge are under way at a time. Each
	// keeps a table in memory, and one that does not return a goroutine.
	maxMergeCalls = 16
	// mergeShare is the part of Config.StreamTimeout that a call may take, so that the
	// other side still hears the answer.
	mergeShare = 2
)

var (
	errMergeBusy  = errors.New("too many merges are asked about at once: join again in a while")
	errMergeLate  = errors.New("its user did not say in time whether they may merge")
	errMergePanic = errors.New("its user could not say whether they may merge")
)

// mergeTime bounds a call of Config.Merge.
func (d *driver) mergeTime(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d.limits.streamTime/mergeShare)
}

// mayMerge asks the user about the cluster whose table m tells, unless its sender is of
// our own.
func (d *driver) mayMerge(ctx context.Context, m *wire.Message) error {
	k, known := d.directory.member(m.Sender.Name)
	if known && k.Epoch == m.Sender.Epoch {
		return nil
	}
	select {
	case d.merging <- struct{}{}:
	default:
		d.counters.mergesRefused.Add(1)
		return errMergeBusy
	}
	by, members := liveMembers(m)
	ctx, cancel := d.mergeTime(ctx)
	defer cancel()
	decided := make(chan error, 1)
	go func() { // which nobody waits for: it may never end
		defer func() { <-d.merging }()
		decided <- d.callMerge(ctx, by, members)
	}()
	var err error
	select {
	case err = <-decided:
	case <-ctx.Done():
		err = errMergeLate
	}
	if err != nil {
		d.counters.mergesRefused.Add(1)
		d.log.warn("refused to become one cluster with another", "by", printable(by.Name), "members", len(members), "reason", security.Reason(err))
	}
	return err
}

func (d *driver) callMerge(ctx context.Context, by Member, members []Member) (err error) {
	defer func() {
		if p := recover(); p != nil {
			d.counters.panics.Add(1)
			d.log.error("Config.Merge panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errMergePanic
		}
	}()
	return d.merge(ctx, by, members)
}

// liveMembers copies who takes part, by m, in the cluster of its sender, in the order of
// names, and the sender itself.
func liveMembers(m *wire.Message) (by Member, members []Member) {
	by = Member{Name: strings.Clone(m.Sender.Name), Epoch: m.Sender.Epoch, State: Alive}
	for i := range m.Updates {
		u := &m.Updates[i]
		if u.Check() != nil || !u.State.Live() {
			continue
		}
		c := u.Member
		c.Name, c.Addr, c.Meta, c.Token = strings.Clone(c.Name), strings.Clone(c.Addr), strings.Clone(c.Meta), strings.Clone(c.Token)
		members = append(members, c)
		if c.Name == by.Name {
			by = c
		}
	}
	slices.SortFunc(members, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	return by, members
}

// refuseMerge returns the answer to a peer's question that would make two clusters one,
// if the user is against it. One of the coders is given back meanwhile: a user who takes
// long must not keep others' streams from being read.
func (d *driver) refuseMerge(ctx context.Context, m *wire.Message) *wire.Message {
	if d.merge == nil || m.Kind != wire.Sync || m.Check() != nil || m.Sender.Name == d.directory.self {
		return nil
	}
	d.endCoding()
	err := d.mayMerge(ctx, m)
	d.coding <- struct{}{}
	if err == nil {
		return nil
	}
	return &wire.Message{Kind: wire.Refusal, Seq: m.Seq, Sender: d.sender(), Payload: []byte(security.Reason(err))}
}

// visit looks at the table of the member at an address before ours is given to it, and
// asks the user whether the two may merge.
func (d *driver) visit(ctx context.Context, addr string) error {
	if d.merge == nil || !d.gates.byHost && d.known.has(addr) { // who is of our own already
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, d.limits.streamTime)
	defer cancel()
	defer context.AfterFunc(d.context, cancel)()
	answer, err := d.inquire(ctx, addr, &wire.Message{
		Kind: wire.Visit, Sender: d.sender(), Updates: []wire.Update{{Member: d.directory.local()}},
	})
	switch {
	case err != nil:
		return err
	case answer.Kind == wire.Refusal:
		reason := string(answer.Payload[:min(len(answer.Payload), wire.MaxReasonBytes)])
		return &RefusedError{By: strings.Clone(answer.Sender.Name), Reason: printable(reason)}
	case answer.Kind != wire.SyncReply:
		return errUnanswered
	}
	if err := d.mayMerge(ctx, answer); err != nil {
		return &RefusedError{By: d.directory.self, Reason: security.Reason(err)}
	}
	return nil
}

// checkMerge refuses a Merge that could not be asked.
func (c *Config) checkMerge(v *validation) {
	if _, ok := c.Transport.(StreamTransport); c.Merge != nil && c.Transport != nil && !ok {
		v.add("Merge", "(set)", "needs streams, which the Transport has not", "take a StreamTransport, or no Merge")
	}
}
