package codec_test

import (
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// sizes is where results go that nobody looks at.
var sizes int

func TestNoAllocations(t *testing.T) {
	var c codec.Msgpack
	large := wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(5000)}
	for _, s := range append(samples(), sample{"large", "a sync", large}) {
		data := encode(t, &s.msg)
		dst := make([]byte, 0, len(data)) // no byte more than needed
		decoded := wire.Message{Updates: make([]wire.Update, 0, len(s.msg.Updates)), Broadcasts: make([]wire.Broadcast, 0, len(s.msg.Broadcasts))}
		for what, f := range map[string]func(){
			"Append": func() { dst, _ = c.Append(dst[:0], &s.msg) },
			"Decode": func() { c.Decode(&decoded, data) },
			"Size":   func() { sizes += c.Size(&s.msg) },
			"UpdateSize": func() {
				for i := range s.msg.Updates {
					sizes += c.UpdateSize(&s.msg.Updates[i])
				}
			},
		} {
			if n := testing.AllocsPerRun(20, f); n != 0 {
				t.Errorf("%s of %s: %v allocations, want 0", what, s.name, n)
			}
		}
	}
}

// TestFewAllocationsForGarbage bounds what a flood of garbage costs: one error
// of three words for each packet, however much of it looked right.
func TestFewAllocationsForGarbage(t *testing.T) {
	var c codec.Msgpack
	m := wire.Message{Updates: make([]wire.Update, 0, 16), Broadcasts: make([]wire.Broadcast, 0, 16)}
	for name, data := range vectors(t) {
		for _, garbage := range [][]byte{nil, data[:1], data[:len(data)-1], append(data, 0)} {
			var err error
			n := testing.AllocsPerRun(10, func() { err = c.Decode(&m, garbage) })
			if err == nil || n > 1 {
				t.Errorf("%s: error %v with %v allocations, want at most 1", name, err, n)
			}
			if bytes := allocated(func() { err = c.Decode(&m, garbage) }); bytes > 64 {
				t.Errorf("%s: error %v of %d bytes, want at most 64", name, err, bytes)
			}
		}
	}
}

// TestDecodeTakesFewSteps decodes a sync into a message without room.
func TestDecodeTakesFewSteps(t *testing.T) {
	data := encode(t, &wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(5000)})
	n := testing.AllocsPerRun(5, func() {
		var m wire.Message
		if err := (codec.Msgpack{}).Decode(&m, data); err != nil {
			t.Fatal(err)
		}
	})
	if n > 3 {
		t.Errorf("5,000 claims made room for in %v steps, want at most 3", n)
	}
}
