package query_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/query"
	"github.com/swim-go/swim/swimtest"
)

// user is a Delegate that notes what it is told.
type user struct {
	mu   sync.Mutex
	told []string
}

func (u *user) note(what string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.told = append(u.told, what)
}

func (u *user) NotifyEvent(e swim.Event) { u.note(e.Kind.String() + " " + e.Member.Name) }

func (u *user) NotifyMessage(from swim.Member, payload []byte) {
	u.note("message " + from.Name + " " + string(payload))
}

func (u *user) NotifyBroadcast(from swim.Member, channel string, payload []byte) {
	u.note("broadcast " + from.Name + " " + channel + " " + string(payload))
}

func (u *user) NotifyConflict(other swim.Member) { u.note("conflict " + other.Name) }

type withPings struct{ *user }

func (p withPings) NotifyPing(m swim.Member, _ time.Duration, _ []byte) { p.note("ping " + m.Name) }

type withState struct{ *user }

func (s withState) LocalState(bool) []byte { return []byte("state") }

func (s withState) MergeState(m swim.Member, state []byte, _ bool) {
	s.note("merge " + m.Name + " " + string(state))
}

type withBoth struct {
	withPings
	withState
}

func (b withBoth) NotifyEvent(e swim.Event)              { b.withPings.NotifyEvent(e) }
func (b withBoth) NotifyMessage(m swim.Member, p []byte) { b.withPings.NotifyMessage(m, p) }
func (b withBoth) NotifyConflict(m swim.Member)          { b.withPings.NotifyConflict(m) }

// The Delegate can what the user's can, and no more.
func TestDelegateIsWhatTheUsersIs(t *testing.T) {
	m := swim.Member{Name: "m"}
	for _, c := range []struct {
		user          func(*user) swim.Delegate
		pings, states bool
	}{
		{func(u *user) swim.Delegate { return u }, false, false},
		{func(u *user) swim.Delegate { return withPings{u} }, true, false},
		{func(u *user) swim.Delegate { return withState{u} }, false, true},
		{func(u *user) swim.Delegate { return withBoth{withPings{u}, withState{u}} }, true, true},
	} {
		u := new(user)
		d := query.New(c.user(u)).Delegate()
		pings, ok := d.(swim.PingDelegate)
		if ok != c.pings {
			t.Errorf("%+v: pings are %v", c, ok)
		}
		var want []string
		if ok {
			pings.NotifyPing(m, time.Second, nil)
			want = append(want, "ping m")
		}
		states, ok := d.(swim.StateDelegate)
		if ok != c.states {
			t.Errorf("%+v: states are %v", c, ok)
		}
		if ok {
			states.MergeState(m, states.LocalState(false), false)
			want = append(want, "merge m state")
		}
		d.(swim.ConflictDelegate).NotifyConflict(m)
		if want = append(want, "conflict m"); !slices.Equal(u.told, want) {
			t.Errorf("told %q, want %q", u.told, want)
		}
	}
	// And one that is no more than a Delegate is asked for no more.
	plain := query.New(swim.NopDelegate{}).Delegate()
	plain.(swim.ConflictDelegate).NotifyConflict(m)
	plain.(swim.BroadcastDelegate).NotifyBroadcast(m, "c", nil)
}

// What is not a query's reaches the user, and what is does not; nor what is neither.
func TestPassThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := new(user)
		q, other := query.New(u), query.New(nil)
		c := swimtest.NewCluster(t, 2, func(i int, cfg *swim.Config) {
			cfg.Delegate = []*query.Queries{q, other}[i].Delegate()
		})
		_ = other.Bind(c.Nodes[1])
		send := func(payload string) {
			t.Helper()
			if err := c.Nodes[1].SendReliable(t.Context(), "node-0", []byte(payload)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait() // it is acknowledged before the Delegate has it
		}
		broadcast := func(channel, payload string) {
			t.Helper()
			if err := c.Nodes[1].Broadcast(t.Context(), channel, []byte(payload)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second) // of the bubble
		}
		broadcast(query.Channel, "too early")
		send("\x00swim/query\x00too early")
		_ = q.Bind(c.Nodes[0])
		q.Handle("name", func(context.Context, swim.Member, []byte) ([]byte, error) { return []byte("zero"), nil })
		send("hello")
		send("\x00swim/query\x00rubbish")
		send("\x00swim/query\x00\x01" + "12345678" + "\x02" + "\x06node-1" + "\x06node-9") // a relay of a relay
		send("\x00swim/query\x00\x01" + "12345678" + "\x02" + "\x06node-0" + "\x06node-1") // of no query
		broadcast("chat", "all")
		broadcast(query.Channel, "rubbish")
		answers, err := other.Ask(t.Context(), "name", nil, query.To("node-0"))
		if err != nil {
			t.Fatal(err)
		}
		for a := range answers {
			if string(a.Payload) != "zero" || a.Err != nil {
				t.Errorf("%+v", a)
			}
		}
		u.mu.Lock()
		defer u.mu.Unlock()
		want := []string{"joined node-0", "joined node-1", "message node-1 hello", "broadcast node-1 chat all"}
		if !slices.Equal(u.told, want) {
			t.Errorf("told %q, want %q", u.told, want)
		}
		if s := q.Stats(); s.Unbound != 2 || s.Malformed != 3 || s.Late != 1 {
			t.Errorf("%+v", s)
		}
	})
}
