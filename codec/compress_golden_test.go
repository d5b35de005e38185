package codec_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim/wire"
)

// compressedSamples are the messages of the golden files in testdata/compressed.
// Those files are read for ever: -rewrite makes the ones that are missing and
// changes none. What is written today need not be the same bytes, since a
// compressor may get better.
func compressedSamples() []sample {
	blocks := wire.Message{Kind: wire.Sync, Seq: 7, Sender: alice, Updates: claims(500)}
	for i := range blocks.Updates {
		blocks.Updates[i].Meta = strings.Repeat("role=web,zone=eu-1,", 30)
		blocks.Updates[i].Epoch = epoch + uint64(i)*2_654_435_761%1_000_000_007*1000
	}
	return []sample{
		{"v1-s2-packet", "S2: eight claims", wire.Message{Kind: wire.Gossip, Sender: alice, Updates: claims(8)}},
		{"v1-s2-user", "S2: a text", wire.Message{
			Kind: wire.User, Sender: alice, Payload: []byte(strings.Repeat("all work and no play ", 20)),
		}},
		{"v1-zstd-sync", "zstd: 100 claims, in one segment", wire.Message{
			Kind: wire.Sync, Seq: 70000, Sender: alice, Updates: claims(100),
		}},
		{"v1-zstd-blocks", "zstd: several blocks, and a window smaller than the whole", blocks},

		{"v1-read-snappy", "a Snappy block: a literal, a copy of its end, and a literal", wire.Message{
			Kind: wire.User, Sender: wire.Sender{Name: "a"}, Payload: []byte(strings.Repeat("abcd", 16)),
		}},
		{"v1-read-zstd-reference", "zstd as the reference program writes it, with a checksum", wire.Message{
			Kind: wire.Sync, Seq: 70000, Sender: alice, Updates: claims(100),
		}},
		{"v1-read-zstd-runs", "zstd: a raw block, an empty one, and a run of zeros", wire.Message{
			Kind: wire.User, Sender: wire.Sender{Name: "a"}, Payload: make([]byte, 80),
		}},
	}
}

func compressedPath(name string) string { return filepath.Join("testdata", "compressed", name+".hex") }

func TestCompressedGolden(t *testing.T) {
	for _, s := range compressedSamples() {
		t.Run(s.name, func(t *testing.T) {
			path := compressedPath(s.name)
			if _, err := os.Stat(path); *rewrite && errors.Is(err, fs.ErrNotExist) {
				writeCompressed(t, path, s)
			}
			data := readVector(t, path)
			form := []byte{marked, 1}
			if strings.Contains(s.name, "zstd") {
				form[1] = 2
			}
			if !slices.Equal(data[:2], form) {
				t.Errorf("begins with % x, want % x", data[:2], form)
			}
			if m := read(t, reading, data); !reflect.DeepEqual(m, s.msg) {
				t.Errorf("decodes as\n%+v\nwant\n%+v", m, s.msg)
			}
		})
	}
}

func writeCompressed(t *testing.T, path string, s sample) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s.\n# Made by: go test ./codec -run TestCompressedGolden -rewrite\n", s.name, s.about)
	for line := range slices.Chunk(compress(t, &s.msg), 32) {
		fmt.Fprintf(&b, "%x\n", line)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestCompressedGoldenFilesAreUsed fails for a file that no test reads any more.
func TestCompressedGoldenFilesAreUsed(t *testing.T) {
	vs := compressedVectors(t)
	for _, s := range compressedSamples() {
		delete(vs, s.name)
	}
	for name := range vs {
		t.Errorf("testdata/compressed/%s.hex belongs to no sample", name)
	}
}

// compressedVectors returns the bytes of the golden files by name.
func compressedVectors(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(compressedPath("*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	vs := make(map[string][]byte)
	for _, p := range paths {
		vs[strings.TrimSuffix(filepath.Base(p), ".hex")] = readVector(t, p)
	}
	return vs
}
