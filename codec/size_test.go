package codec_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// slack is by how much Size exceeds the encoding: it counts the header of the
// array of updates at its widest.
func slack(updates int) int {
	switch {
	case updates < 16:
		return 4
	case updates < 65536:
		return 2
	}
	return 0
}

func TestSize(t *testing.T) {
	var c codec.Msgpack
	check := func(m *wire.Message) {
		t.Helper()
		if got, want := c.Size(m)-len(encode(t, m)), slack(len(m.Updates)); got != want {
			t.Errorf("Size exceeds the encoding by %d, want %d, for %.300v", got, want, m)
		}
	}
	for _, s := range samples() {
		check(&s.msg)
	}
	for s := *seed; s < *seed+2000; s++ {
		m := random(rand.New(rand.NewPCG(s, 1)))
		if check(&m); t.Failed() {
			t.Fatalf("replay with -run TestSize -seed %d", s)
		}
	}
	for _, n := range []int{14, 15, 16, 17, 65534, 65535, 65536, 65537, wire.MaxUpdates} {
		check(&wire.Message{Updates: claims(n)})
	}
	m := wire.Message{Payload: make([]byte, 65535)}
	check(&m)
	m.Payload = make([]byte, 65536)
	check(&m)
}

// TestUpdateSize adds random claims one by one. The encoding grows by
// UpdateSize, but for the two numbers of claims where the header grows as well;
// Size grows by UpdateSize always.
func TestUpdateSize(t *testing.T) {
	var c codec.Msgpack
	rng := rand.New(rand.NewPCG(*seed, 2))
	m := wire.Message{Kind: wire.Sync}
	size, length := c.Size(&m), len(encode(t, &m))
	for len(m.Updates) < 100 {
		for _, u := range random(rng).Updates {
			m.Updates = append(m.Updates, u)
			header := slack(len(m.Updates)-1) - slack(len(m.Updates))
			if got := len(encode(t, &m)) - length; got != c.UpdateSize(&u)+header {
				t.Fatalf("claim %d takes %d bytes, UpdateSize %d (seed %d)", len(m.Updates), got, c.UpdateSize(&u), *seed)
			}
			if got := c.Size(&m) - size; got != c.UpdateSize(&u) {
				t.Fatalf("claim %d adds %d to Size, UpdateSize %d (seed %d)", len(m.Updates), got, c.UpdateSize(&u), *seed)
			}
			size, length = c.Size(&m), len(encode(t, &m))
		}
	}
}

// TestSizePlansPackets fills packets as a node does: what Size leaves of the
// budget is spent by UpdateSize, and the packet may not get longer than that.
func TestSizePlansPackets(t *testing.T) {
	var c codec.Msgpack
	m := wire.Message{Kind: wire.Ping, Seq: 1, Sender: alice, Target: "bob"}
	for budget := 100; budget < 3000; budget++ {
		m.Updates = nil
		room := budget - c.Size(&m)
		for _, u := range claims(60) {
			if room -= c.UpdateSize(&u); room < 0 {
				break
			}
			m.Updates = append(m.Updates, u)
		}
		if n := len(encode(t, &m)); n > budget {
			t.Fatalf("%d claims take %d bytes of %d", len(m.Updates), n, budget)
		}
	}
}

func TestAppendTooMany(t *testing.T) {
	var c codec.Msgpack
	m := wire.Message{Updates: make([]wire.Update, wire.MaxUpdates)}
	if got := decode(t, encode(t, &m)); len(got.Updates) != wire.MaxUpdates {
		t.Errorf("%d claims decoded, want %d", len(got.Updates), wire.MaxUpdates)
	}
	m.Updates = append(m.Updates, wire.Update{})
	b, err := c.Append([]byte("before"), &m)
	if !errors.Is(err, codec.ErrTooLarge) {
		t.Errorf("error %v, want ErrTooLarge", err)
	}
	if string(b) != "before" {
		t.Errorf("dst became %.20q", b)
	}
}
