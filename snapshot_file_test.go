package swim

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testPast has what the format must carry, whole.
func testPast() past {
	return past{
		Cluster: "prod", Name: "n \"1\" <&>", Epoch: 1<<64 - 1,
		Members: []pastMember{
			{Name: "ä\u2028", Addr: "[fe80::1%eth0]:7946", Epoch: 1},
			{Name: "b", Addr: "any\x01notation", Epoch: 1 << 63},
		},
	}
}

func written(t *testing.T, p past) (path string, data []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "snapshot")
	if err := p.write(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, data
}

func TestSnapshotComesBackWhole(t *testing.T) {
	for _, want := range []past{testPast(), {Name: "alone", Epoch: 1}} {
		path, _ := written(t, want)
		got, err := readPast(path)
		if err != nil || !got.equal(&want) {
			t.Errorf("wrote %+v, read %+v, %v", want, got, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
}

// Wherever the file ends too early, and whichever byte is another, it is known for
// damaged. CRC-32C finds all changes of fewer than 32 adjacent bits.
func TestDamagedSnapshotIsNotRead(t *testing.T) {
	_, data := written(t, testPast())
	damaged := func(what string, data []byte) {
		if p, err := decodePast(data); !errors.Is(err, errSnapshotDamaged) && !errors.Is(err, errNoSnapshot) {
			t.Errorf("%s: read %+v, %v", what, p, err)
		}
	}
	for i := range data {
		damaged(fmt.Sprint("cut at ", i), data[:i])
		changed := bytes.Clone(data)
		for flip := range 255 {
			changed[i] = data[i] ^ byte(flip+1)
			damaged(fmt.Sprintf("byte %d is %#x instead of %#x", i, changed[i], data[i]), changed)
		}
	}
	damaged("too long", append(bytes.Clone(data), '\n'))
	damaged("twice", append(bytes.Clone(data), data...))
	damaged("of another version", bytes.Replace(data, []byte("snapshot 1"), []byte("snapshot 2"), 1))
	damaged("no JSON", append(snapshotHead([]byte("{")), '{'))
}

// What is to be read may be anything that somebody put there.
func TestWhatIsNoSnapshot(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	p := past{Name: strings.Repeat("n", maxSnapshotBytes)}
	if err := p.write(large); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, large, filepath.Join(large, "below"), os.DevNull} {
		p, err := readPast(path)
		if err == nil || path == large && !strings.Contains(err.Error(), "more than") {
			t.Errorf("%s: read %d members, %v", path, len(p.Members), err)
		}
	}
	if p, err := readPast(filepath.Join(dir, "none")); err != nil || p.Name != "" {
		t.Errorf("none: %+v, %v", p, err)
	}
}

// A process that dies while it writes leaves the old file, whole, and part of a new
// one under another name, which is in nobody's way.
func TestSnapshotSurvivesACrashWhileWriting(t *testing.T) {
	path, old := written(t, testPast())
	next := past{Cluster: "prod", Name: "n", Epoch: 7}
	data, err := next.encode()
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(data) + 1 {
		// With a mode that others could read, as another program may leave it.
		if err := os.WriteFile(path+".tmp", data[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, old) {
			t.Fatalf("after %d bytes the old one is changed", n)
		}
	}
	if err := next.write(path); err != nil {
		t.Fatal(err)
	}
	if p, err := readPast(path); err != nil || !p.equal(&next) {
		t.Errorf("read %+v, %v", p, err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if _, err := os.Stat(path + ".tmp"); err == nil {
		t.Error("part of another is still there")
	}
}

// A write that fails leaves the old file and nothing else.
func TestSnapshotThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "snapshot")
	if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := testPast()
	if err := p.write(path); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(path + ".tmp"); err == nil {
		t.Error("part of it is left behind")
	}
	if err := p.write(filepath.Join(dir, "none", "snapshot")); err == nil {
		t.Error("written to a directory that does not exist")
	}
}

// The largest snapshot that is written is one that is read.
func TestLargestSnapshotIsRead(t *testing.T) {
	// Six bytes for each is the most that JSON takes.
	p := past{Cluster: strings.Repeat("\x01", maxClusterBytes), Name: strings.Repeat("<", 255), Epoch: 1<<64 - 1}
	for range maxSnapshotMembers {
		p.Members = append(p.Members, pastMember{strings.Repeat("<", 255), strings.Repeat("\x01", 255), 1<<64 - 1})
	}
	path, data := written(t, p)
	if got, err := readPast(path); err != nil || !got.equal(&p) {
		t.Errorf("of %d bytes: %v", len(data), err)
	}
}

// Members are left out of a large cluster evenly.
func TestSomeOfManyMembers(t *testing.T) {
	var members []Member
	for i := range 5000 {
		members = append(members, Member{Name: fmt.Sprintf("%04d", i)})
	}
	some := someOf(members, maxSnapshotMembers)
	if len(some) != maxSnapshotMembers || some[0].Name != "0000" || some[maxSnapshotMembers/2].Name != "2500" {
		t.Errorf("%d members, %q and %q", len(some), some[0].Name, some[len(some)/2].Name)
	}
	if got := someOf(members[:3], 0); len(got) != 0 {
		t.Errorf("%d of none", len(got))
	}
}

func FuzzSnapshot(f *testing.F) {
	p := testPast()
	data, err := p.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(snapshotMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		// With a head that fits, so that the body is looked at as well.
		for _, data := range [][]byte{data, append(snapshotHead(data), data...)} {
			if p, err := decodePast(data); err == nil && len(p.Members) > maxSnapshotMembers {
				t.Errorf("%d members", len(p.Members))
			}
		}
	})
}
