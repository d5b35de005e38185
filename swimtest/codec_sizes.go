package swimtest

import (
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/wire"
)

// fewBytes is how many more than Append makes Size may say of a ping. Of what comes
// in larger numbers it is bounded by no figure: a codec that compresses does not know it
// before.
const fewBytes = 32

func codecSizeIsClose(t testing.TB, newCodec func() swim.Codec) {
	c := newCodec()
	for _, m := range messages() {
		if made, size := len(encode(t, c, m)), c.Size(m); made > size {
			t.Errorf("%s: Append makes %d bytes, Size says %d", brief(m), made, size)
		}
	}
	ping := &wire.Message{Kind: wire.Ping, Seq: 7, Sender: wire.Sender{Name: "alice", Epoch: 5}, Target: "bob"}
	if made, size := len(encode(t, c, ping)), c.Size(ping); size > made+fewBytes {
		t.Errorf("a ping: Append makes %d bytes, Size says %d, want at most %d more", made, size, fewBytes)
	}
	// And so with one claim: what UpdateSize says too much, packets carry too little.
	claim := &wire.Update{Member: wire.Member{Name: "carol", Addr: "127.0.0.1:7946", State: wire.Alive}}
	size := c.Size(ping) + c.UpdateSize(claim)
	ping.Updates = append(ping.Updates, *claim)
	if made := len(encode(t, c, ping)); size > made+2*fewBytes {
		t.Errorf("a ping with a claim: Append makes %d bytes, Size and UpdateSize say %d, want at most %d more", made, size, 2*fewBytes)
	}
}

// crossings are the numbers of claims at which the header of a list may grow.
func crossing(n int) bool {
	switch n {
	case 1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 300:
		return true
	}
	return false
}

func codecUpdateSize(t testing.TB, newCodec func() swim.Codec) {
	c := newCodec()
	claims := sampleClaims(300)
	for _, start := range messages()[:6] {
		m, planned := *start, c.Size(start)
		for n, u := range claims {
			planned += c.UpdateSize(&u)
			m.Updates = append(m.Updates, u)
			if !crossing(n + 1) {
				continue
			}
			if made := len(encode(t, c, &m)); made > planned {
				t.Fatalf("%s and %d claims more: Append makes %d bytes, Size and UpdateSize say %d", brief(start), n+1, made, planned)
			}
		}
	}
}

func codecBroadcastSize(t testing.TB, newCodec func() swim.Codec) {
	c := newCodec()
	one := wire.Message{Broadcasts: make([]wire.Broadcast, 1)}
	alone := c.Size(&one)
	for _, start := range messages()[:3] {
		m, planned := *start, c.Size(start)
		for n, b := range sampleBroadcasts(60) {
			two := wire.Message{Broadcasts: []wire.Broadcast{{}, b}}
			planned += c.Size(&two) - alone
			m.Broadcasts = append(m.Broadcasts, b)
			if made := len(encode(t, c, &m)); made > planned {
				t.Fatalf("%s and %d broadcasts more: Append makes %d bytes, Size says %d", brief(start), n+1, made, planned)
			}
		}
	}
}
