package query_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/query"
	"github.com/swim-go/swim/swimtest"
	"github.com/swim-go/swim/tags"
)

// cluster is one whose nodes all have queries. The last of them has the tag role=db, and
// each answers "name" with its own and what it was asked.
type cluster struct {
	*swimtest.Cluster
	t       *testing.T
	queries []*query.Queries
}

func inCluster(t *testing.T, n int, test func(t *testing.T, c *cluster)) {
	synctest.Test(t, func(t *testing.T) {
		c := &cluster{t: t}
		for range n {
			c.queries = append(c.queries, query.New(nil))
		}
		c.Cluster = swimtest.NewCluster(t, n, func(i int, cfg *swim.Config) {
			cfg.Delegate = c.queries[i].Delegate()
			if i == n-1 {
				meta, err := tags.Encode(map[string]string{"role": "db"})
				if err != nil {
					t.Fatal(err)
				}
				cfg.Meta = meta
			}
		})
		for i, q := range c.queries {
			if err := q.Bind(c.Nodes[i]); err != nil {
				t.Fatal(err)
			}
			q.Handle("name", func(_ context.Context, from swim.Member, payload []byte) ([]byte, error) {
				return fmt.Appendf(nil, "node-%d tells %s %s", i, from.Name, payload), nil
			})
		}
		test(t, c)
	})
}

// ask asks within five seconds and returns the answers by member, each of which must be
// one.
func (c *cluster) ask(i int, name string, options ...query.Option) map[string]query.Answer {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Second)
	defer cancel()
	answers, err := c.queries[i].Ask(ctx, name, []byte("hello"), options...)
	if err != nil {
		c.t.Fatal(err)
	}
	got := make(map[string]query.Answer)
	for a := range answers {
		if _, twice := got[a.From.Name]; twice {
			c.t.Errorf("%s answers twice", a.From.Name)
		}
		got[a.From.Name] = a
	}
	return got
}

// want checks that nodes, and no others, answered "name" of an asker.
func (c *cluster) want(got map[string]query.Answer, asker int, nodes ...int) {
	c.t.Helper()
	if len(got) != len(nodes) {
		c.t.Errorf("answers of %v, want %v", slices.Sorted(maps.Keys(got)), nodes)
	}
	for _, i := range nodes {
		a := got[fmt.Sprintf("node-%d", i)]
		if want := fmt.Sprintf("node-%d tells node-%d hello", i, asker); a.Err != nil || string(a.Payload) != want {
			c.t.Errorf("node-%d: %q, %v", i, a.Payload, a.Err)
		}
	}
}

func TestAllAnswer(t *testing.T) {
	inCluster(t, 8, func(t *testing.T, c *cluster) {
		began := time.Now()
		c.want(c.ask(2, "name"), 2, 0, 1, 2, 3, 4, 5, 6, 7)
		if took := time.Since(began); took >= 5*time.Second {
			t.Errorf("took %v, though all had answered", took)
		}
		synctest.Wait()
		s := c.queries[2].Stats()
		if s.Asked != 1 || s.Answers != 8 || s.UnderWay != 0 || s.Served != 1 || s.Repeated+s.Late+s.Malformed+s.Unsent != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestSomeAreAsked(t *testing.T) {
	inCluster(t, 4, func(t *testing.T, c *cluster) {
		c.want(c.ask(0, "name", query.To("node-1", "node-3")), 0, 1, 3)
		c.want(c.ask(0, "name", query.Tagged("role", "db")), 0, 3)
		c.want(c.ask(3, "name", query.Tagged("role", "db")), 3, 3)
		c.want(c.ask(0, "name", query.Tagged("role", "db"), query.To("node-1")), 0)
		c.want(c.ask(0, "name", query.To()), 0)
		got := c.ask(0, "name", query.To("node-1", "nobody", "nobody"))
		if !errors.Is(got["nobody"].Err, swim.ErrUnknownMember) {
			t.Errorf("nobody: %v", got["nobody"].Err)
		}
		delete(got, "nobody")
		c.want(got, 0, 1)
		for i, served := range []uint64{0, 2, 0, 3} {
			if s := c.queries[i].Stats(); s.Served != served {
				t.Errorf("node-%d served %d, want %d", i, s.Served, served)
			}
		}
	})
}

func TestAnswersThatFail(t *testing.T) {
	inCluster(t, 6, func(t *testing.T, c *cluster) {
		funcs := []query.Func{
			func(context.Context, swim.Member, []byte) ([]byte, error) { return nil, nil },
			func(context.Context, swim.Member, []byte) ([]byte, error) { return nil, errors.New("no disk") },
			func(context.Context, swim.Member, []byte) ([]byte, error) { panic("oh") },
			func(ctx context.Context, _ swim.Member, _ []byte) ([]byte, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
			func(context.Context, swim.Member, []byte) ([]byte, error) {
				return make([]byte, query.MaxAnswerBytes+1), nil
			},
		}
		for i, f := range funcs {
			c.queries[i].Handle("work", f)
		}
		began := time.Now()
		got := c.ask(0, "work")
		if took := time.Since(began); took != 5*time.Second || len(got) != 6 {
			t.Errorf("%d answers after %v", len(got), took)
		}
		for i, want := range []string{"", "no disk", "panic: oh", "", "want at most 1048576", ""} {
			a := got[fmt.Sprintf("node-%d", i)]
			var remote *query.RemoteError
			if errors.As(a.Err, &remote) != (want != "") || want != "" && !strings.Contains(remote.Text, want) {
				t.Errorf("node-%d: %v, want %q", i, a.Err, want)
			}
		}
		if got["node-0"].Err != nil || got["node-3"].Err != query.ErrNoAnswer || got["node-5"].Err != query.ErrUnhandled {
			t.Errorf("%v", got)
		}
		if s := c.queries[2].Stats(); s.Panics != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// A member that only the asker does not reach answers by others, and without relays
// is known to have been asked by none.
func TestRelay(t *testing.T) {
	inCluster(t, 5, func(t *testing.T, c *cluster) {
		c.Partition([]int{0}, []int{4})
		if err := c.ask(0, "name", query.To("node-4"))["node-4"].Err; err != query.ErrNotReceived {
			t.Errorf("without relays: %v", err)
		}
		got := c.ask(0, "name", query.Relays(2))
		c.want(got, 0, 0, 1, 2, 3, 4)
		if via := got["node-4"].Via; via == "" || via == "node-0" || via == "node-4" {
			t.Errorf("by way of %q", via)
		}
		c.queries[4].Handle("slow", func(ctx context.Context, _ swim.Member, _ []byte) ([]byte, error) {
			<-ctx.Done()
			return nil, nil
		})
		if err := c.ask(0, "slow", query.To("node-4"), query.Relays(1))["node-4"].Err; err != query.ErrNoAnswer {
			t.Errorf("acknowledged by a relay: %v", err)
		}
		if s := c.queries[0].Stats(); s.Relayed == 0 || s.Repeated == 0 {
			t.Errorf("%+v", s) // the others came twice or three times
		}
	})
}

func TestMemberIsKilledMeanwhile(t *testing.T) {
	inCluster(t, 4, func(t *testing.T, c *cluster) {
		started := make(chan struct{})
		c.queries[3].Handle("name", func(ctx context.Context, _ swim.Member, _ []byte) ([]byte, error) {
			close(started)
			<-ctx.Done() // as the node is closed
			return nil, nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		answers, err := c.queries[0].Ask(ctx, "name", []byte("hello"))
		if err != nil {
			t.Fatal(err)
		}
		<-started
		c.Kill(3)
		got := make(map[string]query.Answer)
		for a := range answers {
			got[a.From.Name] = a
		}
		if err := got["node-3"].Err; err != query.ErrGone || time.Since(began) > 30*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		delete(got, "node-3")
		c.want(got, 0, 0, 1, 2)
		if s := c.queries[3].Stats(); s.Running != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestTwoAskAtOnce(t *testing.T) {
	inCluster(t, 4, func(_ *testing.T, c *cluster) {
		first, second := make(chan map[string]query.Answer), make(chan map[string]query.Answer)
		go func() { first <- c.ask(0, "name") }()
		go func() { second <- c.ask(1, "name") }()
		c.want(<-first, 0, 0, 1, 2, 3)
		c.want(<-second, 1, 0, 1, 2, 3)
	})
}
