package security_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/swim-go/swim/security"
)

// sizes are a ping with a few claims, and a full packet.
var sizes = []int{200, 1400}

func BenchmarkSeal(b *testing.B) {
	eachEnvelope(b, func(b *testing.B, e, _ *security.Envelope, _ func(), size int) {
		plain, packet := make([]byte, size), make([]byte, 0, size+100)
		for b.Loop() {
			var err error
			if packet, err = e.Seal(packet[:0], plain); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	eachEnvelope(b, func(b *testing.B, from, to *security.Envelope, forget func(), size int) {
		// As many packets as the window has room for, over and over.
		packets := make([][]byte, 512)
		for i := range packets {
			packets[i] = seal(b, from, string(make([]byte, size)))
		}
		opened := make([]byte, 0, size)
		for n := 0; b.Loop(); n++ {
			if n%len(packets) == 0 {
				forget()
			}
			if _, err := to.Open(opened, packets[n%len(packets)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// eachEnvelope measures without a sealer and with each, from one node to
// another, which forget makes take packets for new.
func eachEnvelope(b *testing.B, measure func(b *testing.B, from, to *security.Envelope, forget func(), size int)) {
	run := func(name string, from, to *security.Envelope, forget func()) {
		for _, size := range sizes {
			b.Run(fmt.Sprintf("%s/%dB", name, size), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(size))
				measure(b, from, to, forget, size)
			})
		}
	}
	plain := security.NewEnvelope("prod", nil)
	run("plain", plain, plain, func() {})
	for _, s := range sealers {
		to := s.make(ringOf(b))
		run(s.name, security.NewEnvelope("prod", s.make(ringOf(b))), security.NewEnvelope("prod", to), to.ForgetCounters)
	}
}

// forgery is a packet that does not open.
type forgery struct {
	name   string
	to     *security.Envelope
	packet []byte
}

// forgeries are packets of 200 bytes that cost their receiver most.
func forgeries(tb testing.TB, make func(*security.Keyring) *security.KeyedSealer) []forgery {
	const prefixAt = security.HeaderBytes
	ring := ringOf(tb)
	from, to := security.NewEnvelope("prod", make(ring)), security.NewEnvelope("prod", make(ring))
	if _, err := to.Open(nil, seal(tb, from, "hello")); err != nil {
		tb.Fatal(err)
	}
	plain := strings.Repeat("x", 200)
	flipped := func(at int) []byte {
		packet := seal(tb, from, plain)
		packet[at] ^= 1
		return packet
	}
	return []forgery{
		{"unknown key", to, flipped(prefixAt)},
		{"unknown session", to, flipped(prefixAt + 4)},
		{"known session", to, flipped(prefixAt + 100)},
	}
}

// BenchmarkForged is what a packet costs that somebody without a key made up. A
// replay costs what any packet does.
func BenchmarkForged(b *testing.B) {
	for _, s := range sealers {
		for _, f := range forgeries(b, s.make) {
			b.Run(s.name+"/"+f.name, func(b *testing.B) {
				b.ReportAllocs()
				room := make([]byte, 0, 300)
				for b.Loop() {
					if _, err := f.to.Open(room, f.packet); err == nil {
						b.Fatal("opened")
					}
				}
			})
		}
	}
}

// BenchmarkNewSession is what a peer costs at its first packet, and the memory
// that it takes from then on.
func BenchmarkNewSession(b *testing.B) {
	for _, s := range sealers {
		b.Run(s.name, func(b *testing.B) {
			ring := ringOf(b)
			packets := make([][]byte, 10_000)
			for i := range packets {
				packets[i] = sealOf(b, s.make(ring), "hello")
			}
			room := make([]byte, 0, 100)
			to := s.make(ring)
			before := heap()
			for _, packet := range packets {
				if _, err := to.Open(room, packet, header); err != nil {
					b.Fatal(err)
				}
			}
			perSession := float64(heap()-before) / float64(len(packets))
			runtime.KeepAlive(to)
			for n := 0; b.Loop(); n++ {
				if n%len(packets) == 0 {
					to = s.make(ring)
				}
				if _, err := to.Open(room, packets[n%len(packets)], header); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(perSession, "B/session") // at the end, since Loop forgets what was reported
		})
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkKeyFromPassphrase(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := security.KeyFromPassphrase("correct horse battery staple", "prod"); err != nil {
			b.Fatal(err)
		}
	}
}
