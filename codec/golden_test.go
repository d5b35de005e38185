package codec_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files of testdata anew")

// TestGolden holds both directions to the committed bytes: they are what nodes
// of other versions write and expect.
func TestGolden(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			encoded := encode(t, &s.msg)
			if *rewrite {
				writeVector(t, s, encoded)
			}
			want := readVector(t, vectorPath(s.name))
			if !bytes.Equal(encoded, want) {
				t.Errorf("encodes as\n%swant\n%s", hex.Dump(encoded), hex.Dump(want))
			}
			if m := decode(t, want); !reflect.DeepEqual(m, s.msg) {
				t.Errorf("decodes as\n%+v\nwant\n%+v", m, s.msg)
			}
		})
	}
}

// TestGoldenRead reads what this version does not write: files made by hand,
// which -rewrite leaves alone.
func TestGoldenRead(t *testing.T) {
	bob := wire.Update{Member: wire.Member{
		Name: "bob", Addr: "b:1", Epoch: 5, Incarnation: 6, State: wire.Alive,
	}}
	ping := wire.Message{
		Kind: wire.Ping, Seq: 2, Sender: wire.Sender{Name: "al", Epoch: 3, Incarnation: 4},
		Target: "bob", Cursor: 1, Updates: []wire.Update{bob}, Payload: []byte("hi"),
	}
	short := wire.Message{Kind: wire.Ping, Seq: 2, Sender: ping.Sender}
	none := ping
	none.Target, none.Updates, none.Payload = "", nil, nil
	later := ping
	later.Broadcasts = []wire.Broadcast{{Origin: "o", Epoch: 7, Seq: 8, Channel: "c", Key: "k", Size: 9}}
	for name, want := range map[string]wire.Message{
		"read-later":    later,
		"read-earlier":  short,
		"read-short":    {Kind: wire.Ping, Seq: 2, Sender: ping.Sender, Target: "bob", Updates: []wire.Update{bob}},
		"read-integers": ping,
		"read-lengths":  ping,
		"read-nil":      none,
	} {
		t.Run(name, func(t *testing.T) {
			if m := decode(t, readVector(t, vectorPath(name))); !reflect.DeepEqual(m, want) {
				t.Errorf("decodes as\n%+v\nwant\n%+v", m, want)
			}
		})
	}
}

// TestGoldenFilesAreUsed fails for a file that no test reads any more.
func TestGoldenFilesAreUsed(t *testing.T) {
	used := make(map[string]bool)
	for _, s := range samples() {
		used[s.name] = true
	}
	for name := range vectors(t) {
		if !used[name] && !strings.HasPrefix(name, "read-") {
			t.Errorf("testdata/%s.hex belongs to no sample", name)
		}
	}
}

// TestGoldenTruncated cuts every golden message everywhere.
func TestGoldenTruncated(t *testing.T) {
	for name, data := range vectors(t) {
		for n := range data {
			var m wire.Message
			err := codec.Msgpack{}.Decode(&m, data[:n])
			checkRefused(t, &m, err, data[:n])
			if t.Failed() {
				t.Fatalf("%s cut to %d of %d bytes: error %v", name, n, len(data), err)
			}
		}
	}
}

// vectors returns the bytes of all golden files by name.
func vectors(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(vectorPath("*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	vs := make(map[string][]byte)
	for _, p := range paths {
		vs[strings.TrimSuffix(filepath.Base(p), ".hex")] = readVector(t, p)
	}
	return vs
}

// names returns the names of the golden files in a fixed order.
func names(vs map[string][]byte) []string { return slices.Sorted(maps.Keys(vs)) }

func vectorPath(name string) string { return filepath.Join("testdata", name+".hex") }

// readVector reads hexadecimal digits and blanks; # begins a comment.
func readVector(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var digits strings.Builder
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	data, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return data
}

func writeVector(t *testing.T, s sample, data []byte) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s.\n# Made by: go test ./codec -run TestGolden -rewrite\n", s.name, s.about)
	for line := range slices.Chunk(data, 32) {
		fmt.Fprintf(&b, "%x\n", line)
	}
	if err := os.WriteFile(vectorPath(s.name), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestGoldenPrevious reads what an earlier version wrote, whose updates had no token
// and whose messages no broadcasts.
func TestGoldenPrevious(t *testing.T) {
	read := 0
	for _, s := range samples() {
		if strings.HasPrefix(s.about, "a packet with a broadcast") || s.msg.Kind == wire.Fetch {
			continue
		}
		s.msg.Broadcasts = nil
		m := decode(t, readVector(t, filepath.Join("testdata", "previous", s.name+".hex")))
		for i := range s.msg.Updates {
			s.msg.Updates[i].Token = ""
		}
		if !reflect.DeepEqual(m, s.msg) {
			t.Errorf("%s decodes as\n%+v\nwant\n%+v", s.name, m, s.msg)
		}
		read++
	}
	if read < 20 {
		t.Errorf("%d read", read)
	}
}
