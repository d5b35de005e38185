package codec_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// slack is by how much Size exceeds the encoding: it counts the headers of the
// arrays of updates and broadcasts at their widest.
func slack(m *wire.Message) int {
	n := 0
	switch updates := len(m.Updates); {
	case updates < 16:
		n = 4
	case updates < 65536:
		n = 2
	}
	if len(m.Broadcasts) < 16 {
		n += 2
	}
	return n
}

func TestSize(t *testing.T) {
	var c codec.Msgpack
	check := func(m *wire.Message) {
		t.Helper()
		if got, want := c.Size(m)-len(encode(t, m)), slack(m); got != want {
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
	for _, n := range []int{14, 15, 16, 17, wire.MaxBroadcasts} {
		check(&wire.Message{Broadcasts: had(n)})
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
			before := slack(&m)
			m.Updates = append(m.Updates, u)
			header := before - slack(&m)
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

// TestBroadcastsSizeOnTheirOwn lets Size tell how much a broadcast takes in an empty
// message: nodes fill packets on that, since it takes as much in any other.
func TestBroadcastsSizeOnTheirOwn(t *testing.T) {
	var c codec.Msgpack
	rng := rand.New(rand.NewPCG(*seed, 4))
	m := wire.Message{Kind: wire.Gossip, Updates: claims(20)}
	for len(m.Broadcasts) < 100 {
		for _, b := range random(rng).Broadcasts {
			alone := c.Size(&wire.Message{Broadcasts: []wire.Broadcast{b}}) - c.Size(&wire.Message{})
			before := c.Size(&m)
			m.Broadcasts = append(m.Broadcasts, b)
			if got := c.Size(&m) - before; got != alone {
				t.Fatalf("broadcast %d adds %d to Size, %d on its own (seed %d)", len(m.Broadcasts), got, alone, *seed)
			}
			if n := len(encode(t, &m)); n > c.Size(&m) {
				t.Fatalf("%d bytes, Size %d (seed %d)", n, c.Size(&m), *seed)
			}
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
	m = wire.Message{Broadcasts: make([]wire.Broadcast, wire.MaxBroadcasts+1)}
	if b, err = c.Append([]byte("before"), &m); !errors.Is(err, codec.ErrTooLarge) || string(b) != "before" {
		t.Errorf("error %v and dst %.20q", err, b)
	}
}
