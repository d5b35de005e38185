package swim_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

func TestFileSeeds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seeds")
	seeds := swim.FileSeeds(path)
	if _, err := seeds.Seeds(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for text, want := range map[string][]string{
		"":                          nil,
		"a":                         {"a"},
		"# ours\n\n a:1 # old\r\nb": {"a:1", "b"},
		"[::1]:7946\n#c\n":          {"[::1]:7946"},
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := seeds.Seeds(t.Context()); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	for size, ok := range map[int]bool{64 << 10: true, 64<<10 + 1: false} {
		text := strings.Repeat("a", 64<<10-1) + "\n"
		if err := os.WriteFile(path, []byte(text+strings.Repeat("b", size-len(text))), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := seeds.Seeds(t.Context()); (err == nil) != ok || ok && len(got) != 1 {
			t.Errorf("%d bytes: %d seeds, %v", size, len(got), err)
		}
	}
}

// A file may be changed while the node runs.
func TestFileSeedsAreReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seeds")
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a", seeded(swim.FileSeeds(path)))
		n.start("b")
		n.pass(time.Minute)
		if err := os.WriteFile(path, []byte("b\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if took := n.waitLive(a, 2); took > 40*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestSeedsThatCannotWork(t *testing.T) {
	for _, p := range []swim.SeedProvider{
		swim.SeedFunc(nil), swim.FileSeeds(""),
		swim.DNSSeeds{},
		swim.DNSSeeds{Name: "host:"},
		swim.DNSSeeds{Name: "host:0"},
		swim.DNSSeeds{Name: ":7946"},
		swim.SRVSeeds{},
	} {
		var problem *swim.ConfigError
		if err := (swim.Config{Seeds: p}).Validate(); !errors.As(err, &problem) || problem.Field != "Seeds" {
			t.Errorf("%#v: %v", p, err)
		}
	}
	var problem *swim.ConfigError
	if err := (swim.Config{RejoinInterval: 1}).Validate(); !errors.As(err, &problem) || problem.Field != "RejoinInterval" {
		t.Errorf("RejoinInterval: %v", err)
	}
	for _, p := range []swim.SeedProvider{
		swim.StaticSeeds{}, swim.FileSeeds("f"), swim.DNSSeeds{Name: "host"}, swim.DNSSeeds{Name: "host:1"}, swim.SRVSeeds{Name: "s"},
	} {
		if err := (swim.Config{Seeds: p, RejoinInterval: -1, Snapshot: "s"}).Validate(); err != nil {
			t.Errorf("%#v: %v", p, err)
		}
	}
}

// All that a program says is where to look. Start does not wait for the others;
// Ready does.
func ExampleNode_Ready() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	first := must(swim.Start(ctx, swim.Config{Name: "first", Bind: "127.0.0.1:0"}))
	defer first.Close()
	second := must(swim.Start(ctx, swim.Config{
		Name: "second", Bind: "127.0.0.1:0", ProbeInterval: 100 * time.Millisecond,
		Seeds: swim.StaticSeeds{first.Local().Addr},
	}))
	defer second.Close()

	fmt.Println(second.Ready(ctx), len(second.Members()))
	// Output: <nil> 2
}
