package swim_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

func TestMetadataReachesAll(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b", "c", "d", "e")
		meta := []byte("zone=1")
		if err := nodes[1].SetMeta(t.Context(), meta); err != nil {
			t.Fatal(err)
		}
		meta[0] = 'X' // it was copied
		if got := nodes[1].Local().Meta; got != "zone=1" {
			t.Errorf("it has metadata %q itself", got)
		}
		took := n.eventually("all know", func() bool {
			return !slices.ContainsFunc(nodes, func(node *swim.Node) bool {
				m, _ := node.Member("b")
				return m.Meta != "zone=1"
			})
		})
		if took > 2*time.Second {
			t.Errorf("that took %v", took)
		}
		f := n.start("f", func(c *swim.Config) { c.Meta = []byte("from the start") })
		n.join(f, "a")
		n.eventually("all know f", func() bool {
			m, _ := nodes[4].Member("f")
			return m.Meta == "from the start"
		})
	})
}

func TestMetadataHasALimit(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a", func(c *swim.Config) { c.Meta = []byte("old") })
		if err := a.SetMeta(t.Context(), make([]byte, 512)); err != nil {
			t.Errorf("512 bytes: %v", err)
		}
		if err := a.SetMeta(t.Context(), []byte("old")); err != nil {
			t.Error(err)
		}
		var size *swim.SizeError
		if err := a.SetMeta(t.Context(), make([]byte, 513)); !errors.As(err, &size) || size.Limit != 512 || size.Bytes != 513 {
			t.Errorf("513 bytes: %v", err)
		}
		if got := a.Local().Meta; got != "old" {
			t.Errorf("what was refused left %q", got)
		}
	})
}

func TestSend(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		type received struct {
			from    swim.Member
			payload []byte
		}
		got := make(chan received, 10)
		var joined []string
		a := n.start("a", with(&calls{
			event: func(e swim.Event) { joined = append(joined, e.Member.Name) },
			message: func(from swim.Member, payload []byte) {
				if !slices.Contains(joined, from.Name) {
					panic(fmt.Sprintf("a message of %s, and only %v joined", from.Name, joined))
				}
				got <- received{from, payload}
			},
		}))
		b := n.start("b")
		n.join(b, "a")
		payload := []byte("hello")
		if err := b.Send(t.Context(), "a", payload); err != nil {
			t.Fatal(err)
		}
		payload[0] = 'X'
		if m := <-got; string(m.payload) != "hello" || m.from != b.Local() {
			t.Errorf("received %q from %+v", m.payload, m.from)
		}
		if err := b.Send(t.Context(), "a", nil); err != nil {
			t.Fatal(err)
		}
		if m := <-got; len(m.payload) != 0 {
			t.Errorf("received %q", m.payload)
		}
		for _, name := range []string{"nobody", "b", ""} {
			if err := b.Send(t.Context(), name, payload); !errors.Is(err, swim.ErrUnknownMember) {
				t.Errorf("Send to %q: %v", name, err)
			}
		}

		// What the limit says fits, fits.
		var size *swim.SizeError
		if err := b.Send(t.Context(), "a", make([]byte, 1<<20)); !errors.As(err, &size) {
			t.Fatalf("a megabyte: %v", err)
		}
		largest := bytes.Repeat([]byte{7}, size.Limit)
		if err := b.Send(t.Context(), "a", largest); err != nil {
			t.Fatal(err)
		}
		if m := <-got; !bytes.Equal(m.payload, largest) {
			t.Errorf("received %d bytes of %d", len(m.payload), len(largest))
		}
		if err := b.Send(t.Context(), "a", append(largest, 7)); !errors.As(err, &size) {
			t.Errorf("one byte more: %v", err)
		}
		if p := a.Stats().Drops.Panics; p != 0 {
			t.Errorf("%d panics", p)
		}
	})
}
