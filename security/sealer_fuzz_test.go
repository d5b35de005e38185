package security_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/swim-go/swim/security"
)

func FuzzOpenHMAC(f *testing.F)              { fuzzOpen(f, security.NewHMAC) }
func FuzzOpenAESGCM(f *testing.F)            { fuzzOpen(f, security.NewAESGCM) }
func FuzzOpenXChaCha20Poly1305(f *testing.F) { fuzzOpen(f, security.NewXChaCha20Poly1305) }

// fuzzOpen: whatever comes in is refused as not opening, unless it is what was
// sealed, and changes nothing: what was sealed still opens afterwards, once.
func fuzzOpen(f *testing.F, make func(*security.Keyring) *security.KeyedSealer) {
	ring, clock := ringOf(f), newClock()
	from := make(ring)
	clock.on(from)
	from.SetSessions(func(session []byte) { copy(session, "always so") })
	genuine := [][]byte{sealOf(f, from, ""), sealOf(f, from, "hello"), sealOf(f, from, "and again")}
	for _, packet := range genuine {
		f.Add(packet, []byte("before"))
		f.Add(packet[:len(packet)-1], []byte(nil))
	}
	f.Fuzz(func(t *testing.T, packet, before []byte) {
		s := make(ring)
		clock.on(s)
		out, err := s.Open(slices.Clone(before), slices.Clone(packet), header)
		sealed := slices.ContainsFunc(genuine, func(g []byte) bool { return bytes.Equal(g, packet) })
		switch {
		case sealed != (err == nil):
			t.Fatalf("%x: %v; sealed by a holder of the key: %v", packet, err, sealed)
		case err != nil && (out != nil || !errors.Is(err, security.ErrOpen)):
			t.Fatalf("%x: refused with %v and %x", packet, err, out)
		case err == nil && !bytes.HasPrefix(out, before):
			t.Fatalf("%x: opened over what was there", packet)
		}
		for _, g := range genuine {
			_, err := s.Open(nil, slices.Clone(g), header)
			if again := bytes.Equal(g, packet); again != errors.Is(err, security.ErrReplay) || !again && err != nil {
				t.Fatalf("after %x, %x opens with %v", packet, g, err)
			}
		}
	})
}
