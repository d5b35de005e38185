package main

import (
	"reflect"
	"strings"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/benchmarks/internal/cluster"
)

// count is one counter of what was refused or dropped.
type count struct {
	name  string
	count uint64
}

// counts are all such counters of some nodes, summed up, in the order in which
// Stats has them.
type counts []count

// shed finds the counters by reflection, so that a new one shows by itself: all of
// Drops, and those of the protocol whose names say that something was refused.
func shed(nodes []*swim.Node) counts {
	var sum counts
	for _, s := range cluster.Stats(nodes) {
		var one counts
		one.take("shed, ", reflect.ValueOf(s.Drops), func(string) bool { return true })
		one.take("shed by the protocol, ", reflect.ValueOf(s.Protocol), refuses)
		if sum == nil {
			sum = one
			continue
		}
		for i := range one {
			sum[i].count += one[i].count
		}
	}
	return sum
}

// refuses reports whether a counter of the protocol is of what was not done.
func refuses(field string) bool {
	for _, ending := range []string{"Shed", "Invalid", "Misdirected", "Late", "Reflected", "Refused", "Spoofed", "Oversized", "Limited"} {
		if strings.HasSuffix(field, ending) {
			return true
		}
	}
	return false
}

// take takes the unsigned fields of a struct, and of structs in it.
func (c *counts) take(prefix string, v reflect.Value, wanted func(field string) bool) {
	for i := range v.NumField() {
		name, f := v.Type().Field(i).Name, v.Field(i)
		switch {
		case f.Kind() == reflect.Struct:
			c.take(prefix+name+".", f, wanted)
		case f.CanUint() && wanted(name):
			*c = append(*c, count{prefix + name, f.Uint()})
		}
	}
}

// since are those that have grown, and by how much.
func (c counts) since(before counts) (grown counts) {
	for i, now := range c {
		if by := now.count - before[i].count; by > 0 {
			grown = append(grown, count{now.name, by})
		}
	}
	return grown
}
