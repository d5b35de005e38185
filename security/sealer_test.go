package security_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/swim-go/swim/security"
)

func TestSealerOpensWhatAnotherSealed(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		a, b := sealer(), sealer()
		for _, size := range []int{0, 1, 15, 16, 17, 63, 64, 65, 200, 1400, security.BulkBytes, security.BulkBytes + 1, 65_507, 1 << 20} {
			plain := bytes.Repeat([]byte{0xa5}, size)
			sealed, err := a.Seal([]byte("before"), plain, header)
			if err != nil || string(sealed[:6]) != "before" || len(sealed) != 6+size+a.Overhead() {
				t.Fatalf("%d bytes: sealed as %d, %v", size, len(sealed), err)
			}
			opened, err := b.Open([]byte("before"), sealed[6:], header)
			if err != nil || !bytes.Equal(opened, append([]byte("before"), plain...)) {
				t.Fatalf("%d bytes: opened as %d, %v", size, len(opened), err)
			}
		}
	})
}

func TestWhatHidesAndWhatDoesNot(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		secret := strings.Repeat("attack at dawn ", 4)
		shows := bytes.Contains(sealOf(t, sealer(), secret), []byte(secret[:8]))
		if want := strings.HasSuffix(t.Name(), "HMAC"); shows != want {
			t.Errorf("the plaintext shows: %v, want %v", shows, want)
		}
	})
}

func TestSealerRefusesEveryFlippedBit(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		a, b := sealer(), sealer()
		for _, plain := range []string{"", "a message"} {
			sealed := sealOf(t, a, plain)
			for bit := range 8 * len(sealed) {
				flipped := slices.Clone(sealed)
				flipped[bit/8] ^= 1 << (bit % 8)
				want := security.ErrForged
				if bit < 8*4 {
					want = security.ErrKey
				}
				expect(t, b, flipped, want)
			}
			expect(t, b, sealed, nil)
		}
	})
}

func TestSealerRefusesEveryTruncation(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		a, b := sealer(), sealer()
		sealed := sealOf(t, a, "a message")
		for n := range sealed {
			expect(t, b, sealed[:n], security.ErrForged)
			expect(t, b, sealed[n+1:], security.ErrOpen)
		}
		expect(t, b, append(slices.Clone(sealed), 0), security.ErrForged)
		expect(t, b, sealed, nil)
	})
}

func TestSealerBindsTheHeader(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		a, b := sealer(), sealer()
		sealed := sealOf(t, a, "a message")
		for _, other := range []string{"", "a heade", "a headeR", "a header "} {
			if _, err := b.Open(nil, slices.Clone(sealed), []byte(other)); !errors.Is(err, security.ErrForged) {
				t.Errorf("opens under %q with %v", other, err)
			}
		}
		// Where header ends and prefix begins is no matter of opinion: a byte
		// moved from one to the other makes another message.
		moved := append(slices.Clone(header), sealed[0])
		if _, err := b.Open(nil, sealed[1:], moved); err == nil {
			t.Error("opens with a byte moved from the prefix into the header")
		}
	})
}

// One keyring serves all algorithms, and yet none opens what another sealed.
func TestAlgorithmsShareNoKey(t *testing.T) {
	ring := ringOf(t)
	for _, from := range sealers {
		for _, to := range sealers {
			want := security.ErrForged
			if from.name == to.name {
				want = nil
			}
			for _, plain := range []string{"", "a message"} {
				expect(t, to.make(ring), sealOf(t, from.make(ring), plain), want)
			}
		}
	}
}

func TestSealerWithoutTheKey(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		sealed := sealOf(t, sealer(keyOf(2)), "a message")
		b := sealer(keyOf(1))
		expect(t, b, sealed, security.ErrKey)
		copy(sealed, sealOf(t, b, "")[:4]) // an id that b has, over another key's packet
		expect(t, b, sealed, security.ErrForged)
		expect(t, sealer(keyOf(1), keyOf(2)), sealOf(t, sealer(keyOf(2)), "a message"), nil)
	})
}

func TestSealerWithoutAnyKey(t *testing.T) {
	for _, s := range sealers {
		for _, ring := range []*security.Keyring{nil, new(security.Keyring)} {
			sealer := s.make(ring)
			if out, err := sealer.Seal([]byte("before"), []byte("x"), nil); !errors.Is(err, security.ErrNoKey) || string(out) != "before" {
				t.Errorf("%s: sealed %q, %v", s.name, out, err)
			}
			expect(t, sealer, make([]byte, 100), security.ErrKey)
		}
	}
}

// Nothing of a packet that is refused stays in the room it was opened into.
func TestRefusalRevealsNothing(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		a, b := sealer(), sealer()
		sealed := sealOf(t, a, "attack at dawn")
		expect(t, b, sealed, nil)
		forged := sealOf(t, a, "attack at dusk")
		forged[len(forged)-1] ^= 1
		for name, packet := range map[string][]byte{"replay": sealed, "forgery": forged} {
			room := make([]byte, 0, 64)
			if _, err := b.Open(room, packet, header); err == nil {
				t.Fatalf("%s: opened", name)
			}
			if bytes.Contains(room[:64], []byte("attack")) {
				t.Errorf("%s: refused, and its plaintext is left in the buffer", name)
			}
		}
	})
}

// The bytes are those that the documentation promises, made here by the
// primitives alone.
func TestSealedByTheBook(t *testing.T) {
	key := keyOf(9)
	secret := bytes.Repeat([]byte{9}, security.KeyBytes)
	plain := []byte("a message")
	derive := func(name string) []byte {
		k, err := hkdf.Key(sha256.New, secret, nil, "swim sealer v1 "+name, 32)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	open := map[string]func(prefix, body []byte) ([]byte, error){
		"HMAC": func(prefix, body []byte) ([]byte, error) {
			mac := hmac.New(sha256.New, derive("hmac-sha256"))
			text := body[:len(body)-16]
			mac.Write(slices.Concat(binary.BigEndian.AppendUint64(nil, uint64(len(header))), header, prefix, text))
			if !bytes.Equal(mac.Sum(nil)[:16], body[len(text):]) {
				return nil, errors.New("another tag")
			}
			return text, nil
		},
		"AESGCM": func(prefix, body []byte) ([]byte, error) {
			k, err := hkdf.Expand(sha256.New, derive("aes-256-gcm"), "swim session "+string(prefix[4:16]), 32)
			if err != nil {
				return nil, err
			}
			block, err := aes.NewCipher(k)
			if err != nil {
				return nil, err
			}
			gcm, err := cipher.NewGCM(block)
			if err != nil {
				return nil, err
			}
			return gcm.Open(nil, prefix[16:28], body, header)
		},
		"XChaCha20Poly1305": func(prefix, body []byte) ([]byte, error) {
			x, err := chacha20poly1305.NewX(derive("xchacha20-poly1305"))
			if err != nil {
				return nil, err
			}
			return x.Open(nil, prefix[4:28], body, header)
		},
	}
	for _, s := range sealers {
		sealer := s.make(ringOf(t, key))
		clock := newClock()
		clock.on(sealer)
		for n := range uint64(3) {
			sealed := sealOf(t, sealer, string(plain))
			id := sha256.Sum256(append([]byte("swim key id "), secret...))
			if !bytes.Equal(sealed[:4], id[:4]) || counterOf(sealed) != n+1 || stampOf(sealed) != uint32(clock.unix) {
				t.Errorf("%s: prefix %x of packet %d at %d", s.name, sealed[:28], n+1, clock.unix)
			}
			if got, err := open[s.name](sealed[:28], sealed[28:]); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%s: opens by the book as %q, %v", s.name, got, err)
			}
		}
	}
}

// A node pings itself to learn whether its own input works. So what comes back
// opens, but like anything else once.
func TestReflectedPacketOpensOnce(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		a := sealer()
		sealed := sealOf(t, a, "is my input working?")
		expect(t, a, sealed, nil)
		expect(t, a, sealed, security.ErrReplay)
	})
}

func TestSealerStats(t *testing.T) {
	a, b := security.NewHMAC(ringOf(t)), security.NewHMAC(ringOf(t))
	clock := newClock()
	clock.on(a, b)
	first := sealOf(t, a, "1")
	expect(t, b, first, nil)
	expect(t, b, first, security.ErrReplay)
	expect(t, b, first[:10], security.ErrForged)
	expect(t, b, append(slices.Clone(first), 1), security.ErrForged)
	for range 3 {
		expect(t, b, make([]byte, 100), security.ErrKey)
	}
	stale := sealOf(t, security.NewHMAC(ringOf(t)), "1") // by the clock of this machine
	for range 4 {
		expect(t, b, stale, security.ErrSkew)
	}
	want := security.SealerStats{Sessions: 1, Key: 3, Forged: 2, Replay: 1, Skew: 4}
	if got := b.Stats(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
