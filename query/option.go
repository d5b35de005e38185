package query

import (
	"slices"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/tags"
)

// Option changes one [Queries.Ask]. Without any, all live members are asked, this node
// included.
type Option func(*choice)

// To asks only the members of these names, of up to MaxNamed. One that is not a live
// member is answered for at once, with [swim.ErrUnknownMember].
func To(names ...string) Option {
	return func(c *choice) { c.named, c.names = true, append(c.names, names...) }
}

// Tagged asks only members whose metadata has, by package tags, this value under the key.
// Of several all must hold, and To as well.
func Tagged(key, value string) Option {
	return func(c *choice) { c.tags = append(c.tags, tag{key, value}) }
}

// Relays lets each answer come by n other members too, of up to MaxRelays.
func Relays(n int) Option {
	return func(c *choice) { c.relays = min(max(n, 0), MaxRelays) }
}

// choice is who is asked, and how they answer.
type choice struct {
	named  bool // or all
	names  []string
	tags   []tag
	relays int
}

type tag struct{ key, value string }

// holds reports whether a member is chosen.
func (c *choice) holds(m swim.Member) bool {
	if c.named && !slices.Contains(c.names, m.Name) {
		return false
	}
	for _, want := range c.tags {
		if value, ok := tags.Lookup(m.Meta, want.key); !ok || value != want.value {
			return false
		}
	}
	return true
}

// fits reports whether a choice is within the limits.
func (c *choice) fits() bool {
	long := func(s string) bool { return len(s) > maxStringBytes }
	return len(c.names) <= MaxNamed && len(c.tags) <= MaxTagged && !slices.ContainsFunc(c.names, long) &&
		!slices.ContainsFunc(c.tags, func(t tag) bool { return long(t.key) || long(t.value) })
}
