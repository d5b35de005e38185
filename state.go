package swim

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/swim-go/swim/wire"
)

// StateDelegate is a Delegate with state of its own that is to become the same on all
// members: a table of services, silences of alerts, which key is in use. What can be
// merged in any order, and any number of times, with the same result is the right sort
// of state; broadcasts bring changes quickly, and this finds what they missed.
//
// Two nodes exchange their states after each [Node.Join] that one of them made through
// the other, and once each Config.SyncInterval, which is stretched in large clusters,
// with one member more. First eight bytes are compared, and where they agree no state
// travels; else the one that began gets the other's state and merges it, and sends its
// own, merged as it is then, if they still differ. So both end with the same.
//
// It takes a Transport with streams, as the defaults are; without, nothing is exchanged.
// Members whose Delegate is not a StateDelegate take no part. Joining waits for none of
// it: when Join returns, an exchange is under way with each seed that answered.
//
// The calls come from the Delegate's own goroutine, as all do, so one that blocks keeps
// only the states of this node waiting: an exchange ends after Config.StreamTimeout, and
// another comes later.
type StateDelegate interface {
	Delegate
	// LocalState returns this node's state, of up to Config.MaxStateBytes; a larger one
	// is not sent, logged, and counted. Equal states must be equal bytes. An empty one is
	// not sent either. The result is copied. join tells that it is for an exchange after
	// a Join.
	LocalState(join bool) []byte
	// MergeState takes the state of a member, which is the callee's. It may be called
	// with the same state again.
	MergeState(from Member, state []byte, join bool)
}

const (
	// maxExchanges is how many exchanges of states this node begins at a time.
	maxExchanges = maxParallelJoins
	// stateHeadBytes is kept free in a frame beside a state.
	stateHeadBytes = 2 << 10
	// afterJoin, in the Cursor of a UserState, says that the exchange follows a Join.
	afterJoin = 1
)

var (
	errStateSize   = errors.New("swim: a state is larger than Config.MaxStateBytes")
	errStateAnswer = errors.New("swim: no correct answer to a state")
)

// exchangesState reports whether there is a StateDelegate that can be reached.
func exchangesState(delegate Delegate, streams StreamTransport) bool {
	_, ok := delegate.(StateDelegate)
	return ok && streams != nil
}

// stateBytes is how large a user's state may be here, 0 where there is none.
func (c *Config) stateBytes(streams StreamTransport) int {
	if !exchangesState(c.Delegate, streams) {
		return 0
	}
	return c.MaxStateBytes
}

// stateDigest is 0 of no state and else hardly ever that of another. Members may be
// hostile, and must not be able to make a state that passes for another's.
func stateDigest(state []byte) uint64 {
	if len(state) == 0 {
		return 0
	}
	sum := sha256.Sum256(state)
	return max(binary.BigEndian.Uint64(sum[:]), 1)
}

// exchangeState begins an exchange of states with a member. The loop calls it.
func (d *driver) exchangeState(with Member, join bool) {
	if d.limits.stateBytes == 0 {
		return
	}
	select {
	case d.exchanges <- struct{}{}:
	default:
		d.counters.statesShed.Add(1)
		return
	}
	d.counters.exchanges.Add(1)
	d.running.Go(func() {
		defer func() { <-d.exchanges }()
		ctx, cancel := context.WithTimeout(d.context, d.limits.streamTime)
		defer cancel()
		if err := d.swapStates(ctx, with, join); err != nil && d.log.debugs() {
			d.log.debug("an exchange of states broke off", "with", with.Name, "error", err)
		}
	})
}

// swapStates is one exchange, as its beginner goes through it.
func (d *driver) swapStates(ctx context.Context, with Member, join bool) error {
	var own []byte
	if err := d.delivery.state(ctx, func(s StateDelegate) { own = slices.Clone(s.LocalState(join)) }); err != nil {
		return err
	}
	theirs, err := d.askState(ctx, with, own, join, false)
	if err != nil || theirs.Digest == stateDigest(own) {
		return err
	}
	if state := slices.Clone(theirs.Payload); len(state) > 0 {
		err := d.delivery.state(ctx, func(s StateDelegate) {
			s.MergeState(with, state, join)
			own = slices.Clone(s.LocalState(join))
		})
		if err != nil {
			return err
		}
		d.counters.statesMerged.Add(1)
	}
	if len(own) == 0 || theirs.Digest == stateDigest(own) {
		return nil
	}
	_, err = d.askState(ctx, with, own, join, true)
	return err
}

// askState opens a stream to a member with the digest of our state, and the state itself
// if whole, and returns the answer. That is proved to be the member's as far as any
// message is.
func (d *driver) askState(ctx context.Context, with Member, own []byte, join, whole bool) (*wire.Message, error) {
	if err := d.checkState(own); err != nil {
		return nil, err
	}
	question := &wire.Message{Kind: wire.UserState, Sender: d.sender(), Target: with.Name, Digest: stateDigest(own)}
	if join {
		question.Cursor = afterJoin
	}
	if whole {
		question.Payload = own
		d.counters.statesSent.Add(1)
	}
	answer, err := d.inquire(ctx, with.Addr, question)
	switch {
	case err != nil:
		return nil, err
	case answer.Kind != wire.UserStateReply, answer.Target != d.directory.self,
		answer.Sender.Name != with.Name, answer.Sender.Epoch != with.Epoch:
		return nil, errStateAnswer
	case len(answer.Payload) > d.limits.stateBytes:
		return nil, fmt.Errorf("%w: %d bytes of %s", errStateSize, len(answer.Payload), with.Name)
	case len(answer.Payload) > 0 && stateDigest(answer.Payload) != answer.Digest:
		return nil, errStateAnswer
	}
	return answer, nil
}

// answerState puts what is true of our state into an answer that says what was asked. A
// member that brought its state is told that it was merged.
func (d *driver) answerState(ctx context.Context, m *wire.Message) error {
	join := m.Cursor == afterJoin
	if state := m.Payload; len(state) > 0 {
		from, ok := d.directory.member(m.Target)
		if !ok || stateDigest(state) != m.Digest {
			return errStateAnswer
		}
		m.Payload = nil
		if err := d.delivery.state(ctx, func(s StateDelegate) { s.MergeState(from, state, join) }); err != nil {
			return err
		}
		d.counters.statesMerged.Add(1)
		return nil
	}
	var own []byte
	if err := d.delivery.state(ctx, func(s StateDelegate) { own = slices.Clone(s.LocalState(join)) }); err != nil {
		return err
	}
	if err := d.checkState(own); err != nil {
		return err
	}
	asked := m.Digest
	if m.Digest = stateDigest(own); m.Digest != asked {
		m.Payload = own
		if len(own) > 0 {
			d.counters.statesSent.Add(1)
		}
	}
	return nil
}

// checkState refuses a state of our own that is too large to be sent.
func (d *driver) checkState(own []byte) error {
	if len(own) <= d.limits.stateBytes {
		return nil
	}
	d.counters.statesOversized.Add(1)
	d.log.warn("the state of this node is larger than Config.MaxStateBytes and is not sent",
		"bytes", len(own), "limit", d.limits.stateBytes)
	return errStateSize
}
