//go:build race

package examples

// With the race detector the examples are built with it too.
func init() { buildFlags = append(buildFlags, "-race") }
