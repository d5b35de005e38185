package tags_test

import (
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/swim-go/swim/tags"
	"github.com/swim-go/swim/wire"
)

var seed = flag.Uint64("seed", 1, "seed of the random tags")

// golden are bytes that every later version has to write and read.
var golden = []struct {
	tags map[string]string
	hex  string
}{
	{nil, ""},
	{map[string]string{"role": "db"}, "81" + "a4726f6c65" + "a26462"},
	{map[string]string{"zone": "eu-1", "role": "db", "draining": ""}, "83" +
		"a8647261696e696e67" + "a0" + "a4726f6c65" + "a26462" + "a47a6f6e65" + "a465752d31"},
	{map[string]string{"k": strings.Repeat("v", 32)}, "81" + "a16b" + "d920" + strings.Repeat("76", 32)},
	{map[string]string{"k": strings.Repeat("v", 256)}, "81" + "a16b" + "da0100" + strings.Repeat("76", 256)},
}

func TestGolden(t *testing.T) {
	for _, g := range golden {
		meta, err := tags.Encode(g.tags)
		if err != nil || hex.EncodeToString(meta) != g.hex {
			t.Errorf("Encode(%v) = %x, %v, want %s", g.tags, meta, err, g.hex)
		}
		back, err := tags.Decode(string(meta))
		if err != nil || back == nil || !maps.Equal(back, g.tags) {
			t.Errorf("Decode(%x) = %v, %v, want %v", meta, back, err, g.tags)
		}
	}
}

// What others wrote is read: any order, any width of a length.
func TestDecodeIsLenientInForm(t *testing.T) {
	for name, text := range map[string]string{
		"unsorted":      "82" + "a162" + "a132" + "a161" + "a131",
		"16-bit count":  "de0002" + "a161" + "a131" + "a162" + "a132",
		"32-bit count":  "df00000002" + "a161" + "a131" + "a162" + "a132",
		"8-bit length":  "82" + "d90161" + "a131" + "a162" + "d90132",
		"16-bit length": "82" + "a161" + "da000131" + "a162" + "a132",
		"32-bit length": "82" + "a161" + "db0000000131" + "a162" + "a132",
	} {
		got, err := tags.Decode(bytes(t, text))
		if err != nil || !maps.Equal(got, map[string]string{"a": "1", "b": "2"}) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if v, ok := tags.Lookup(bytes(t, text), "b"); v != "2" || !ok {
			t.Errorf("%s: b is %q, %v", name, v, ok)
		}
	}
	for _, empty := range []string{"", "80", "de0000", "df00000000"} {
		if got, err := tags.Decode(bytes(t, empty)); err != nil || got == nil || len(got) != 0 {
			t.Errorf("Decode(%s) = %v, %v", empty, got, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"an array":              "92a161a131",
		"nil":                   "c0",
		"text":                  hex.EncodeToString([]byte("zone=1")),
		"a number as value":     "81a16101",
		"a number as key":       "8101a161",
		"a map as value":        "81a16180",
		"binary":                "81a161c40131",
		"no value":              "81a161",
		"one tag of two":        "82a161a131",
		"half a value":          "81a161a331",
		"a length cut short":    "81a161da00",
		"a count cut short":     "de00",
		"more behind":           "81a161a13100",
		"a key twice":           "82a161a131a161a132",
		"an empty key":          "81a0a131",
		"a value not UTF-8":     "81a161a1ff",
		"4 GiB claimed":         "81a161dbffffffff31",
		"deep nesting":          strings.Repeat("81a161", 1000),
		"binary of 2 GiB":       "81a161c67fffffff00",
		"an extension":          "81a161c7ff0100",
		"only the first byte":   "8f",
		"trailing after no map": "8000",
	} {
		if got, err := tags.Decode(bytes(t, text)); !errors.Is(err, tags.ErrInvalid) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestLimits(t *testing.T) {
	for name, test := range map[string]struct {
		count, key, value int
		what              string
		size, limit       int
	}{
		"all that is allowed":   {1, tags.MaxKeyBytes, tags.MaxValueBytes, "", 0, 0},
		"as many as allowed":    {tags.MaxTags, 3, 1, "", 0, 0},
		"one too many":          {tags.MaxTags + 1, 3, 1, "tags", tags.MaxTags + 1, tags.MaxTags},
		"a key too long":        {1, tags.MaxKeyBytes + 1, 1, "key", tags.MaxKeyBytes + 1, tags.MaxKeyBytes},
		"a value too long":      {1, 3, tags.MaxValueBytes + 1, "value", tags.MaxValueBytes + 1, tags.MaxValueBytes},
		"too much in all":       {8, 3, tags.MaxValueBytes, "metadata", 8*(1+3+3+tags.MaxValueBytes) + 1, tags.MaxBytes},
		"as much as is allowed": {7, 3, tags.MaxValueBytes, "", 0, 0},
	} {
		all := map[string]string{}
		for i := range test.count {
			all[fmt.Sprintf("%0*d", test.key, i)] = strings.Repeat("v", test.value)
		}
		written, err := tags.Encode(all)
		wantSize(t, name+": Encode", err, test.what, test.size, test.limit)
		meta := string(written)
		if err != nil {
			meta = encoded(all)
		}
		_, err = tags.Decode(meta)
		wantSize(t, name+": Decode", err, test.what, test.size, test.limit)
	}
	if tags.MaxBytes != wire.MaxMetaBytes {
		t.Errorf("tags of %d bytes, and metadata may have %d", tags.MaxBytes, wire.MaxMetaBytes)
	}
	for _, bad := range []map[string]string{{"": "v"}, {"\xff": "v"}, {"k": "\xff"}} {
		if meta, err := tags.Encode(bad); !errors.Is(err, tags.ErrInvalid) {
			t.Errorf("Encode(%q) = %x, %v", bad, meta, err)
		}
	}
}

func wantSize(t *testing.T, name string, err error, what string, size, limit int) {
	t.Helper()
	if what == "" {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return
	}
	var got *tags.SizeError
	if !errors.As(err, &got) || *got != (tags.SizeError{What: what, Size: size, Limit: limit}) {
		t.Errorf("%s: %v, want %d of %s and %d", name, err, size, what, limit)
	}
}

// encoded writes tags with no limit, and the longest forms that Encode writes for them.
func encoded(all map[string]string) string {
	b := []byte{0xde, byte(len(all) >> 8), byte(len(all))}
	if len(all) < 16 {
		b = []byte{0x80 | byte(len(all))}
	}
	for k, v := range all {
		for _, s := range []string{k, v} {
			switch {
			case len(s) < 32:
				b = append(b, 0xa0|byte(len(s)))
			case len(s) < 256:
				b = append(b, 0xd9, byte(len(s)))
			default:
				b = append(b, 0xda, byte(len(s)>>8), byte(len(s)))
			}
			b = append(b, s...)
		}
	}
	return string(b)
}

// Equal maps have equal bytes, and they say what the maps do.
func TestRandomTagsComeBack(t *testing.T) {
	t.Logf("-seed %d", *seed)
	rng := rand.New(rand.NewPCG(*seed, 0))
	text := func(n int) string {
		s := make([]rune, rng.IntN(n))
		for i := range s {
			s[i] = []rune("aé東\x00")[rng.IntN(4)]
		}
		return string(s)
	}
	for range 500 {
		want := map[string]string{}
		for range rng.IntN(40) {
			want["k"+text(30)] = text(100)
		}
		meta, err := tags.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := tags.Encode(maps.Clone(want))
		if string(meta) != string(again) {
			t.Fatalf("%v is %x and %x", want, meta, again)
		}
		got, err := tags.Decode(string(meta))
		if err != nil || !maps.Equal(got, want) {
			t.Fatalf("%v came back as %v, %v", want, got, err)
		}
		for k, v := range want {
			if got, ok := tags.Lookup(string(meta), k); got != v || !ok {
				t.Fatalf("%q of %v is %q, %v", k, want, got, ok)
			}
		}
		if v, ok := tags.Lookup(string(meta), "absent"); v != "" || ok {
			t.Fatalf("a tag that is not there is %q", v)
		}
	}
}

func bytes(t *testing.T, text string) string {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
