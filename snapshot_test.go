package swim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/swim-go/swim/transport"
)

// kept starts nodes that keep snapshots, in a bubble.
type kept struct {
	*testing.T
	net *transport.MemoryNetwork
	dir string
	log *strings.Builder // what the last node logged
}

func keeping(t *testing.T, test func(k *kept)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		net := transport.NewMemoryNetwork(1)
		net.SetFaults(transport.Faults{MinDelay: time.Millisecond})
		test(&kept{T: t, net: net, dir: dir})
	})
}

func (k *kept) path(name string) string { return filepath.Join(k.dir, name) }

func (k *kept) start(name string, configure ...func(*Config)) *Node {
	k.Helper()
	tr, err := k.net.Listen(name)
	if err != nil {
		k.Fatal(err)
	}
	k.log = new(strings.Builder)
	c := Config{
		Name: name, Transport: tr, Snapshot: k.path(name),
		Logger: hclog.New(&hclog.LoggerOptions{Output: k.log, Level: hclog.Info}),
	}
	for _, f := range configure {
		f(&c)
	}
	n, err := Start(k.Context(), c)
	if err != nil {
		k.Fatal(err)
	}
	k.Cleanup(func() { _ = n.Close() })
	return n
}

func (k *kept) read(name string) past {
	k.Helper()
	p, err := readPast(k.path(name))
	if err != nil {
		k.Fatal(err)
	}
	return p
}

func (p *past) names() string {
	var names []string
	for _, m := range p.Members {
		names = append(names, m.Name)
	}
	return strings.Join(names, " ")
}

func (k *kept) join(n *Node, seed string) {
	k.Helper()
	if _, err := n.Join(k.Context(), seed); err != nil {
		k.Fatal(err)
	}
}

func live(n *Node) string {
	var names []string
	for _, m := range n.Members() {
		names = append(names, m.Name)
	}
	return strings.Join(names, " ")
}

// A node that is started again finds its cluster by the snapshot alone, at once.
func TestRestartFromASnapshot(t *testing.T) {
	keeping(t, func(k *kept) {
		a, b, c := k.start("a"), k.start("b"), k.start("c")
		k.join(b, "a")
		k.join(c, "a")
		pass(15 * time.Second)
		if p := k.read("c"); p.names() != "a b" || p.Name != "c" || p.Epoch != c.Local().Epoch {
			k.Errorf("c keeps %+v", p)
		}
		_ = c.Close()
		pass(time.Minute)
		_ = b.Close() // so that not all who are remembered live
		c = k.start("c")
		pass(15 * time.Second)
		if live(c) != "a c" || live(a) != "a c" {
			k.Errorf("c sees %s, a sees %s", live(c), live(a))
		}
	})
}

// What was true before is worth more than that everybody is gone. Who left is not
// looked for, who failed is.
func TestSnapshotOutlivesTheCluster(t *testing.T) {
	keeping(t, func(k *kept) {
		a, b, c, d := k.start("a"), k.start("b"), k.start("c"), k.start("d")
		for _, n := range []*Node{b, c, d} {
			k.join(n, "a")
		}
		pass(5 * time.Second)
		if _, err := d.Leave(k.Context()); err != nil {
			k.Fatal(err)
		}
		_ = d.Close()
		_ = b.Close()
		pass(time.Minute)
		if p := k.read("a"); p.names() != "c b" {
			k.Errorf("of b, which failed, c, which lives, and d, which left, it keeps %q", p.names())
		}
		_ = c.Close()
		pass(3 * time.Hour) // nobody is in its table any more
		if p := k.read("a"); p.names() != "c b" || live(a) != "a" {
			k.Errorf("alone it keeps %q and sees %s", p.names(), live(a))
		}
		k.start("b", func(c *Config) { c.Snapshot = "" })
		pass(time.Minute)
		if live(a) != "a b" {
			k.Errorf("it sees %s", live(a))
		}
	})
}

// A clock that was set back does not take a node back to before its last life: the
// others would not believe it.
func TestEpochGrowsThoughTheClockWentBack(t *testing.T) {
	keeping(t, func(k *kept) {
		tomorrow := uint64(time.Now().Add(24 * time.Hour).UnixNano())
		for i := range uint64(3) {
			if i == 0 {
				p := past{Name: "a", Epoch: tomorrow}
				if err := p.write(k.path("a")); err != nil {
					k.Fatal(err)
				}
			}
			a := k.start("a")
			if got := a.Local().Epoch; got != tomorrow+i+1 {
				k.Errorf("life %d has epoch %d, want %d", i, got, tomorrow+i+1)
			}
			if p := k.read("a"); p.Epoch != tomorrow+i+1 {
				k.Errorf("which is not kept before anybody hears of it: %d", p.Epoch)
			}
			_ = a.Close()
		}
	})
}

// What cannot be used is said, and the node begins without.
func TestSnapshotThatCannotBeUsed(t *testing.T) {
	far := past{Name: "a", Epoch: 1 << 63}
	other := past{Cluster: "other", Name: "a", Epoch: 1}
	for what, put := range map[string]func(path string) error{
		"damaged":             func(path string) error { return os.WriteFile(path, []byte("swim-snapshot 1 00"), 0o600) },
		"no snapshot":         func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"wrong by years":      far.write,
		`the cluster \"other`: other.write,
	} {
		keeping(t, func(k *kept) {
			if err := put(k.path("a")); err != nil {
				k.Fatal(err)
			}
			a := k.start("a")
			if got := a.Local().Epoch; got != uint64(time.Now().UnixNano()) {
				k.Errorf("%s: epoch %d", what, got)
			}
			if p := k.read("a"); p.Epoch != a.Local().Epoch {
				k.Errorf("%s: it is not replaced: %+v", what, p)
			}
			pass(time.Second)
			_ = a.Close()
			synctest.Wait()
			if !strings.Contains(k.log.String(), "begins without the snapshot") || !strings.Contains(k.log.String(), what) {
				k.Errorf("%s: logged %s", what, k.log)
			}
		})
	}
}

// A disk that refuses stops nothing. It is counted, and said once.
func TestSnapshotOnABadDisk(t *testing.T) {
	keeping(t, func(k *kept) {
		a := k.start("a", func(c *Config) { c.Snapshot = k.path("none/of/these") })
		logged := k.log
		b := k.start("b")
		k.join(a, "b")
		pass(30 * time.Second)
		synctest.Wait()
		if s := a.Stats(); s.SnapshotErrors < 2 || s.Snapshots != 0 || live(b) != "a b" {
			k.Errorf("%d errors, %d snapshots, b sees %s", s.SnapshotErrors, s.Snapshots, live(b))
		}
		if got := strings.Count(logged.String(), "cannot write the snapshot"); got != 1 {
			k.Errorf("said %d times: %s", got, logged)
		}
	})
}

// However fast members come and go, the file is written every 10 s; and not at all
// where nothing changes that it holds.
func TestSnapshotsAreRare(t *testing.T) {
	keeping(t, func(k *kept) {
		a := k.start("a")
		for range 60 {
			b := k.start("b", func(c *Config) { c.Snapshot = "" })
			k.join(b, "a")
			pass(time.Second)
			if _, err := b.Leave(k.Context()); err != nil {
				k.Fatal(err)
			}
			_ = b.Close()
		}
		if got := a.Stats().Snapshots; got < 4 || got > 8 {
			k.Errorf("written %d times in a minute", got)
		}
		b := k.start("b", func(c *Config) { c.Snapshot = "" })
		k.join(b, "a")
		pass(15 * time.Second)
		before := a.Stats().Snapshots
		for i := range 60 {
			if err := b.SetMeta(k.Context(), []byte{byte(i)}); err != nil {
				k.Fatal(err)
			}
			pass(10 * time.Second)
		}
		if got := a.Stats().Snapshots; got != before {
			k.Errorf("written %d times though nothing changes that it holds", got-before)
		}
	})
}

// Close writes what has changed since.
func TestCloseWritesTheSnapshot(t *testing.T) {
	keeping(t, func(k *kept) {
		a, b := k.start("a"), k.start("b")
		pass(5 * time.Second)
		k.join(b, "a")
		_ = a.Close()
		if p := k.read("a"); p.names() != "b" {
			k.Errorf("it keeps %q", p.names())
		}
	})
}

// A machine without a battery for its clock starts in 1970, and has to outbid its last life.
func TestSnapshotBeforeTheClockIsSet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "snapshot")
	p := past{Name: "a", Epoch: uint64(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).UnixNano())}
	if err := p.write(path); err != nil {
		t.Fatal(err)
	}
	if got, err := remember(path, "", uint64(3*time.Second)); err != nil || got.Epoch != p.Epoch {
		t.Errorf("remembered %+v, %v", got, err)
	}
}
