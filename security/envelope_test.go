package security_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/swim-go/swim/security"
)

// xorSealer is a Sealer that is good for tests alone: it hides the plaintext,
// binds the header by a checksum, and knows a key.
type xorSealer struct{ key byte }

var errForged = errors.New("forged")

func (s xorSealer) sum(plain, header []byte) uint32 {
	return crc32.ChecksumIEEE(slices.Concat([]byte{s.key}, plain, header))
}

func (s xorSealer) Seal(dst, plain, header []byte) ([]byte, error) {
	dst = binary.BigEndian.AppendUint32(dst, s.sum(plain, header))
	for _, b := range plain {
		dst = append(dst, b^s.key)
	}
	return dst, nil
}

func (s xorSealer) Open(dst, sealed, header []byte) ([]byte, error) {
	if len(sealed) < 4 {
		return nil, errForged
	}
	begin := len(dst)
	for _, b := range sealed[4:] {
		dst = append(dst, b^s.key)
	}
	if s.sum(dst[begin:], header) != binary.BigEndian.Uint32(sealed) {
		return nil, errForged
	}
	return dst, nil
}

func (s xorSealer) Overhead() int { return 4 }

// brokenSealer seals nothing.
type brokenSealer struct{ xorSealer }

func (brokenSealer) Seal(dst, _, _ []byte) ([]byte, error) { return dst, errForged }

func seal(t testing.TB, e *security.Envelope, plain string) []byte {
	t.Helper()
	packet, err := e.Seal(nil, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return packet
}

func TestOpenReversesSeal(t *testing.T) {
	for name, e := range map[string]*security.Envelope{
		"plain":            security.NewEnvelope("", nil),
		"plain, cluster":   security.NewEnvelope("prod", nil),
		"sealed":           security.NewEnvelope("", xorSealer{7}),
		"sealed, cluster":  security.NewEnvelope("prod", xorSealer{7}),
		"cluster of 4 KiB": security.NewEnvelope(string(make([]byte, 4096)), xorSealer{7}),
	} {
		for _, message := range []string{"", "x", "hello", string(bytes.Repeat([]byte{0xff}, 70000))} {
			packet := seal(t, e, message)
			if got := len(packet) - len(message); got != e.Overhead() {
				t.Errorf("%s: %d bytes longer, and Overhead is %d", name, got, e.Overhead())
			}
			plain, err := e.Open(nil, packet)
			if err != nil || string(plain) != message {
				t.Errorf("%s: opened %d bytes, %v; want %d", name, len(plain), err, len(message))
			}
		}
	}
}

func TestSealAppends(t *testing.T) {
	for _, e := range []*security.Envelope{security.NewEnvelope("c", nil), security.NewEnvelope("c", xorSealer{7})} {
		out, err := e.Seal([]byte("before"), []byte("hello"))
		if err != nil || string(out[:6]) != "before" {
			t.Fatalf("%q, %v", out, err)
		}
		if plain, err := e.Open(nil, out[6:]); err != nil || string(plain) != "hello" {
			t.Errorf("opened %q, %v", plain, err)
		}
	}
}

// What an opened packet is opened to never lies in what was there before.
func TestOpenAppendsWhatWasSealed(t *testing.T) {
	e := security.NewEnvelope("c", xorSealer{7})
	dst := make([]byte, 0, 64)
	plain, err := e.Open(dst, seal(t, e, "hello"))
	if err != nil || &plain[0] != &dst[:1][0] {
		t.Errorf("opened elsewhere, %v", err)
	}
}

func TestRefusals(t *testing.T) {
	ours := security.NewEnvelope("prod", nil)
	sealing := security.NewEnvelope("prod", xorSealer{7})
	alter := func(packet []byte, at int, to byte) []byte {
		packet[at] = to
		return packet
	}
	// resum makes the checksum of an altered packet right again.
	resum := func(packet []byte) []byte {
		sum := crc32.MakeTable(crc32.Castagnoli)
		binary.BigEndian.PutUint32(packet[6:], crc32.Update(crc32.Checksum(packet[:6], sum), sum, packet[10:]))
		return packet
	}
	tests := []struct {
		name   string
		opener *security.Envelope
		packet []byte
		want   error
	}{
		{"empty", ours, nil, security.ErrCorrupt},
		{"header cut", ours, seal(t, ours, "hello")[:5], security.ErrCorrupt},
		{"sum cut", ours, seal(t, ours, "hello")[:9], security.ErrCorrupt},
		{"message cut", ours, seal(t, ours, "hello")[:12], security.ErrCorrupt},
		{"message longer", ours, append(seal(t, ours, "hello"), 0), security.ErrCorrupt},
		{"another version", ours, alter(seal(t, ours, "hello"), 0, 2), security.ErrVersion},
		{"version 0", ours, make([]byte, 20), security.ErrVersion},
		{"unknown flag", ours, resum(alter(seal(t, ours, "hello"), 1, 0x80)), security.ErrVersion},
		{"unknown flag, sealed", sealing, alter(seal(t, sealing, "hello"), 1, 0x81), security.ErrVersion},
		{"flag flipped by accident", ours, alter(seal(t, ours, "hello"), 1, 0x80), security.ErrCorrupt},
		{"another cluster", ours, seal(t, security.NewEnvelope("test", nil), "hello"), security.ErrCluster},
		{"no cluster", ours, seal(t, security.NewEnvelope("", nil), "hello"), security.ErrCluster},
		{"another cluster, sealed", sealing, seal(t, security.NewEnvelope("test", xorSealer{7}), "hello"), security.ErrCluster},
		{"another cluster's tag by accident", ours, alter(seal(t, ours, "hello"), 2, 0), security.ErrCorrupt},
		{"sealed for us, who cannot", ours, seal(t, sealing, "hello"), security.ErrSealed},
		{"plain for us, who seal", sealing, seal(t, ours, "hello"), security.ErrPlain},
		{"corrupt and plain for us, who seal", sealing, alter(seal(t, ours, "hello"), 12, 0), security.ErrCorrupt},
		{"another key", sealing, seal(t, security.NewEnvelope("prod", xorSealer{8}), "hello"), security.ErrOpen},
		{"sealed and cut", sealing, seal(t, sealing, "hello")[:8], security.ErrOpen},
		{"sealed and altered", sealing, alter(seal(t, sealing, "hello"), 11, 0), security.ErrOpen},
	}
	all := []error{
		security.ErrVersion, security.ErrCluster, security.ErrCorrupt,
		security.ErrSealed, security.ErrPlain, security.ErrOpen,
	}
	for _, test := range tests {
		plain, err := test.opener.Open(nil, test.packet)
		for _, kind := range all {
			if errors.Is(err, kind) != (kind == test.want) {
				t.Errorf("%s: %v, want %v alone", test.name, err, test.want)
			}
		}
		if plain != nil {
			t.Errorf("%s: refused, and yet revealed %q", test.name, plain)
		}
	}
	if _, err := sealing.Open(nil, seal(t, sealing, "hello")[:8]); !errors.Is(err, errForged) {
		t.Errorf("%v does not say what the sealer said", err)
	}
}

// The tag is a hash of 32 bits, so other clusters may share it. A sealed packet
// of theirs must not open for all that.
func TestSealBindsTheWholeName(t *testing.T) {
	theirs := seal(t, security.NewEnvelope("test", xorSealer{7}), "hello")
	ours := security.NewEnvelope("prod", xorSealer{7})
	copy(theirs[2:6], seal(t, ours, "")[2:6])
	if _, err := ours.Open(nil, theirs); !errors.Is(err, security.ErrOpen) {
		t.Errorf("opened with %v, want ErrOpen", err)
	}
}

// Each flip of one bit is noticed, and only one in the version or in the flag
// that says how to read the rest can look like anything but corruption.
func TestEveryFlippedBitIsNoticed(t *testing.T) {
	e := security.NewEnvelope("prod", nil)
	for bit := range 8 * len(seal(t, e, "hello")) {
		packet := seal(t, e, "hello")
		packet[bit/8] ^= 1 << (bit % 8)
		want := security.ErrCorrupt
		switch {
		case bit < 8:
			want = security.ErrVersion
		case bit == 8:
			want = security.ErrSealed
		}
		if _, err := e.Open(nil, packet); !errors.Is(err, want) {
			t.Errorf("bit %d of byte %d: %v, want %v", bit%8, bit/8, err, want)
		}
	}
}

func TestSealerThatFails(t *testing.T) {
	e := security.NewEnvelope("prod", brokenSealer{})
	out, err := e.Seal([]byte("before"), []byte("hello"))
	if !errors.Is(err, errForged) || string(out) != "before" {
		t.Errorf("Seal = %q, %v; want what was there, and why", out, err)
	}
}

func FuzzOpen(f *testing.F) {
	ours, sealing := security.NewEnvelope("prod", nil), security.NewEnvelope("prod", xorSealer{7})
	f.Add(seal(f, ours, "hello"))
	f.Add(seal(f, sealing, "hello"))
	f.Add([]byte{security.Version, 0xff, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, packet []byte) {
		for _, e := range []*security.Envelope{ours, sealing} {
			plain, err := e.Open(nil, slices.Clone(packet))
			if err != nil {
				continue
			}
			// Whatever opens is what Seal makes of it, byte for byte.
			if again := seal(t, e, string(plain)); !bytes.Equal(again, packet) {
				t.Errorf("%x opens to %x, which is sealed as %x", packet, plain, again)
			}
		}
	})
}
