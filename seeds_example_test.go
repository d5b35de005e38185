package swim_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/swim-go/swim"
)

// With Seeds nobody calls Join: the node finds the others by itself, when it starts and
// whenever it has lost them.
func ExampleFileSeeds() {
	ctx := context.Background()
	dir := must(os.MkdirTemp("", "swim"))
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "seeds")

	a := must(swim.Start(ctx, swim.Config{Name: "a", Bind: "127.0.0.1:0"}))
	defer a.Close()
	if err := os.WriteFile(path, []byte("# one a line\n"+a.Local().Addr+"\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	b := must(swim.Start(ctx, swim.Config{Name: "b", Bind: "127.0.0.1:0", Seeds: swim.FileSeeds(path)}))
	defer b.Close()
	fmt.Println(b.Ready(ctx), b.Stats().Alive, "alive")
	// Output: <nil> 2 alive
}

// The names of a headless service of Kubernetes: all addresses at port 7946, or those
// and the ports that SRV records name.
func ExampleDNSSeeds() {
	cfg := swim.LAN()
	cfg.Seeds = swim.DNSSeeds{Name: "web.default.svc.cluster.local"}
	fmt.Println(cfg.Validate())
	cfg.Seeds = swim.SRVSeeds{Name: "_gossip._udp.web.default.svc.cluster.local"}
	fmt.Println(cfg.Validate())
	// Output:
	// <nil>
	// <nil>
}

// A registry of your own is a function. It is asked again each time.
func ExampleSeedFunc() {
	ctx := context.Background()
	a := must(swim.Start(ctx, swim.Config{Name: "a", Bind: "127.0.0.1:0"}))
	defer a.Close()
	registry := func(context.Context) ([]string, error) { return []string{a.Local().Addr}, nil }
	b := must(swim.Start(ctx, swim.Config{Name: "b", Bind: "127.0.0.1:0", Seeds: swim.SeedFunc(registry)}))
	defer b.Close()
	fmt.Println(b.Ready(ctx), b.Stats().Alive, "alive")
	// Output: <nil> 2 alive
}

// A node that has a Snapshot is told once where the others are. Started again, it asks
// those whom it knew.
func ExampleConfig_snapshot() {
	ctx := context.Background()
	dir := must(os.MkdirTemp("", "swim"))
	defer os.RemoveAll(dir)

	a := must(swim.Start(ctx, swim.Config{Name: "a", Bind: "127.0.0.1:0"}))
	defer a.Close()
	cfg := swim.Config{Name: "b", Bind: "127.0.0.1:0", Snapshot: filepath.Join(dir, "b.snapshot")}
	b := must(swim.Start(ctx, cfg))
	must(b.Join(ctx, a.Local().Addr))
	_ = b.Close()

	b = must(swim.Start(ctx, cfg))
	defer b.Close()
	fmt.Println(b.Ready(ctx), b.Stats().Alive, "alive")
	// Output: <nil> 2 alive
}

// LAN, WAN and Local have the timing for such a network; the first two listen on all
// interfaces.
func ExampleLAN() {
	for _, cfg := range []swim.Config{swim.Local(), swim.LAN(), swim.WAN()} {
		fmt.Printf("%v %v %q\n", cfg.ProbeInterval, cfg.GossipInterval, cfg.Bind)
	}
	// Output:
	// 1s 100ms ""
	// 1s 200ms ":7946"
	// 5s 500ms ":7946"
}
