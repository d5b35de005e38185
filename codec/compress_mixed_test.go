package codec_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// TestCompressedMixes is the matrix of a cluster in which compression is being
// turned on: who reads whom.
func TestCompressedMixes(t *testing.T) {
	nodes := []struct {
		name  string
		codec codec.Inner
		sends bool // what is compressed
		reads bool
	}{
		{"before", codec.Msgpack{}, false, false},
		{"zero", codec.Compressed{}, false, true},
		{"plain", &codec.Compressed{Send: codec.SendPlain}, false, true},
		{"compressed", codec.Compressed{Send: codec.SendCompressed}, true, true},
		{"with its codec named", codec.Compressed{Codec: codec.Msgpack{}, Send: codec.SendCompressed}, true, true},
		{"of a later version", codec.Compressed{Send: 99}, false, true},
	}
	large := sample{name: "large", msg: wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(500)}}
	for _, from := range nodes {
		compressed := 0
		for _, s := range append(samples(), large) {
			data, err := from.codec.Append(nil, &s.msg)
			if err != nil {
				t.Fatal(err)
			}
			packed := data[0] == marked
			if packed {
				compressed++
			}
			for _, to := range nodes {
				var m wire.Message
				err := to.codec.Decode(&m, data)
				switch {
				case packed && !to.reads:
					if !errors.Is(err, codec.ErrMalformed) {
						t.Errorf("%s to %s, %s: %v, want it refused as malformed", from.name, to.name, s.name, err)
					}
				case err != nil:
					t.Errorf("%s to %s, %s: %v", from.name, to.name, s.name, err)
				case !reflect.DeepEqual(bare(m), s.msg):
					t.Errorf("%s to %s, %s: came out as %+v", from.name, to.name, s.name, m)
				}
			}
		}
		if (compressed > 0) != from.sends {
			t.Errorf("%s compressed %d messages", from.name, compressed)
		}
	}
}

// named is a codec whose messages begin with a byte of one's choice.
type named struct {
	codec.Msgpack
	first byte
}

func (n named) Append(dst []byte, m *wire.Message) ([]byte, error) {
	return n.Msgpack.Append(append(dst, n.first), m)
}

func (n named) Decode(m *wire.Message, data []byte) error {
	if len(data) == 0 || data[0] != n.first {
		return errors.New("not mine")
	}
	return n.Msgpack.Decode(m, data[1:])
}

func (n named) Size(m *wire.Message) int { return 1 + n.Msgpack.Size(m) }

// TestCompressedInner wraps a codec that is not ours.
func TestCompressedInner(t *testing.T) {
	m := wire.Message{Kind: wire.Gossip, Sender: alice, Updates: claims(20)}
	for first := range 256 {
		c := codec.Compressed{Codec: named{first: byte(first)}, Send: codec.SendCompressed}
		data, err := c.Append([]byte("before"), &m)
		if first == marked {
			if !errors.Is(err, codec.ErrMalformed) || !strings.Contains(err.Error(), "codec_test.named") || string(data) != "before" {
				t.Errorf("%v, and dst became %.20q", err, data)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		data = bytes.TrimPrefix(data, []byte("before"))
		if plain := unpacked(t, data); data[0] != marked || plain[0] != byte(first) {
			t.Errorf("%#x: sent as % x, which unpacks to % x", first, data[:2], plain[:2])
		}
		if got := read(t, c, data); !reflect.DeepEqual(got, m) {
			t.Errorf("%#x: came out as %+v", first, got)
		}
		if c.Size(&m) != 1+(codec.Msgpack{}).Size(&m) {
			t.Errorf("%#x: Size %d", first, c.Size(&m))
		}
	}
}

// TestCompressedPassesErrorsOn checks what becomes of errors of the inner codec.
func TestCompressedPassesErrorsOn(t *testing.T) {
	dst, err := compressing.Append([]byte("before"), &wire.Message{Updates: make([]wire.Update, wire.MaxUpdates+1)})
	if !errors.Is(err, codec.ErrTooLarge) || string(dst) != "before" {
		t.Errorf("error %v, and dst became %.20q", err, dst)
	}
	m := wire.Message{Kind: wire.Gossip, Sender: alice, Updates: claims(8)}
	plain := encode(t, &m)
	spoiled := append(bytes.Clone(plain), 0)
	for _, data := range [][]byte{spoiled, packS2(spoiled), packZstd(t, spoiled)} {
		err := reading.Decode(&m, data)
		if want := (codec.DecodeError{Err: codec.ErrTrailing, Offset: len(plain)}); err != want {
			t.Errorf("error %v, want %v", err, want)
		}
	}
}

func TestCompressedCheck(t *testing.T) {
	for _, c := range []codec.Compressed{
		{},
		compressing,
		{Codec: codec.Msgpack{}, Send: codec.SendPlain, MaxDecodedBytes: 1},
		{MaxDecodedBytes: codec.MaxDecodableBytes},
	} {
		if err := c.Check(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, c := range []codec.Compressed{
		{Send: 3},
		{MaxDecodedBytes: -5},
		{MaxDecodedBytes: codec.MaxDecodableBytes + 1},
		{Codec: codec.Compressed{}},
		{Codec: &codec.Compressed{}},
	} {
		err := c.Check()
		if err == nil || !strings.HasPrefix(err.Error(), "swim: Compressed.") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %v, want one error that names the field", c, err)
		}
	}
	err := codec.Compressed{Codec: codec.Compressed{}, Send: 3, MaxDecodedBytes: -5}.Check()
	if err == nil || strings.Count(err.Error(), "\n") != 2 || !strings.Contains(err.Error(), "-5") || !strings.Contains(err.Error(), "Sending(3)") {
		t.Errorf("%v, want all three errors", err)
	}
	for s, want := range map[codec.Sending]string{0: "plain", codec.SendPlain: "plain", codec.SendCompressed: "compressed", 9: "Sending(9)"} {
		if s.String() != want {
			t.Errorf("%q, want %q", s, want)
		}
	}
}
