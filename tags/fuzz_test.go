package tags_test

import (
	"errors"
	"maps"
	"testing"

	"github.com/swim-go/swim/tags"
)

// Whatever metadata a member has: what Decode takes is within the limits, Lookup sees
// the same, and written again it is the same tags in one form.
func FuzzDecode(f *testing.F) {
	for _, g := range golden {
		meta, err := tags.Encode(g.tags)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(meta))
	}
	f.Add("\x82\xa1b\xa12\xa1a\xa11")
	f.Add("\xdf\x00\x00\x00\x01\xdb\x00\x00\x00\x01a\xda\x00\x01b")
	f.Add("\x81\xa1a\xc6\x7f\xff\xff\xff")
	f.Fuzz(func(t *testing.T, meta string) {
		got, err := tags.Decode(meta)
		var size *tags.SizeError
		if err != nil {
			if !errors.Is(err, tags.ErrInvalid) && !errors.As(err, &size) || got != nil {
				t.Fatalf("Decode(%q) = %v, %v", meta, got, err)
			}
			_, _ = tags.Lookup(meta, "a")
			return
		}
		for k, v := range got {
			if found, ok := tags.Lookup(meta, k); !ok || found != v {
				t.Fatalf("%q of %q is %q, and looked up %q, %v", k, meta, v, found, ok)
			}
		}
		// The forms that others write can be shorter than ours nowhere.
		written, err := tags.Encode(got)
		if err != nil || len(written) > len(meta) {
			t.Fatalf("Encode(%v) = %q, %v, from %q", got, written, err, meta)
		}
		if again, err := tags.Decode(string(written)); err != nil || !maps.Equal(again, got) {
			t.Fatalf("%v came back as %v, %v", got, again, err)
		}
	})
}
