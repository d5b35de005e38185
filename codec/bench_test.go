package codec_test

import (
	"strconv"
	"testing"

	"github.com/hashicorp/go-msgpack/v2/codec"

	swim "github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// loads are what the benchmarks encode and decode: a message of each kind, a
// packet with eight claims, and whole tables.
func loads() []sample {
	ls := samples()[:wire.User]
	for _, n := range []int{1, 8, 5000, 10000} {
		ls = append(ls, sample{name: "claims-" + strconv.Itoa(n), msg: wire.Message{
			Kind: wire.Sync, Seq: 70000, Sender: alice, Target: "bob", Updates: claims(n),
		}})
	}
	return ls
}

func BenchmarkEncode(b *testing.B) {
	for _, l := range loads() {
		b.Run(l.name+"/swim", func(b *testing.B) {
			var c swim.Msgpack
			dst := make([]byte, 0, c.Size(&l.msg))
			b.ReportAllocs()
			for b.Loop() {
				dst, _ = c.Append(dst[:0], &l.msg)
			}
			b.SetBytes(int64(len(dst)))
		})
		// With its encoder, its buffer and its message reused.
		b.Run(l.name+"/go-msgpack", func(b *testing.B) {
			o, dst := toOracle(&l.msg), make([]byte, 0, 1<<20)
			e := codec.NewEncoderBytes(&dst, oracleHandle())
			b.ReportAllocs()
			for b.Loop() {
				dst = dst[:0]
				e.ResetBytes(&dst)
				if err := e.Encode(o); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(dst)))
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, l := range loads() {
		data := encode(b, &l.msg)
		b.Run(l.name+"/swim", func(b *testing.B) {
			m := wire.Message{Updates: make([]wire.Update, 0, len(l.msg.Updates))}
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if err := (swim.Msgpack{}).Decode(&m, data); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(l.name+"/go-msgpack", func(b *testing.B) {
			var o oracleMessage
			d := codec.NewDecoderBytes(data, oracleHandle())
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				d.ResetBytes(data)
				if err := d.Decode(&o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecodeFresh decodes into a message without room, as on a stream.
func BenchmarkDecodeFresh(b *testing.B) {
	for _, n := range []int{8, 5000} {
		data := encode(b, &wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(n)})
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var m wire.Message
				if err := (swim.Msgpack{}).Decode(&m, data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRefuse is what a flood of garbage costs: it fails at the first byte
// or at the last.
func BenchmarkRefuse(b *testing.B) {
	data := encode(b, &wire.Message{Kind: wire.Gossip, Sender: alice, Updates: claims(8)})
	for name, garbage := range map[string][]byte{"first": []byte("garbage"), "last": data[:len(data)-1]} {
		b.Run(name, func(b *testing.B) {
			var m wire.Message
			b.ReportAllocs()
			for b.Loop() {
				if err := (swim.Msgpack{}).Decode(&m, garbage); err == nil {
					b.Fatal("no error")
				}
			}
		})
	}
}

func BenchmarkSize(b *testing.B) {
	var c swim.Msgpack
	m := wire.Message{Kind: wire.Gossip, Sender: alice, Updates: claims(8)}
	b.Run("message", func(b *testing.B) {
		for b.Loop() {
			c.Size(&m)
		}
	})
	b.Run("update", func(b *testing.B) {
		for b.Loop() {
			c.UpdateSize(&m.Updates[0])
		}
	})
}
