package core

import (
	"fmt"
	"math/bits"
	"testing"
	"time"

	"github.com/swim-go/swim/wire"
)

// tableWith makes a Machine named "self" whose table holds 60 rows and those given.
func tableWith(claims ...wire.Update) *Machine {
	m := testMachine("self", 1)
	for i := range 60 {
		m.hear(&wire.Update{Member: wire.Member{Name: fmt.Sprint("m", i), Addr: "x:1", Epoch: 5, State: wire.Alive}}, false, false)
	}
	for i := range claims {
		m.hear(&claims[i], false, false)
	}
	return m
}

// differing counts the buckets of two tables that one comparison tells apart.
func differing(a, b *Machine, salt uint32, buckets int) (n int) {
	a.begin(a.now)
	b.begin(b.now)
	for _, bits8 := range b.differingBuckets(salt, a.bucketDigests(salt, buckets)) {
		n += bits.OnesCount8(bits8)
	}
	return n
}

func TestBucketsTellRowsApart(t *testing.T) {
	row := func(change func(*wire.Update)) wire.Update {
		u := wire.Update{Member: wire.Member{Name: "z", Addr: "z:1", Meta: "m", Token: "t", Epoch: 5, Incarnation: 1, State: wire.Alive}}
		change(&u)
		return u
	}
	same := row(func(*wire.Update) {})
	for what, test := range map[string]struct {
		other wire.Update
		want  int
	}{
		"the same":           {same, 0},
		"a suspect":          {row(func(u *wire.Update) { u.State = wire.Suspect }), 0},
		"a dead one":         {row(func(u *wire.Update) { u.State = wire.Failed }), 1},
		"one that left":      {row(func(u *wire.Update) { u.State = wire.Left }), 1},
		"one long dead":      {row(func(u *wire.Update) { u.State, u.Age = wire.Failed, 1801 }), 1},
		"another address":    {row(func(u *wire.Update) { u.Addr = "z:2" }), 1},
		"another metadata":   {row(func(u *wire.Update) { u.Meta = "n" }), 1},
		"another token":      {row(func(u *wire.Update) { u.Token = "u" }), 1},
		"token for metadata": {row(func(u *wire.Update) { u.Meta, u.Token = "t", "m" }), 1},
		"another epoch":      {row(func(u *wire.Update) { u.Epoch++ }), 1},
		"an incarnation":     {row(func(u *wire.Update) { u.Incarnation++ }), 1},
		"a name":             {row(func(u *wire.Update) { u.Name = "y" }), 2},
	} {
		for _, buckets := range []int{1, 4, 64, maxBuckets} {
			want := test.want
			if buckets < 64 {
				want = min(want, 1)
			}
			if got := differing(tableWith(same), tableWith(test.other), 7, buckets); got != want && got != test.want {
				t.Errorf("%s in %d buckets: %d differ, want %d", what, buckets, got, want)
			}
		}
	}
	// Whoever remembers a failure until the end, and who has forgotten it: no difference.
	old := row(func(u *wire.Update) { u.State, u.Age = wire.Failed, 1801 })
	young := row(func(u *wire.Update) { u.State, u.Age = wire.Failed, 1700 })
	if differing(tableWith(old), tableWith(), 7, 64) != 0 || differing(tableWith(young), tableWith(), 7, 64) != 1 {
		t.Error("the dead are compared in the first half of their time, and not in the second")
	}
}

func TestBucketsGrowWithTheTable(t *testing.T) {
	for _, test := range [][3]int{
		{0, 1000, 1},
		{8, 1000, 1},
		{9, 1000, 2},
		{128, 1300, 16},
		{1000, 1300, 128},
		{4096, 1300, 512},
		{1 << 20, 1300, 512},
		{1000, 100, 32},
		{1000, 0, 1},
		{1000, -5, 1},
		{1 << 20, 1023, 256},
	} {
		if got := bucketsFor(test[0], test[1]); got != test[2] || !validBuckets(got) {
			t.Errorf("%d rows in %d bytes: %d buckets, want %d", test[0], test[1], got, test[2])
		}
	}
	for _, n := range []int{-1, 0, 3, 511, 1024} {
		if validBuckets(n) {
			t.Errorf("%d buckets are valid", n)
		}
	}
	if 1<<maxBucketsLog2 != maxBuckets {
		t.Error("a selection cannot name all buckets")
	}
}

// Two rows whose prints are the same are taken for one, in the comparison in which
// they are: the next has another salt.
func TestPrintsThatCollide(t *testing.T) {
	const salt = 12345
	seen := map[uint32]string{}
	var one, two string
	for i := 0; two == "" && i < 1_000_000; i++ {
		name := fmt.Sprint("n", i)
		r := row{who: &Identity{Name: name, Addr: "x:1", Epoch: 5}, state: wire.Alive}
		p := rowPrint(r.hashes(startOf(salt)))
		if other, ok := seen[p]; ok {
			one, two = other, name
		}
		seen[p] = name
	}
	if two == "" {
		t.Fatal("no two names collide")
	}
	claim := func(name string) wire.Update {
		return wire.Update{Member: wire.Member{Name: name, Addr: "x:1", Epoch: 5, State: wire.Alive}}
	}
	missing := func(salt uint32) int {
		a, b := tableWith(claim(one)), tableWith(claim(two))
		s := selection{salt: salt, buckets: 1, bitmap: []byte{1}}
		var got selection
		if !got.parse(a.prints(&s, 61), 1<<16) {
			t.Fatal("a selection is not read back")
		}
		b.match(&got)
		return len(b.sending)
	}
	if missing(salt) != 0 {
		t.Errorf("%s and %s do not collide", one, two)
	}
	if missing(salt+1) != 1 {
		t.Errorf("%s and %s collide again", one, two)
	}
}

func TestSelectionsOfAnybody(t *testing.T) {
	for what, test := range map[string]struct {
		payload []byte
		ok      bool
	}{
		"nothing":            {nil, false},
		"no bits":            {[]byte{1, 2, 3, 4, 0}, false},
		"no prints":          {[]byte{1, 2, 3, 4, 0, 1}, true},
		"half a print":       {[]byte{1, 2, 3, 4, 0, 1, 9, 9}, false},
		"a print":            {[]byte{1, 2, 3, 4, 0, 1, 9, 9, 9, 9}, true},
		"too many":           {make([]byte, 6+4*3), false},
		"too many buckets":   {append([]byte{1, 2, 3, 4, 10}, make([]byte, 128)...), false},
		"2^255 buckets":      {append([]byte{1, 2, 3, 4, 255}, make([]byte, 128)...), false},
		"as many as can be":  {append([]byte{1, 2, 3, 4, 9}, make([]byte, 64)...), true},
		"less bits than due": {append([]byte{1, 2, 3, 4, 9}, make([]byte, 63)...), false},
	} {
		var s selection
		if got := s.parse(test.payload, 2); got != test.ok {
			t.Errorf("%s: %v", what, got)
		}
	}
}

// What fits is taken by whole buckets, and a bucket that is left out is named no more.
func TestSelectionsAreCut(t *testing.T) {
	m := tableWith()
	s := selection{salt: 3, buckets: 8, bitmap: []byte{0xff}}
	counts, rows := m.countRows(&s)
	if rows != 61 {
		t.Fatalf("%d rows in all buckets", rows)
	}
	for most := -1; most <= 62; most++ {
		bitmap, n, more := m.cut(&s, &counts, most)
		part := selection{salt: 3, buckets: 8, bitmap: bitmap}
		_, again := m.countRows(&part)
		if n > most && n >= 0 || n != again || more != (bitmap[0] != 0xff) || most >= 61 && n != 61 || s.bitmap[0] != 0xff {
			t.Errorf("at most %d: %d in %b, counted again %d, more %v", most, n, bitmap, again, more)
		}
		if got := len(m.prints(&part, max(n, 0))); n >= 0 && got != part.headBytes()+4*n {
			t.Errorf("at most %d: a payload of %d bytes", most, got)
		}
	}
}

// What a comparison needs for a moment is not kept by ten thousand Machines.
func TestComparisonsKeepLittle(t *testing.T) {
	m := testMachine("self", 1)
	for i := range 5000 {
		m.hear(&wire.Update{Member: wire.Member{Name: fmt.Sprint("m", i), Addr: "x:1", Epoch: 5, State: wire.Alive}}, false, false)
	}
	m.Receive(time.Second, Path{Addr: "x:1", Stream: true}, &wire.Message{
		Kind: wire.Sync, Seq: 1, Cursor: tableEnd, Sender: wire.Sender{Name: "m1", Epoch: 5},
		Payload: append([]byte{0, 0, 0, 1, 0, 1}, make([]byte, 4000)...),
	})
	if got := len(m.Packets()[0].Msg.Updates); got != 5001 {
		t.Fatalf("answered with %d rows", got)
	}
	m.Tick(2 * time.Second)
	if cap(m.payload) > keepPayload || cap(m.theirs) > keepScratch || cap(m.sending) > keepScratch {
		t.Errorf("kept: %d bytes, %d prints, %d rows", cap(m.payload), cap(m.theirs), cap(m.sending))
	}
}
