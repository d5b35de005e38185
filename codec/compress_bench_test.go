package codec_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// table is n rows of a cluster as it is: with metadata, started at any time, and
// all alive.
func table(n int) []wire.Update {
	rng := rand.New(rand.NewPCG(1, 1))
	us := claims(n)
	for i := range us {
		u := &us[i]
		u.State, u.From, u.Age = wire.Alive, "", 0
		u.Epoch, u.Incarnation = epoch+rng.Uint64N(1e15), uint32(rng.IntN(4))
		u.Meta = fmt.Sprintf("role=web,zone=eu-west-%d,version=1.2.%d,build=%08x", i%3, i%5, rng.Uint32())
	}
	return us
}

// packetOf is filled with claims as a node does it, up to so many bytes.
func packetOf(bytes int) wire.Message {
	var c codec.Msgpack
	m := wire.Message{Kind: wire.Gossip, Sender: alice}
	room := bytes - c.Size(&m)
	for _, u := range table(100) {
		if room -= c.UpdateSize(&u); room < 0 {
			break
		}
		m.Updates = append(m.Updates, u)
	}
	return m
}

// BenchmarkCompressed shows what compression costs and saves beside plain
// messages: ratio is the length compressed by the length plain. Throughput is
// that of plain bytes.
func BenchmarkCompressed(b *testing.B) {
	for _, l := range []sample{
		{name: "ping", msg: samples()[0].msg},
		{name: "packet-1400", msg: packetOf(1400)},
		{name: "sync-1000", msg: wire.Message{Kind: wire.Sync, Seq: 7, Sender: alice, Updates: table(1000)}},
		{name: "sync-10000", msg: wire.Message{Kind: wire.Sync, Seq: 7, Sender: alice, Updates: table(10000)}},
	} {
		plainBytes := len(encode(b, &l.msg))
		for _, side := range []struct {
			name  string
			codec codec.Inner
		}{{"plain", codec.Msgpack{}}, {"compressed", compressing}} {
			dst := make([]byte, 0, plainBytes)
			b.Run(l.name+"/append/"+side.name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(plainBytes))
				for b.Loop() {
					dst, _ = side.codec.Append(dst[:0], &l.msg)
				}
				b.ReportMetric(float64(len(dst))/float64(plainBytes), "ratio")
			})
			data, err := side.codec.Append(nil, &l.msg)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(l.name+"/decode/"+side.name, func(b *testing.B) {
				var m wire.Message
				b.ReportAllocs()
				b.SetBytes(int64(plainBytes))
				for b.Loop() {
					if err := side.codec.Decode(&m, data); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkCompressedForms is what zstdBytes was chosen on: both forms at each
// size, whatever the codec would take.
func BenchmarkCompressedForms(b *testing.B) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		b.Fatal(err)
	}
	for _, rows := range []int{8, 16, 32, 64, 128, 256} {
		plain := encode(b, &wire.Message{Kind: wire.Sync, Sender: alice, Updates: table(rows)})
		packed := make([]byte, 0, s2.MaxEncodedLen(len(plain)))
		for name, pack := range map[string]func(){
			"s2":   func() { packed = s2.Encode(packed[:cap(packed)], plain) },
			"zstd": func() { packed = e.EncodeAll(plain, packed[:0]) },
		} {
			b.Run(fmt.Sprintf("%d-bytes/%s", len(plain), name), func(b *testing.B) {
				for b.Loop() {
					pack()
				}
				b.ReportMetric(float64(len(packed))/float64(len(plain)), "ratio")
			})
		}
	}
}
