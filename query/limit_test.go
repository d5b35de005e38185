package query_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/query"
)

func TestAskRefuses(t *testing.T) {
	if _, err := query.New(nil).Ask(t.Context(), "name", nil); !errors.Is(err, query.ErrUnbound) {
		t.Errorf("unbound: %v", err)
	}
	inCluster(t, 1, func(t *testing.T, c *cluster) {
		q := c.queries[0]
		if err := q.Bind(c.Nodes[0]); err != query.ErrBound {
			t.Errorf("bound again: %v", err)
		}
		many := make([]string, query.MaxNamed+1)
		for name, err := range map[string]error{
			"no name":       second(q.Ask(t.Context(), "", nil)),
			"long name":     second(q.Ask(t.Context(), strings.Repeat("n", query.MaxNameBytes+1), nil)),
			"large payload": second(q.Ask(t.Context(), "name", make([]byte, query.MaxPayloadBytes+1))),
			"many names":    second(q.Ask(t.Context(), "name", nil, query.To(many...))),
			"long tag":      second(q.Ask(t.Context(), "name", nil, query.Tagged("k", strings.Repeat("v", 1<<11)))),
		} {
			if !errors.Is(err, query.ErrTooLarge) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if s := q.Stats(); s.Asked != 0 || s.UnderWay != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// So many functions run, so many queries are under way, and what is beyond is told so.
func TestBusy(t *testing.T) {
	inCluster(t, 1, func(t *testing.T, c *cluster) {
		q := c.queries[0]
		q.Handle("wait", func(ctx context.Context, _ swim.Member, _ []byte) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		for range query.MaxRunning {
			if _, err := q.Ask(ctx, "wait", nil); err != nil {
				t.Fatal(err)
			}
		}
		if a := c.ask(0, "wait")["node-0"]; a.Err != query.ErrBusy {
			t.Errorf("%+v", a)
		}
		synctest.Wait()
		if s := q.Stats(); s.Running != query.MaxRunning || s.UnderWay != query.MaxRunning || s.Busy != 1 {
			t.Errorf("%+v", s)
		}
		cancel()
		synctest.Wait()
		if s := q.Stats(); s.UnderWay != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestTooManyQueries(t *testing.T) {
	inCluster(t, 2, func(t *testing.T, c *cluster) {
		c.queries[1].Handle("wait", func(ctx context.Context, _ swim.Member, _ []byte) ([]byte, error) {
			<-ctx.Done()
			return nil, nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		for range query.MaxQueries - 1 {
			c.mustAsk(ctx)
		}
		answers := c.mustAsk(ctx)
		if _, err := c.queries[0].Ask(ctx, "wait", nil); err != query.ErrTooMany {
			t.Errorf("one more: %v", err)
		}
		// Who breaks out of the loop ends the query.
		for range answers {
			break
		}
		synctest.Wait()
		c.mustAsk(ctx)
		cancel()
	})
}

func (c *cluster) mustAsk(ctx context.Context) func(func(query.Answer) bool) {
	c.t.Helper()
	answers, err := c.queries[0].Ask(ctx, "wait", nil, query.To("node-1", "nobody"))
	if err != nil {
		c.t.Fatal(err)
	}
	return answers
}

// What nobody reads is bounded; the answer is replaced by the reason.
func TestUnreadAnswersAreBounded(t *testing.T) {
	const room = query.MaxUnreadBytes / query.MaxAnswerBytes
	inCluster(t, room+2, func(t *testing.T, c *cluster) {
		for _, q := range c.queries {
			q.Handle("large", func(context.Context, swim.Member, []byte) ([]byte, error) {
				return make([]byte, query.MaxAnswerBytes), nil
			})
		}
		answers, err := c.queries[0].Ask(t.Context(), "large", nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * query.DefaultTimeout) // of the bubble: until the query has ended
		whole, shed := 0, 0
		for a := range answers {
			switch {
			case a.Err == nil && len(a.Payload) == query.MaxAnswerBytes:
				whole++
			case a.Err == query.ErrShed:
				shed++
			}
		}
		if whole != room || shed != 2 || c.queries[0].Stats().AnswersShed != 2 {
			t.Errorf("%d whole and %d shed, %+v", whole, shed, c.queries[0].Stats())
		}
	})
}
