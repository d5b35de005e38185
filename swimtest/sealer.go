package swimtest

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"github.com/swim-go/swim"
)

// TestSealer checks that a sealer keeps the contract of [swim.Sealer]. Each call of
// newSealer makes that of another node of one cluster.
//
// What a sealer may do is no promise, and so not tested: the suite gives each Open
// bytes of its own, and opens nothing twice. Neither does it judge the cryptography:
// that what it seals can neither be read nor made up takes more than samples.
func TestSealer(t *testing.T, newSealer func(t *testing.T) swim.Sealer) {
	run(t, sealerSentences, func(t *testing.T) func() swim.Sealer {
		return func() swim.Sealer { return newSealer(t) }
	})
}

const (
	saysSealerSeal = "Seal appends the sealed form of plain to dst."
	saysSealerOpen = "Open reverses Seal into dst, or returns an error and reveals nothing."
)

var sealerSentences = []sentence[func() swim.Sealer]{
	{
		name:  "One node opens what another sealed",
		says:  saysSealerOpen,
		check: sealerOpens,
	},
	{
		name:  "A node opens what it sealed itself",
		says:  "A node opens what it sealed itself when it sends itself a packet.",
		check: sealerOpensItsOwn,
	},
	{
		name:  "Seal appends to dst",
		says:  saysSealerSeal,
		check: sealerAppends,
	},
	{
		name:  "Open appends to dst",
		says:  saysSealerOpen,
		check: sealerOpensIntoDst,
	},
	{
		name:  "The header is authenticated",
		says:  "The header is authenticated and not hidden.",
		check: sealerAuthenticatesHeader,
	},
	{
		name:  "What was altered does not open",
		says:  saysSealerOpen,
		check: sealerRefusesAltered,
	},
	{
		name:  "What does not open reveals nothing",
		says:  saysSealerOpen,
		check: sealerReveals,
	},
	{
		name:  "Open of any bytes returns an error rather than panic",
		says:  saysSealerOpen,
		check: sealerRefusesForeign,
	},
	{
		name:  "Plain and header stay as they are",
		says:  "It changes neither plain nor header.",
		check: sealerChangesNothing,
	},
	{
		name:  "Overhead is the most that Seal adds",
		says:  "Overhead is by how many bytes Seal lengthens a message at most.",
		check: sealerOverhead,
	},
	{
		name:  "Several goroutines may use it at once",
		says:  "The Node calls it from several goroutines at once.",
		check: sealerConcurrent,
	},
	valid(func(newSealer func() swim.Sealer) any { return newSealer() }),
}

var sampleHeader = []byte("a header")

// secret is a message of n bytes in which each run of 16 is of one kind.
func secret(n int) []byte { return bytes.Repeat([]byte("attack at dawn; "), n/16+1)[:n] }

// sealedBytes are the lengths of what is sealed, a packet's and a frame's among them.
var sealedBytes = []int{0, 1, 15, 16, 17, 1400, 100_000}

func seal(t testing.TB, s swim.Sealer, plain []byte) []byte {
	t.Helper()
	sealed, err := s.Seal(nil, plain, sampleHeader)
	if err != nil {
		t.Fatalf("Seal of %d bytes: %v", len(plain), err)
	}
	return sealed
}

// wantOpened fails t unless sealed opens to plain.
func wantOpened(t testing.TB, s swim.Sealer, sealed, plain []byte) {
	t.Helper()
	if got, err := s.Open(nil, bytes.Clone(sealed), sampleHeader); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("Open of %d bytes that were sealed: %d others, %v", len(plain), len(got), err)
	}
}

func sealerOpens(t testing.TB, newSealer func() swim.Sealer) {
	a, b := newSealer(), newSealer()
	for _, n := range sealedBytes {
		wantOpened(t, b, seal(t, a, secret(n)), secret(n))
		wantOpened(t, a, seal(t, b, secret(n)), secret(n))
	}
}

// The Node has one header for all packets, and seals one message for several members.
func sealerChangesNothing(t testing.TB, newSealer func() swim.Sealer) {
	s, header, plain := newSealer(), bytes.Clone(sampleHeader), secret(1400)
	sealed, err := s.Seal(nil, plain, header)
	if err != nil {
		t.Fatalf("Seal: %v", err)
	}
	if !bytes.Equal(plain, secret(1400)) {
		t.Error("Seal has changed plain")
	}
	_, _ = newSealer().Open(nil, sealed, header) // whether it opens is for others to ask
	if !bytes.Equal(header, sampleHeader) {
		t.Error("Seal or Open has changed the header")
	}
}

// A node sends packets to itself, to learn whether its own input works.
func sealerOpensItsOwn(t testing.TB, newSealer func() swim.Sealer) {
	a := newSealer()
	for _, n := range sealedBytes {
		wantOpened(t, a, seal(t, a, secret(n)), secret(n))
	}
}

func sealerAppends(t testing.TB, newSealer func() swim.Sealer) {
	const before = "before"
	a, b := newSealer(), newSealer()
	for _, n := range sealedBytes {
		for _, room := range []int{0, n + a.Overhead()} {
			dst := append(make([]byte, 0, len(before)+room), before...)
			sealed, err := a.Seal(dst, secret(n), sampleHeader)
			if err != nil {
				t.Fatalf("Seal of %d bytes: %v", n, err)
			}
			rest, kept := bytes.CutPrefix(sealed, []byte(before))
			if !kept {
				t.Fatalf("Seal of %d bytes overwrote what dst held", n)
			}
			wantOpened(t, b, rest, secret(n))
		}
	}
}

func sealerOpensIntoDst(t testing.TB, newSealer func() swim.Sealer) {
	const before = "before"
	a, b := newSealer(), newSealer()
	for _, n := range sealedBytes {
		for _, room := range []int{0, n + a.Overhead()} {
			dst := append(make([]byte, 0, len(before)+room), before...)
			got, err := b.Open(dst, seal(t, a, secret(n)), sampleHeader)
			if err != nil || string(got) != before+string(secret(n)) {
				t.Errorf("Open of %d bytes behind what dst held: %d bytes, %v", n, len(got), err)
			}
		}
	}
}

func sealerAuthenticatesHeader(t testing.TB, newSealer func() swim.Sealer) {
	a, b := newSealer(), newSealer()
	for _, header := range []string{"", "a headeR", "a heade", "a header!", "A header"} {
		if _, err := b.Open(nil, seal(t, a, secret(100)), []byte(header)); err == nil {
			t.Errorf("what was sealed with the header %q opened with %q", sampleHeader, header)
		}
	}
}

// altered are forms of sealed that nobody sealed: cut, longer, and with one bit the
// other way. what says which.
func altered(sealed []byte, look func(what string, form []byte)) {
	for at := range sealed {
		form := bytes.Clone(sealed)
		form[at] ^= 1 << (at % 8)
		look("one bit of it was altered", form)
		look("it was cut", bytes.Clone(sealed[:at]))
	}
	look("it was lengthened", append(bytes.Clone(sealed), 0))
}

func sealerRefusesAltered(t testing.TB, newSealer func() swim.Sealer) {
	a, b := newSealer(), newSealer()
	altered(seal(t, a, secret(40)), func(what string, form []byte) {
		if _, err := b.Open(nil, form, sampleHeader); err == nil {
			t.Fatalf("what was sealed opened after %s", what)
		}
	})
}

func sealerReveals(t testing.TB, newSealer func() swim.Sealer) {
	const before = "before"
	a, b := newSealer(), newSealer()
	plain := secret(40)
	altered(seal(t, a, plain), func(what string, form []byte) {
		room := append(make([]byte, 0, 200), before...)
		got, err := b.Open(room, form, sampleHeader)
		if err == nil {
			return // told elsewhere
		}
		if len(got) > len(before) {
			t.Fatalf("Open returned an error after %s, and %d bytes", what, len(got))
		}
		if all := room[:cap(room)]; bytes.Contains(all, plain[:16]) {
			t.Fatalf("Open returned an error after %s, and left what was sealed in the room of dst", what)
		}
	})
}

func sealerRefusesForeign(t testing.TB, newSealer func() swim.Sealer) {
	s, rng := newSealer(), seeded(1)
	for n := range 300 {
		random := make([]byte, n)
		for i := range random {
			random[i] = byte(rng.Uint32())
		}
		for _, data := range [][]byte{random, make([]byte, n), bytes.Repeat([]byte{0xff}, n)} {
			var err error
			if p := panicOf(func() { _, err = s.Open(nil, data, sampleHeader) }); p != nil {
				t.Fatalf("Open of %d bytes that nobody sealed panicked: %v", n, p)
			}
			if err == nil {
				t.Fatalf("%d bytes that nobody sealed opened", n)
			}
		}
	}
}

func sealerOverhead(t testing.TB, newSealer func() swim.Sealer) {
	s := newSealer()
	for _, n := range slices.Concat(sealedBytes, []int{31, 32, 33, 255, 256, 65535, 65536}) {
		if more := len(seal(t, s, secret(n))) - n; more > s.Overhead() {
			t.Errorf("Seal lengthened %d bytes by %d, and Overhead is %d", n, more, s.Overhead())
		}
	}
}

func sealerConcurrent(t testing.TB, newSealer func() swim.Sealer) {
	a, b := newSealer(), newSealer()
	var wg sync.WaitGroup
	for i := range 4 {
		beside(t, &wg, func() {
			for n := range 50 {
				plain := secret(100*i + n)
				sealed, err := a.Seal(nil, plain, sampleHeader)
				if err != nil {
					t.Errorf("Seal beside others: %v", err)
					return
				}
				if got, err := b.Open(nil, sealed, sampleHeader); err != nil || !bytes.Equal(got, plain) {
					t.Errorf("Open of %d bytes beside others: %d others, %v", len(plain), len(got), err)
					return
				}
				if a.Overhead() != b.Overhead() {
					t.Error("Overhead differs among the nodes of a cluster")
					return
				}
			}
		})
	}
	wg.Wait()
}
