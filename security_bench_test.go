package swim

import (
	"fmt"
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// BenchmarkPacketPath is what a packet costs on its whole way but the network:
// reader, loop and writer, with envelope, codec and Machine. A ping comes in and
// its ack goes out; or a packet full of gossip comes in, of which nothing is new, by
// a ping, so that it is seen when it is done.
//
// Sealing and compressing that packet is the sender's part and is not in it; see
// BenchmarkSeal of package security. Sealing the ack is.
func BenchmarkPacketPath(b *testing.B) {
	key := security.GenerateKey()
	for _, traffic := range []struct {
		name   string
		claims int
	}{{"ping", 0}, {"gossip", fullClaims}} {
		for _, path := range []struct {
			name   string
			sealed bool
			send   codec.Sending
		}{
			{"plain", false, codec.SendPlain},
			{"compressed", false, codec.SendCompressed},
			{"sealed", true, codec.SendPlain},
			{"both", true, codec.SendCompressed},
		} {
			b.Run(traffic.name+"/"+path.name, func(b *testing.B) {
				c := newCodedCable(b, path.sealed, path.send, key)
				c.measure(b, traffic.claims)
			})
		}
	}
}

// fullClaims fill a packet, as such claims are.
const fullClaims = 17

// codedCable is a cable, and what its tester makes packets with.
type codedCable struct {
	*cable
	codec    Codec
	envelope *security.Envelope
}

func newCodedCable(tb testing.TB, sealed bool, send codec.Sending, key security.Key) codedCable {
	tb.Helper()
	var own, peers Sealer
	if sealed {
		seal := func() Sealer {
			ring, err := security.NewKeyring(key)
			if err != nil {
				tb.Fatal(err)
			}
			return security.NewXChaCha20Poly1305(ring)
		}
		own, peers = seal(), seal()
	}
	compression := CompressNothing
	if send == codec.SendCompressed {
		compression = CompressAll
	}
	return codedCable{
		newCable(tb, own, func(c *Config) { c.Compression = compression }),
		codec.Compressed{Send: send},
		security.NewEnvelope("", peers),
	}
}

// message is a ping with claims whose metadata is like that of real members:
// alike, and not the same.
func (c codedCable) message(tb testing.TB, claims int) []byte {
	tb.Helper()
	m := wire.Message{Kind: wire.Ping, Seq: 1, Target: "a", Sender: wire.Sender{Name: "b", Epoch: 1}}
	for i := range claims {
		m.Updates = append(m.Updates, wire.Update{Member: Member{
			Name: fmt.Sprintf("web-%d.eu-west-%d", 17*i, i%3), Addr: fmt.Sprintf("10.1.%d.%d:7946", i%5, 31*i%256),
			Meta: fmt.Sprintf("zone=eu-west-%d;role=web;build=%x", i%3, 40961*i), Epoch: 1, Incarnation: 1, State: Alive,
		}})
	}
	message, err := c.codec.Append(nil, &m)
	if err != nil {
		tb.Fatal(err)
	}
	return message
}

// measure exchanges packets. A sealed one opens only once, so there is a batch of
// them, made while the clock stands.
func (c codedCable) measure(b *testing.B, claims int) {
	const batch = 512
	message := c.message(b, claims)
	packets := make([][]byte, batch)
	seal := func() {
		for i := range packets {
			var err error
			if packets[i], err = c.envelope.Seal(packets[i][:0], message); err != nil {
				b.Fatal(err)
			}
		}
	}
	seal()
	for _, packet := range packets { // until pools and tables are warm
		c.exchange(packet)
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%batch == 0 && c.sealer != nil {
			b.StopTimer()
			seal()
			b.StartTimer()
		}
		c.exchange(packets[n%batch])
	}
	b.ReportMetric(float64(len(packets[0])), "B/packet")
	if s := c.node.Stats(); s.Drops != (Drops{}) {
		b.Errorf("dropped %+v", s.Drops)
	}
}

// The benchmark measures what it says: full packets, made shorter by compression.
func TestPacketPathIsFull(t *testing.T) {
	key := security.GenerateKey()
	for _, sealed := range []bool{false, true} {
		plain := newCodedCable(t, sealed, codec.SendPlain, key)
		packet, err := plain.envelope.Seal(nil, plain.message(t, fullClaims))
		if err != nil {
			t.Fatal(err)
		}
		if limit := 1400; len(packet) > limit || len(packet) < limit-100 {
			t.Errorf("sealed %v: a packet of %d bytes", sealed, len(packet))
		}
		packed := newCodedCable(t, sealed, codec.SendCompressed, key)
		if message := packed.message(t, fullClaims); len(message) > len(packet)*2/3 {
			t.Errorf("compressed to %d of %d bytes", len(message), len(packet))
		}
	}
}
