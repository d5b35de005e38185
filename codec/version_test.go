package codec_test

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// values has one value at least of every MessagePack type and width.
var values = map[string]string{
	"fixint":      "\x7f",
	"fixmap":      "\x82\xa1a\x01\xa1b\x91\x80",
	"fixarray":    "\x93\x01\xa1x\x90",
	"fixstr":      "\xa3abc",
	"nil":         "\xc0",
	"false":       "\xc2",
	"true":        "\xc3",
	"bin8":        "\xc4\x02ab",
	"bin16":       "\xc5\x00\x02ab",
	"bin32":       "\xc6\x00\x00\x00\x02ab",
	"ext8":        "\xc7\x03\x05abc",
	"ext8 empty":  "\xc7\x00\x05",
	"ext16":       "\xc8\x00\x03\x05abc",
	"ext32":       "\xc9\x00\x00\x00\x03\x05abc",
	"float32":     "\xca\x00\x00\x80\x3f",
	"float64":     "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00",
	"uint8":       "\xcc\xff",
	"uint16":      "\xcd\xff\xff",
	"uint32":      "\xce\xff\xff\xff\xff",
	"uint64":      "\xcf" + "\xff\xff\xff\xff\xff\xff\xff\xff",
	"int8":        "\xd0\x80",
	"int16":       "\xd1\x80\x00",
	"int32":       "\xd2\x80\x00\x00\x00",
	"int64":       "\xd3\x80\x00\x00\x00\x00\x00\x00\x00",
	"fixext1":     "\xd4\x05a",
	"fixext2":     "\xd5\x05ab",
	"fixext4":     "\xd6\x05abcd",
	"fixext8":     "\xd7\x05abcdefgh",
	"fixext16":    "\xd8\x05abcdefghijklmnop",
	"str8":        "\xd9\x02ab",
	"str16":       "\xda\x00\x02ab",
	"str32":       "\xdb\x00\x00\x00\x02ab",
	"array16":     "\xdc\x00\x02\x01\xa1x",
	"array32":     "\xdd\x00\x00\x00\x02\x01\x91\xc0",
	"map16":       "\xde\x00\x01\xa1a\x01",
	"map32":       "\xdf\x00\x00\x00\x01\xa1a\xc0",
	"negative":    "\xe0",
	"long str":    "\xda\x01\x00" + strings.Repeat("x", 256),
	"long array":  "\xdc\x01\x00" + strings.Repeat("\x92\x01\x80", 256),
	"long fixmap": "\x8f" + strings.Repeat("\xa1k\x81\x00\xc4\x00", 15),
}

// TestVersionsLater reads messages and claims with one or two more fields of
// every type, in both places at once.
func TestVersionsLater(t *testing.T) {
	want := wire.Message{
		Kind: wire.Gossip, Sender: wire.Sender{Name: "al"}, Payload: []byte("p"),
		Updates:    []wire.Update{{Member: wire.Member{Name: "bob"}}, {Member: wire.Member{Name: "carol"}}},
		Broadcasts: []wire.Broadcast{{Origin: "o", Seq: 1, Channel: "c"}},
	}
	for a, extra := range values {
		for b, more := range values {
			data := "\x9d\x05\x00\xa2al\x00\x00\xa0\x00" +
				"\x92" +
				"\x9b\xa3bob\xa0\xc4\x00\x00\x00\x00\xa0\x00\xc4\x00" + extra + more +
				"\x9a\xa5carol\xa0\xc4\x00\x00\x00\x00\xa0\x00\xc4\x00" + more +
				"\xc4\x01p\x00" +
				"\x91\x99\xa1o\x00\x01\xa1c\xc4\x00\x00\xc4\x00" + more + extra + more + extra
			if m := decode(t, []byte(data)); !reflect.DeepEqual(m, want) {
				t.Errorf("%s, %s: decodes as %+v, want %+v", a, b, m, want)
			}
		}
	}
}

// TestVersionsTypesCovered makes sure that values misses no tag.
func TestVersionsTypesCovered(t *testing.T) {
	first := make(map[byte]bool)
	for _, v := range values {
		first[v[0]] = true
	}
	for tag := 0xc0; tag < 0xe0; tag++ {
		if tag != 0xc1 && !first[byte(tag)] {
			t.Errorf("no value with tag %#x", tag)
		}
	}
}

// head and bob are encodings that the tests below take fields from.
var (
	head = []string{"\x05", "\x02", "\xa2al", "\x03", "\x04", "\xa3bob", "\x01", "\x90", "\xc4\x01p", "\x08", "\x91" + told}
	told = "\x97\xa1o\x01\x02\xa1c\xc4\x00\x03\xc4\x00"
	bob  = []string{"\xa3bob", "\xa3b:1", "\xc4\x00", "\x05", "\x06", "\x01", "\xa2al", "\x07"}
)

// fixarray encodes fewer than 16 fields.
func fixarray(fields ...string) string {
	return string([]byte{0x90 | byte(len(fields))}) + strings.Join(fields, "")
}

// TestVersionsEarlier cuts fields off the end, of a message and of a claim, and
// decodes into a message that has them all from before.
func TestVersionsEarlier(t *testing.T) {
	var m wire.Message
	for n := range len(head) + 1 {
		used := []byte(fixarray(append(head[:7:7], fixarray(fixarray(bob...)), "\xc4\x01p", "\x08", "\x91"+told)...))
		if err := (codec.Msgpack{}).Decode(&m, used); err != nil {
			t.Fatal(err)
		}
		want := wire.Message{Kind: wire.Gossip, Seq: 2, Sender: wire.Sender{Name: "al", Epoch: 3, Incarnation: 4}}
		if n > 5 {
			want.Target = "bob"
		}
		if n > 6 {
			want.Cursor = 1
		}
		if n > 8 {
			want.Payload = []byte("p")
		}
		if n > 9 {
			want.Digest = 8
		}
		if n > 10 {
			want.Broadcasts = []wire.Broadcast{{Origin: "o", Epoch: 1, Seq: 2, Channel: "c", Size: 3}}
		}
		err := codec.Msgpack{}.Decode(&m, []byte(fixarray(head[:n]...)))
		if n < 5 {
			if !errors.Is(err, codec.ErrMalformed) {
				t.Errorf("%d fields: error %v, want ErrMalformed", n, err)
			}
			continue
		}
		m.Updates = append([]wire.Update(nil), m.Updates...)
		m.Broadcasts = append([]wire.Broadcast(nil), m.Broadcasts...)
		if err != nil || !reflect.DeepEqual(m, want) {
			t.Errorf("%d fields decode as %+v (%v), want %+v", n, m, err, want)
		}
	}
	for n := range len(bob) + 1 {
		data := []byte(fixarray(append(head[:7:7], fixarray(fixarray(bob...)))...))
		if err := (codec.Msgpack{}).Decode(&m, data); err != nil {
			t.Fatal(err)
		}
		want := wire.Update{Member: wire.Member{Name: "bob", Addr: "b:1", Epoch: 5, Incarnation: 6, State: wire.Alive}}
		if n > 6 {
			want.From = "al"
		}
		if n > 7 {
			want.Age = 7
		}
		data = []byte(fixarray(append(head[:7:7], fixarray(fixarray(bob[:n]...)))...))
		err := codec.Msgpack{}.Decode(&m, data)
		if n < 6 {
			// Too few bytes for a claim look like a count that claims too much.
			if !errors.Is(err, codec.ErrMalformed) && !errors.Is(err, codec.ErrTruncated) {
				t.Errorf("claim of %d fields: error %v", n, err)
			}
			continue
		}
		if err != nil || len(m.Updates) != 1 || m.Updates[0] != want {
			t.Errorf("claim of %d fields decodes as %+v (%v), want %+v", n, m.Updates, err, want)
		}
	}
}

// text marks the fields that are no integers.
const text = 0

// headLimits and bobLimits have the largest integer of each field.
var (
	headLimits = []uint64{math.MaxUint8, math.MaxUint32, text, math.MaxUint64, math.MaxUint32, text, math.MaxUint32}
	bobLimits  = []uint64{text, text, text, math.MaxUint64, math.MaxUint32, math.MaxUint8, text, math.MaxUint32}
)

// TestFieldTypes puts a value of every type into every field: those that can
// stand there are read, and the others refused at the right byte.
func TestFieldTypes(t *testing.T) {
	for field, limit := range headLimits {
		for name, v := range values {
			fields := slices.Clone(head)
			fields[field] = v
			at := 1 + len(strings.Join(fields[:field], ""))
			checkField(t, fixarray(fields...), at, name, limit)
		}
	}
	for field, limit := range bobLimits {
		for name, v := range values {
			fields := slices.Clone(bob)
			fields[field] = v
			before := "\x99" + strings.Join(head[:7], "") + "\x91"
			at := len(before) + 1 + len(strings.Join(fields[:field], ""))
			checkField(t, before+fixarray(fields...)+head[8], at, name, limit)
		}
	}
}

// checkField checks that data, which has the value of that name at a field, is
// read if the value is an integer up to limit, or a text if limit is text.
func checkField(t *testing.T, data string, at int, name string, limit uint64) {
	t.Helper()
	integers := map[string]uint64{
		"fixint": 0x7f, "uint8": math.MaxUint8, "uint16": math.MaxUint16,
		"uint32": math.MaxUint32, "uint64": math.MaxUint64,
	}
	texts := []string{"nil", "fixstr", "bin8", "bin16", "bin32", "str8", "str16", "str32", "long str"}
	v, isInteger := integers[name]
	fits := isInteger && v <= limit
	if limit == text {
		fits = slices.Contains(texts, name)
	}
	var m wire.Message
	err := codec.Msgpack{}.Decode(&m, []byte(data))
	if fits {
		if err != nil {
			t.Errorf("%s at byte %d: %v", name, at, err)
		}
		return
	}
	checkRefused(t, &m, err, []byte(data))
	if e, _ := errors.AsType[codec.DecodeError](err); e.Err != codec.ErrMalformed || e.Offset != at {
		t.Errorf("%s: error %v, want ErrMalformed at byte %d", name, err, at)
	}
}

func TestTrailing(t *testing.T) {
	for name, data := range vectors(t) {
		var m wire.Message
		err := codec.Msgpack{}.Decode(&m, append(data, 0))
		checkRefused(t, &m, err, append(data, 0))
		if e, _ := errors.AsType[codec.DecodeError](err); e.Err != codec.ErrTrailing || e.Offset != len(data) {
			t.Errorf("%s: error %v, want ErrTrailing at byte %d", name, err, len(data))
		}
	}
}
