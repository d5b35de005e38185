package codec_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// checkRefused checks all that Decode promises where it returns an error.
func checkRefused(t testing.TB, m *wire.Message, err error, data []byte) {
	t.Helper()
	e, ok := errors.AsType[codec.DecodeError](err)
	switch {
	case err == nil:
		t.Errorf("no error")
	case !ok:
		t.Errorf("error of type %T, want DecodeError", err)
	case e.Offset < 0 || e.Offset > len(data):
		t.Errorf("error at byte %d of %d", e.Offset, len(data))
	case !strings.HasPrefix(err.Error(), "swim: "):
		t.Errorf("error %q without prefix", err)
	}
	checkReset(t, m)
}

// checkReset checks that m is empty, its room included: what is left in there
// would keep an old packet in memory.
func checkReset(t testing.TB, m *wire.Message) {
	t.Helper()
	for i, u := range m.Updates[:cap(m.Updates)] {
		if u != (wire.Update{}) {
			t.Errorf("the room of Updates still holds %+v at %d", u, i)
			break
		}
	}
	for i, b := range m.Broadcasts[:cap(m.Broadcasts)] {
		if !reflect.ValueOf(b).IsZero() {
			t.Errorf("the room of Broadcasts still holds %+v at %d", b, i)
			break
		}
	}
	if m.Kind != 0 || m.Seq != 0 || m.Sender != (wire.Sender{}) || m.Target != "" || m.Cursor != 0 ||
		len(m.Updates) != 0 || m.Payload != nil || len(m.Broadcasts) != 0 {
		t.Errorf("message not reset: %+v", m)
	}
}

// allocated returns how many bytes f allocates: the least of a few runs, since
// the runtime may allocate beside it.
func allocated(f func()) int {
	least := -1
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		if n := int(after.TotalAlloc - before.TotalAlloc); least < 0 || n < least {
			least = n
		}
	}
	return least
}

// handful is what a refusal may allocate besides: an error, a first room for
// updates, and the rounding of the allocator.
const handful = 2048

// claimed are messages in which a length or a count claims more than there is,
// more than is allowed, or too little. HEAD stands for the fields up to the updates, TAIL
// for those up to the broadcasts, EXTRA for all.
var claimed = []struct {
	name, data string
	want       error
	offset     int
}{
	{"no data", "", codec.ErrTruncated, 0},
	{"fields 32-bit", "ddffffffff 01 02", codec.ErrTruncated, 0},
	{"fields 16-bit", "dcffff 01 02", codec.ErrTruncated, 0},
	{"sender 8-bit", "95 01 02 d9ff 616161", codec.ErrTruncated, 3},
	{"sender 16-bit", "95 01 02 daffff 616161", codec.ErrTruncated, 3},
	{"sender 32-bit", "95 01 02 dbffffffff 616161", codec.ErrTruncated, 3},
	{"sender length cut", "95 01 02 dbffffff", codec.ErrTruncated, 3},
	{"payload 32-bit", "HEAD 90 c6ffffffff 6161", codec.ErrTruncated, 10},
	{"claims 32-bit", "HEAD ddffffffff 98a0", codec.ErrTruncated, 9},
	{"claims one too many for the bytes", "HEAD 93 96a0a0a0000000 96a0a0a0000000", codec.ErrTruncated, 9},
	{"claim of fields 32-bit", "HEAD 91 ddffffffff a0a0a0000000", codec.ErrTruncated, 10},
	{"claims 2^17+1", "HEAD dd00020001" + strings.Repeat("00", 1<<17+1), codec.ErrTooLarge, 9},
	{"claims 2^17 that are none", "HEAD dd00020000" + strings.Repeat("00", 1<<20), codec.ErrMalformed, 14},
	{"too few fields", "94 01 02 a161 00", codec.ErrMalformed, 0},
	{"no array", "c0", codec.ErrMalformed, 0},
	{"map for a message", "80" + strings.Repeat("00", 16), codec.ErrMalformed, 0},
	{"map for claims", "HEAD 80" + strings.Repeat("96a0a0a0000000", 16), codec.ErrMalformed, 9},
	{"claim of too few fields", "HEAD 91 95a3626f62a0a00000", codec.ErrMalformed, 10},
	{"broadcasts 32-bit", "TAIL ddffffffff 98a0", codec.ErrTruncated, 12},
	{"broadcasts one too many for the bytes", "TAIL 92 97a00000a0a000a0", codec.ErrTruncated, 12},
	{"broadcast of fields 32-bit", "TAIL 91 ddffffffff a00000a0a000a0", codec.ErrTruncated, 13},
	{"broadcast of too few fields", "TAIL 91 96a3626f620000a0a000", codec.ErrMalformed, 13},
	{"broadcasts 2^12+1", "TAIL dc1001" + strings.Repeat("00", 1<<16), codec.ErrTooLarge, 12},
	{"broadcasts 2^12 that are none", "TAIL dc1000" + strings.Repeat("00", 1<<16), codec.ErrMalformed, 15},
	{"payload of a broadcast 32-bit", "TAIL 91 97a00000a0a000 c6ffffffff", codec.ErrTruncated, 20},
	{"map for broadcasts", "TAIL 80" + strings.Repeat("97a00000a0a000a0", 16), codec.ErrMalformed, 12},
	{"extra fields 32-bit", "ddffffffff 01 02 a161 00 00 a0 00 90 c400 c0", codec.ErrTruncated, 0},
	{"extra array 32-bit", "EXTRA ddffffffff c0c0", codec.ErrTruncated, 13},
	{"extra map 32-bit", "EXTRA dfffffffff c0c0", codec.ErrTruncated, 13},
	{"extra map 16-bit", "EXTRA de0002 c0c0c0", codec.ErrTruncated, 13},
	{"extra str 32-bit", "EXTRA dbffffffff 6161", codec.ErrTruncated, 13},
	{"extra bin 32-bit", "EXTRA c6ffffffff 6161", codec.ErrTruncated, 13},
	{"extra ext 32-bit", "EXTRA c9ffffffff 6161", codec.ErrTruncated, 13},
	{"extra fixext", "EXTRA d8 01 616161", codec.ErrTruncated, 13},
	{"extra nested claims", "EXTRA" + strings.Repeat("dd00000fff", 1000), codec.ErrTruncated, 18},
	{"extra never used", "EXTRA c1", codec.ErrMalformed, 13},
	{"extra inside never used", "EXTRA 91 c1", codec.ErrMalformed, 14},
}

func TestHostileClaims(t *testing.T) {
	for _, c := range claimed {
		t.Run(c.name, func(t *testing.T) {
			digits := strings.NewReplacer(
				"HEAD", "99 01 02 a161 00 00 a0 00",
				"TAIL", "9b 01 02 a161 00 00 a0 00 90 c0 00",
				"EXTRA", "9c 01 02 a161 00 00 a0 00 90 c0 00 90",
			).Replace(c.data)
			digits = strings.ReplaceAll(digits, " ", "")
			data, err := hex.DecodeString(digits)
			if err != nil {
				t.Fatal(err)
			}
			var m wire.Message
			err = codec.Msgpack{}.Decode(&m, data)
			checkRefused(t, &m, err, data)
			if e, _ := errors.AsType[codec.DecodeError](err); e.Err != c.want || e.Offset != c.offset {
				t.Errorf("error %v, want %v at byte %d", err, c.want, c.offset)
			}
			n := allocated(func() { codec.Msgpack{}.Decode(new(wire.Message), data) })
			if limit := 2*len(data) + handful; n > limit {
				t.Errorf("%d bytes refused at the cost of %d, want at most %d", len(data), n, limit)
			}
		})
	}
}

// TestHostileNesting skips trailing fields that are nested as deep as a large
// frame allows: neither the stack nor the heap may grow.
func TestHostileNesting(t *testing.T) {
	const depth = 1 << 20
	for name, level := range map[string]string{
		"arrays":     "\x91",
		"wide array": "\xdd\x00\x00\x00\x01",
		"map values": "\x81\xc0",
		"wide map":   "\xdf\x00\x00\x00\x01\xc0",
	} {
		data := []byte("\x9c\x01\x02\xa1a\x00\x00\xa0\x00\x90\xc0\x00\x90" + strings.Repeat(level, depth) + "\xc0")
		if m := decode(t, data); m.Sender.Name != "a" {
			t.Errorf("%s: sender %q, want a", name, m.Sender.Name)
		}
		if n := allocated(func() { decode(t, data) }); n > handful {
			t.Errorf("%s: allocated %d bytes, want none", name, n)
		}
		var m wire.Message
		err := codec.Msgpack{}.Decode(&m, data[:len(data)-1])
		checkRefused(t, &m, err, data)
	}
}

// TestHostileSmallest decodes the claims that take the least in a packet and so
// the most memory for each byte of it.
func TestHostileSmallest(t *testing.T) {
	smallest := []byte("\x96\xc0\xc0\xc0\x00\x00\x00")
	const n = 60000
	data := append([]byte("\x98\x01\x02\xa1a\x00\x00\xa0\x00\xdc\xea\x60"), bytes.Repeat(smallest, n)...)
	if m := decode(t, data); len(m.Updates) != n {
		t.Fatalf("%d claims, want %d", len(m.Updates), n)
	}
	// All of them, and twice that for the smaller rooms that were outgrown.
	limit := 3*n*int(unsafe.Sizeof(wire.Update{})) + handful
	if got := allocated(func() { decode(t, data) }); got > limit {
		t.Errorf("%d bytes decoded at the cost of %d, want at most %d", len(data), got, limit)
	}
}

// TestHostileSmallestBroadcasts does so for broadcasts.
func TestHostileSmallestBroadcasts(t *testing.T) {
	const n = wire.MaxBroadcasts
	data := append([]byte("\x9b\x01\x02\xa1a\x00\x00\xa0\x00\x90\xc0\x00\xdc\x10\x00"), bytes.Repeat([]byte("\x97\xc0\x00\x00\xc0\xc0\x00\xc0"), n)...)
	if m := decode(t, data); len(m.Broadcasts) != n {
		t.Fatalf("%d broadcasts, want %d", len(m.Broadcasts), n)
	}
	limit := 3*n*int(unsafe.Sizeof(wire.Broadcast{})) + handful
	if got := allocated(func() { decode(t, data) }); got > limit {
		t.Errorf("%d bytes decoded at the cost of %d, want at most %d", len(data), got, limit)
	}
}

// TestHostileBytes flips every bit of every golden message, and replaces every
// byte of the short ones by every other.
func TestHostileBytes(t *testing.T) {
	vs := vectors(t)
	for _, name := range names(vs) {
		data := vs[name]
		attempts := 0
		n := allocated(func() {
			attempts = 0
			for i, old := range data {
				for mask := 1; mask < 256; mask++ {
					if oneBit := mask&(mask-1) == 0; !oneBit && len(data) > 256 {
						continue
					}
					attempts++
					data[i] = old ^ byte(mask)
					var m wire.Message
					if err := (codec.Msgpack{}).Decode(&m, data); err != nil {
						checkRefused(t, &m, err, data)
					}
					if t.Failed() {
						t.Fatalf("%s with %#x at byte %d", name, data[i], i)
					}
				}
				data[i] = old
			}
		})
		// The largest golden messages hold 16 claims, within a handful.
		if limit := attempts * (2*len(data) + handful); n > limit {
			t.Errorf("%s: %d attempts cost %d bytes, want at most %d", name, attempts, n, limit)
		}
	}
}
