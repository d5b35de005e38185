package security_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/swim-go/swim/security"
)

// Those whom a node knows are not to suffer for what strangers send.
func ExampleLimiter() {
	known := map[string]bool{"10.0.0.1:7946": true}
	members := security.NewLimiter(security.Limits{Source: security.Rate{PerSecond: 1000}})
	strangers := security.NewLimiter(security.Limits{
		Source: security.Rate{PerSecond: 10},
		Total:  security.Rate{PerSecond: 100, Burst: 20},
	})
	allow := func(now time.Duration, source string) bool {
		if known[source] {
			return members.Allow(now, source)
		}
		return strangers.AllowHost(now, source)
	}

	passed := 0
	for port := range 60_000 { // one host, of many ports
		if allow(time.Second, netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), uint16(port)).String()) {
			passed++
		}
	}
	fmt.Println(passed, strangers.Shed().Source)
	fmt.Println(allow(time.Second, "10.0.0.1:7946"))
	// Output:
	// 10 59990
	// true
}
