package selector_test

import (
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/swimtest"
	"github.com/swim-go/swim/wire"
)

// Each selector here keeps the contract of the seam it is made for.
func TestContract(t *testing.T) {
	zoneOf := func(m wire.Member) string { return m.Meta }
	for name, newSelector := range map[string]func() swim.MemberSelector{
		"RoundRobin":                func() swim.MemberSelector { return new(selector.RoundRobin) },
		"Random":                    func() swim.MemberSelector { return new(selector.Random) },
		"Zoned":                     func() swim.MemberSelector { return &selector.Zoned{Own: "zone=a", Zone: zoneOf} },
		"Zoned in a zone of itself": func() swim.MemberSelector { return &selector.Zoned{Own: "zone=x", Zone: zoneOf} },
	} {
		t.Run(name, func(t *testing.T) { swimtest.TestSelector(t, newSelector) })
	}
}
