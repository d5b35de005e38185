package codec_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// compressing sends compressed what gets shorter by it; reading is the zero
// value, which reads that.
var compressing, reading = codec.Compressed{Send: codec.SendCompressed}, codec.Compressed{}

const marked = 0xc1

// compress is Append of compressing where it cannot fail.
func compress(t testing.TB, m *wire.Message) []byte {
	t.Helper()
	b, err := compressing.Append(nil, m)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	return b
}

// read is Decode into a new message where it cannot fail.
func read(t testing.TB, c codec.Inner, data []byte) wire.Message {
	t.Helper()
	var m wire.Message
	if err := c.Decode(&m, data); err != nil {
		t.Fatalf("Decode: %v", err)
	}
	return bare(m)
}

// bare returns m so that it can be compared: without Room, and no claims as nil.
func bare(m wire.Message) wire.Message {
	m.Room = nil
	if len(m.Updates) == 0 {
		m.Updates = nil
	}
	if len(m.Broadcasts) == 0 {
		m.Broadcasts = nil
	}
	return m
}

// unpacked unpacks data without our code. Data that is plain is returned as it is.
func unpacked(t testing.TB, data []byte) []byte {
	t.Helper()
	if len(data) == 0 || data[0] != marked {
		return data
	}
	var plain []byte
	var err error
	switch data[1] {
	case 1:
		plain, err = s2.Decode(nil, data[2:])
	case 2:
		var d *zstd.Decoder
		if d, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1)); err == nil {
			plain, err = d.DecodeAll(data[2:], nil)
			d.Close()
		}
	default:
		t.Fatalf("form %d", data[1])
	}
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// likely returns a message as random does, or one of those that are worth
// compressing: a table, a text, or what is almost not worth it.
func likely(rng *rand.Rand) wire.Message {
	m := random(rng)
	switch rng.IntN(5) {
	case 0:
		m.Updates = claims(rng.IntN(400))
	case 1:
		m.Payload = []byte(strings.Repeat("all work and no play ", rng.IntN(4000)))
	case 2:
		m.Payload = make([]byte, 1+rng.IntN(1<<16)) // unpacks to more than a receiver believes
	case 3:
		noise := make([]byte, 1+rng.IntN(1500))
		for i := range noise {
			noise[i] = byte(rng.Uint32())
		}
		m.Payload = append(noise, noise[:rng.IntN(1+len(noise)/3)]...)
	}
	if len(m.Payload) == 0 {
		m.Payload = nil
	}
	return bare(m)
}

// TestCompressedContract checks what swim.Codec asks of Append, Decode and Size,
// and that what is sent is what Msgpack writes, or unpacks to it.
func TestCompressedContract(t *testing.T) {
	var forms [3]int // how many messages were sent in each, 0 being plain
	for s := *seed; s < *seed+1500; s++ {
		m := likely(rand.New(rand.NewPCG(s, 3)))
		data, err := compressing.Append([]byte("before "), &m)
		if err != nil {
			t.Fatal(err)
		}
		data, cut := bytes.CutPrefix(data, []byte("before "))
		if !cut {
			t.Error("what was in dst is gone")
		}
		forms[checkSent(t, &m, data)]++
		for _, c := range []codec.Compressed{compressing, reading} {
			if got := read(t, c, data); !reflect.DeepEqual(got, m) {
				t.Errorf("%+v\ncame out as\n%+v", m, got)
			}
		}
		if again := likely(rand.New(rand.NewPCG(s, 3))); !reflect.DeepEqual(again, m) {
			t.Error("Append changed its message")
		}
		if t.Failed() {
			t.Fatalf("replay with -run TestCompressedContract -seed %d", s)
		}
	}
	for form, n := range forms {
		if n < 50 {
			t.Errorf("only %d messages in form %d: the test shows little", n, form)
		}
	}
}

// checkSent checks the bytes that are sent for m and returns their form.
func checkSent(t *testing.T, m *wire.Message, data []byte) (form byte) {
	t.Helper()
	plain := encode(t, m)
	packed := data[0] == marked
	switch {
	case !bytes.Equal(unpacked(t, data), plain):
		t.Errorf("%d bytes do not unpack to the %d of Msgpack", len(data), len(plain))
	case packed && 10*(len(plain)-len(data)) < len(plain):
		t.Errorf("%d bytes, plain %d: that saves less than a tenth", len(data), len(plain))
	case packed && (len(plain) < 256 || len(plain) > 64*len(data)):
		t.Errorf("%d bytes compressed to %d", len(plain), len(data))
	case len(data) > len(plain) || len(data) > compressing.Size(m):
		t.Errorf("%d bytes, plain %d, Size %d", len(data), len(plain), compressing.Size(m))
	case compressing.Size(m) != codec.Msgpack{}.Size(m):
		t.Errorf("Size %d, that of Msgpack %d", compressing.Size(m), codec.Msgpack{}.Size(m))
	}
	for i := range m.Updates {
		if got, want := compressing.UpdateSize(&m.Updates[i]), (codec.Msgpack{}).UpdateSize(&m.Updates[i]); got != want {
			t.Errorf("UpdateSize %d, that of Msgpack %d", got, want)
		}
	}
	if !packed {
		return 0
	}
	return data[1]
}

// TestCompressedForms checks which messages are sent how.
func TestCompressedForms(t *testing.T) {
	text := func(n int) wire.Message { // of n bytes in all
		m := wire.Message{Kind: wire.User, Sender: alice}
		room := n - len(encode(t, &m))
		line := "the quick brown fox jumps over the lazy dog and "
		m.Payload = []byte(strings.Repeat(line, n/len(line)+1)[:room])
		for len(encode(t, &m)) > n { // the length of a long payload takes a byte more
			m.Payload = m.Payload[1:]
		}
		return m
	}
	zeros := wire.Message{Kind: wire.User, Sender: alice, Payload: make([]byte, 1<<20)}
	noise := wire.Message{Kind: wire.User, Sender: alice, Payload: make([]byte, 1000)}
	for i, rng := 0, rand.New(rand.NewPCG(1, 4)); i < len(noise.Payload); i++ {
		noise.Payload[i] = byte(rng.Uint32())
	}
	for _, c := range []struct {
		name string
		msg  wire.Message
		form byte // 0 for plain
	}{
		{"a ping", samples()[0].msg, 0},
		{"255 bytes", text(255), 0},
		{"256 bytes", text(256), 1},
		{"a packet", text(1400), 1},
		{"4 KiB less 1", text(4<<10 - 1), 1},
		{"4 KiB", text(4 << 10), 2},
		{"a sync", wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(1000)}, 2},
		{"noise", noise, 0},
		{"too much of the same", zeros, 0},
	} {
		data, got := compress(t, &c.msg), byte(0)
		if data[0] == marked {
			got = data[1]
		}
		if got != c.form {
			t.Errorf("%s, %d bytes plain, is sent in form %d of %d bytes, want %d", c.name, len(encode(t, &c.msg)), got, len(data), c.form)
		}
	}
}

// TestCompressedTenth repeats more and more of a noise, until that saves a tenth.
func TestCompressedTenth(t *testing.T) {
	noise := make([]byte, 1000)
	for i, rng := 0, rand.New(rand.NewPCG(1, 7)); i < len(noise); i++ {
		noise[i] = byte(rng.Uint32())
	}
	first := 0 // how much of it has to be repeated
	for n := range 300 {
		m := wire.Message{Kind: wire.User, Sender: alice, Payload: append(noise[:1000:1000], noise[:n]...)}
		form := checkSent(t, &m, compress(t, &m))
		if form == 1 && first == 0 {
			first = n
		}
		if (form == 1) != (first > 0) {
			t.Errorf("%d bytes more are sent in form %d, and %d were in 1", n, form, first)
		}
	}
	if first < 100 || first > 150 { // about a tenth, and what it takes to say so
		t.Errorf("compressed from %d bytes more on", first)
	}
}

// TestCompressedFallsBackToS2 is about tables so alike that zstd makes them too
// short to be believed, and s2 does not.
func TestCompressedFallsBackToS2(t *testing.T) {
	m := wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(200)}
	for i := range m.Updates {
		m.Updates[i].Meta = strings.Repeat("role=web,zone=eu-1,", 30)
		m.Updates[i].Epoch = epoch
	}
	if data := compress(t, &m); data[0] != marked || data[1] != 1 {
		t.Errorf("sent as % x, want S2", data[:2])
	} else if got := read(t, reading, data); !reflect.DeepEqual(got, m) {
		t.Error("came out differently")
	}
}

// TestCompressedHonestTables checks that the ratio limit leaves honest tables
// alone: names, addresses and epochs of rows differ, all the rest may not.
func TestCompressedHonestTables(t *testing.T) {
	for _, meta := range []string{"", "rack=12", strings.Repeat("role=web,zone=eu-1,", 27)[:512]} {
		rng := rand.New(rand.NewPCG(*seed, 5))
		m := wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(10_000)}
		for i := range m.Updates {
			u := &m.Updates[i]
			u.State, u.From, u.Age, u.Incarnation, u.Meta = wire.Alive, "", 0, 0, meta
			u.Epoch = epoch + rng.Uint64N(1e12) // all were started within 17 minutes
		}
		plain, data := encode(t, &m), compress(t, &m)
		ratio := float64(len(plain)) / float64(len(data))
		t.Logf("10,000 rows with %d bytes of metadata: %d bytes, compressed %d, ratio %.1f", len(meta), len(plain), len(data), ratio)
		if data[0] != marked || data[1] != 2 || ratio > codec.MaxRatio*3/4 {
			t.Errorf("sent as % x at ratio %.1f, want zstd well below %d (seed %d)", data[:2], ratio, codec.MaxRatio, *seed)
		}
		if got := read(t, reading, data); !reflect.DeepEqual(got, m) {
			t.Error("came out differently")
		}
	}
}

// TestCompressedKeepsToItsLimit checks both sides of MaxDecodedBytes.
func TestCompressedKeepsToItsLimit(t *testing.T) {
	for _, n := range []int{8, 100} { // s2 and zstd
		m := wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(n)}
		size, data := len(encode(t, &m)), compress(t, &m)
		for limit, want := range map[int]bool{size - 1: false, size: true, 1: false, 0: true, -1: true} {
			c := codec.Compressed{Send: codec.SendCompressed, MaxDecodedBytes: limit}
			sent, err := c.Append(nil, &m)
			if err != nil || (sent[0] == marked) != want {
				t.Errorf("%d of %d bytes: compressed %v, want %v (%v)", size, limit, sent[0] == marked, want, err)
			}
			var got wire.Message
			err = c.Decode(&got, data)
			if (err == nil) != want {
				t.Errorf("%d of %d bytes: %v, want accepted %v", size, limit, err, want)
			}
			if err != nil {
				checkReset(t, &got)
			}
			if err = c.Decode(&got, encode(t, &m)); err != nil {
				t.Errorf("%d of %d bytes, plain: %v", size, limit, err)
			}
		}
	}
}
