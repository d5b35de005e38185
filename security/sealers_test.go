package security_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/swim-go/swim/security"
)

// sealers are the three, for what holds for each of them.
var sealers = []struct {
	name string
	make func(*security.Keyring) *security.KeyedSealer
}{
	{"HMAC", security.NewHMAC},
	{"AESGCM", security.NewAESGCM},
	{"XChaCha20Poly1305", security.NewXChaCha20Poly1305},
}

// eachSealer runs test once per sealer, as a maker of those.
func eachSealer(t *testing.T, test func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer)) {
	for _, s := range sealers {
		t.Run(s.name, func(t *testing.T) {
			test(t, func(keys ...security.Key) *security.KeyedSealer { return s.make(ringOf(t, keys...)) })
		})
	}
}

// keyOf returns one of 255 keys.
func keyOf(n byte) security.Key {
	key, err := security.NewKey(bytes.Repeat([]byte{n}, security.KeyBytes))
	if err != nil {
		panic(err)
	}
	return key
}

// ringOf returns a keyring of these, or of keyOf(1).
func ringOf(t testing.TB, keys ...security.Key) *security.Keyring {
	t.Helper()
	if len(keys) == 0 {
		keys = []security.Key{keyOf(1)}
	}
	ring, err := security.NewKeyring(keys[0], keys[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// header stands for what an Envelope has authenticated.
var header = []byte("a header")

func sealOf(t testing.TB, s *security.KeyedSealer, plain string) []byte {
	t.Helper()
	sealed, err := s.Seal(nil, []byte(plain), header)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// expect opens a copy of sealed and wants that error, or none.
func expect(t testing.TB, s *security.KeyedSealer, sealed []byte, want error) {
	t.Helper()
	plain, err := s.Open(nil, slices.Clone(sealed), header)
	if !errors.Is(err, want) {
		t.Errorf("opens with %v, want %v", err, want)
	}
	if err != nil && (!errors.Is(err, security.ErrOpen) || plain != nil) {
		t.Errorf("refused with %v and %q, want ErrOpen and nothing", err, plain)
	}
}

// The parts of a sealed message.
func counterOf(sealed []byte) uint64 { return binary.BigEndian.Uint64(sealed[16:]) }
func stampOf(sealed []byte) uint32   { return binary.BigEndian.Uint32(sealed[24:]) }
func sessionOf(sealed []byte) string { return fmt.Sprintf("%x", sealed[4:16]) }

// fakeClock is the clock of one machine.
type fakeClock struct {
	unix int64
	mono time.Duration
}

func newClock() *fakeClock { return &fakeClock{unix: 1_700_000_000} }

func (c *fakeClock) read() (int64, time.Duration) { return c.unix, c.mono }

// pass lets time pass, and set sets the wall clock.
func (c *fakeClock) pass(d time.Duration) {
	c.unix += int64(d / time.Second)
	c.mono += d
}
func (c *fakeClock) set(by time.Duration) { c.unix += int64(by / time.Second) }

// on puts sealers on a clock.
func (c *fakeClock) on(sealers ...*security.KeyedSealer) {
	for _, s := range sealers {
		s.SetClock(c.read)
	}
}
