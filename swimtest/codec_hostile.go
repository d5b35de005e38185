package swimtest

import (
	"bytes"
	"iter"
	"math/rand/v2"
	"runtime/metrics"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/wire"
)

// What a Decode may allocate. A claim of a dozen bytes becomes one of a hundred, and
// what was compressed sixty times as many: hence the factor, which is far below what a
// length in the data can claim.
const (
	allocBytes   = 64 << 10
	allocPerByte = 4 << 10
)

// codecNeverPanics stops where a claim of millions is believed: the next may be of
// thousands of millions, and no test survives that all memory is gone.
func codecNeverPanics(t testing.TB, newCodec func() swim.Codec) {
	c := newCodec()
	var m wire.Message
	for data := range foreign(t, c) {
		var p any
		made := allocated(func() { p = panicOf(func() { _ = c.Decode(&m, data) }) })
		if p != nil {
			t.Fatalf("Decode of %q panicked: %v", data[:min(len(data), 100)], p)
		}
		if made > 100*mayAllocate(data) {
			return // told elsewhere
		}
	}
}

// mayAllocate is how many bytes Decode of data may allocate.
func mayAllocate(data []byte) uint64 { return uint64(allocBytes + allocPerByte*len(data)) }

func codecAllocates(t testing.TB, newCodec func() swim.Codec) {
	c := newCodec()
	for data := range foreign(t, c) {
		limit := mayAllocate(data)
		var made uint64
		for range 3 { // what else allocates meanwhile does not do so each time
			if made = allocated(func() { _ = panicOf(func() { _ = c.Decode(new(wire.Message), data) }) }); made <= limit {
				break
			}
		}
		if made > limit {
			t.Fatalf("Decode of %d bytes, %q, allocated %d", len(data), data[:min(len(data), 100)], made)
		}
	}
}

// allocated is how many bytes f allocates, give or take some kilobytes.
func allocated(f func()) uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	f()
	metrics.Read(sample)
	return sample[0].Value.Uint64() - before
}

func panicOf(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

// foreign are bytes that no correct peer sends: encodings that claim millions of what is
// not there, then such that were cut, or altered in a few bytes: a codec that believes a
// claim is caught by a modest one, before it takes all memory there is. Then runs of each
// byte, and random ones. Each is the callee's.
func foreign(t testing.TB, c swim.Codec) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		encodings := [][]byte{
			encode(t, c, &wire.Message{Kind: wire.User, Sender: sampleSender, Target: "bob", Payload: []byte("hello")}),
			encode(t, c, &wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "a"}, Updates: sampleClaims(2)[:1], Broadcasts: sampleBroadcasts(1)}),
		}
		for _, alter := range []func(data []byte, yield func([]byte) bool) bool{millions, alterations} {
			for _, data := range encodings {
				if !alter(data, yield) {
					return
				}
			}
		}
		for b := range 256 {
			if !yield(bytes.Repeat([]byte{byte(b)}, 2000)) {
				return
			}
		}
		rng := rand.New(rand.NewPCG(1, 1))
		for range 500 {
			data := make([]byte, rng.IntN(64))
			for i := range data {
				data[i] = byte(rng.Uint32())
			}
			if !yield(data) {
				return
			}
		}
	}
}

// millions has numbers say two million, in the usual notations. It goes to where the number
// is from the side on which what is hit by half says less.
func millions(data []byte, yield func([]byte) bool) bool {
	for _, littleEndian := range []string{"\xff\xff\x7f", "\xff\xff\x1f\x00", "\xff\xff\x1f\x00\x00\x00\x00\x00"} {
		for at := range data {
			if !yield(patched(data, at, littleEndian)) {
				return false
			}
		}
	}
	for _, bigEndian := range []string{"\x00\x1f\xff\xff", "\x00\x00\x00\x00\x00\x1f\xff\xff"} {
		for at := len(data) - 1; at >= 0; at-- {
			if !yield(patched(data, at, bigEndian)) {
				return false
			}
		}
	}
	return true
}

// patched is a copy of data with some bytes in place of those at at.
func patched(data []byte, at int, patch string) []byte {
	d := bytes.Clone(data)
	copy(d[at:], patch)
	return d
}

// alterations go from the last byte to the first, since the last of a length counts least.
func alterations(data []byte, yield func([]byte) bool) bool {
	for at := len(data) - 1; at >= 0; at-- {
		altered := [][]byte{bytes.Clone(data[:at])}
		for _, patch := range []string{"\x00", "\x7f", "\x80", "\xff", string([]byte{data[at] ^ 1}), "\xff\xff", "\x00\xff\xff\xff", "\x7f\xff\xff\xff", "\xff\xff\xff\xff"} {
			altered = append(altered, patched(data, at, patch))
		}
		for _, d := range altered {
			if !yield(d) {
				return false
			}
		}
	}
	return yield(append(bytes.Clone(data), data...))
}
