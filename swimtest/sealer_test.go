package swimtest

import (
	"bytes"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
)

func TestGoodSealer(t *testing.T) {
	TestSealer(t, func(t *testing.T) swim.Sealer { return goodSealer(t, 1) })
}

// goodSealer has the key of that number.
func goodSealer(t *testing.T, number byte) swim.Sealer {
	key, err := security.NewKey(bytes.Repeat([]byte{number}, security.KeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := security.NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	return security.NewXChaCha20Poly1305(ring)
}

// spoiltSealer is a good one but for the methods that are given.
type spoiltSealer struct {
	swim.Sealer
	seal     func(s swim.Sealer, dst, plain, header []byte) ([]byte, error)
	open     func(s swim.Sealer, dst, sealed, header []byte) ([]byte, error)
	less     int
	validate error
}

func (s *spoiltSealer) Seal(dst, plain, header []byte) ([]byte, error) {
	if s.seal != nil {
		return s.seal(s.Sealer, dst, plain, header)
	}
	return s.Sealer.Seal(dst, plain, header)
}

func (s *spoiltSealer) Open(dst, sealed, header []byte) ([]byte, error) {
	if s.open != nil {
		return s.open(s.Sealer, dst, sealed, header)
	}
	return s.Sealer.Open(dst, sealed, header)
}

func (s *spoiltSealer) Overhead() int { return s.Sealer.Overhead() - s.less }

func (s *spoiltSealer) Validate() error { return s.validate }

func TestBrokenSealers(t *testing.T) {
	spoilt := func(s spoiltSealer) func(*testing.T) func() swim.Sealer {
		return func(t *testing.T) func() swim.Sealer {
			return func() swim.Sealer {
				made := s
				made.Sealer = goodSealer(t, 1)
				return &made
			}
		}
	}
	var inside atomic.Int32
	catches(t, sealerSentences, false, []broken[func() swim.Sealer]{
		{
			fault: "each sealer has a key of its own", sentence: "One node opens what another sealed",
			also: []string{"Seal appends to dst", "Open appends to dst", "Several goroutines may use it at once"},
			bind: func(t *testing.T) func() swim.Sealer {
				var made byte
				return func() swim.Sealer {
					made++
					return goodSealer(t, made)
				}
			},
		},
		{
			fault: "one's own is refused", sentence: "A node opens what it sealed itself",
			bind: func(t *testing.T) func() swim.Sealer {
				var made byte
				return func() swim.Sealer {
					made++
					own := made
					return &spoiltSealer{
						Sealer: goodSealer(t, 1),
						seal: func(s swim.Sealer, dst, plain, header []byte) ([]byte, error) {
							sealed, err := s.Seal(dst, plain, header)
							return append(sealed, own), err
						},
						open: func(s swim.Sealer, dst, sealed, header []byte) ([]byte, error) {
							last := len(sealed) - 1
							if last < 0 || sealed[last] == own || sealed[last] == 0 || sealed[last] > made {
								return dst, errBroken
							}
							return s.Open(dst, sealed[:last], header)
						},
						less: -1,
					}
				}
			},
			// The byte is not authenticated: that it was altered shows only where it is
			// nobody's or the opener's own.
		},
		{
			fault: "Seal overwrites dst", sentence: "Seal appends to dst",
			bind: spoilt(spoiltSealer{seal: func(s swim.Sealer, dst, plain, header []byte) ([]byte, error) {
				return s.Seal(dst[:0], plain, header)
			}}),
		},
		{
			fault: "Open overwrites dst", sentence: "Open appends to dst",
			bind: spoilt(spoiltSealer{open: func(s swim.Sealer, dst, sealed, header []byte) ([]byte, error) {
				return s.Open(dst[:0], sealed, header)
			}}),
		},
		{
			fault: "plain is sealed in its place", sentence: "Plain and header stay as they are",
			bind: spoilt(spoiltSealer{seal: func(s swim.Sealer, dst, plain, header []byte) ([]byte, error) {
				sealed, err := s.Seal(dst, plain, header)
				if len(plain) == 1400 {
					clear(plain)
				}
				return sealed, err
			}}),
		},
		{
			fault: "the header is used as scratch", sentence: "Plain and header stay as they are",
			bind: spoilt(spoiltSealer{open: func(s swim.Sealer, dst, sealed, header []byte) ([]byte, error) {
				plain, err := s.Open(dst, sealed, header)
				if len(sealed) == 1400+s.Overhead() {
					header[0]++
				}
				return plain, err
			}}),
		},
		{
			fault: "the header is ignored", sentence: "The header is authenticated",
			bind: spoilt(spoiltSealer{
				seal: func(s swim.Sealer, dst, plain, _ []byte) ([]byte, error) { return s.Seal(dst, plain, nil) },
				open: func(s swim.Sealer, dst, sealed, _ []byte) ([]byte, error) { return s.Open(dst, sealed, nil) },
			}),
		},
		{
			fault: "what follows is ignored", sentence: "What was altered does not open",
			bind: spoilt(spoiltSealer{
				seal: func(s swim.Sealer, dst, plain, header []byte) ([]byte, error) {
					sealed, err := s.Seal(dst, plain, header)
					return append(sealed, 0), err
				},
				open: func(s swim.Sealer, dst, sealed, header []byte) ([]byte, error) {
					return s.Open(dst, sealed[:max(0, len(sealed)-1)], header)
				},
				less: -1,
			}),
		},
		{
			fault: "what is altered is returned with the error", sentence: "What does not open reveals nothing",
			bind: spoilt(revealing(true)),
		},
		{
			fault: "what is altered is left in dst", sentence: "What does not open reveals nothing",
			bind: spoilt(revealing(false)),
		},
		{
			fault: "Open panics of what is too short", sentence: "Open of any bytes returns an error rather than panic",
			bind: spoilt(spoiltSealer{open: func(s swim.Sealer, dst, sealed, header []byte) ([]byte, error) {
				if len(sealed) == 200 {
					panic("too short")
				}
				return s.Open(dst, sealed, header)
			}}),
		},
		{
			fault: "Overhead falls short by a byte", sentence: "Overhead is the most that Seal adds",
			bind: spoilt(spoiltSealer{less: 1}),
		},
		{
			fault: "it is for one at a time", sentence: "Several goroutines may use it at once",
			bind: spoilt(spoiltSealer{seal: func(s swim.Sealer, dst, plain, header []byte) ([]byte, error) {
				defer inside.Add(-1)
				if inside.Add(1) > 1 {
					return dst, errBroken
				}
				for range 10 {
					runtime.Gosched()
				}
				return s.Seal(dst, plain, header)
			}}),
		},
		{
			fault: "it is set up wrongly", sentence: "Validate returns nil for a layer that can be used",
			bind: spoilt(spoiltSealer{validate: errBroken}),
		},
	})
}

// revealing sealers do not notice in time that the tag is not right: they return what the
// message says as well, or leave it behind dst.
func revealing(returned bool) spoiltSealer {
	return spoiltSealer{open: func(s swim.Sealer, dst, sealed, header []byte) ([]byte, error) {
		plain, err := s.Open(dst, sealed, header)
		if err == nil {
			return plain, nil
		}
		plain = append(dst, secret(40)...)
		if returned {
			return plain, err
		}
		return dst, err
	}}
}
