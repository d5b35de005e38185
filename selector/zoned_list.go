package selector

import (
	"slices"

	"github.com/swim-go/swim/wire"
)

// The limits of what a Zoned tells apart. Metadata is the members' own, so the
// names in it, and how many they are, are not to be trusted.
const (
	// MaxZones is how many zones a [Zoned] tells apart beside its own.
	MaxZones = 64
	// MaxZoneBytes is how long the name of a zone may be.
	MaxZoneBytes = 255
)

// Two zones are always there, empty or not.
const (
	ownZone      = 0
	overflowZone = 1 // for what exceeds the limits
	namedZones   = 2 // from here on zones are those in names
)

// zones is the members by zone, in one list in which those of a zone stand side
// by side. A list for each would have to be grown for each, and one of all but
// the own zone would be needed beside them. It takes five bytes a member.
type zones struct {
	refs  []wire.Ref
	ends  []int   // a zone is refs from where the one before ends to where it does
	where []uint8 // by ref: its zone and 1, or 0
	names []string
}

// members of a zone. Their order means nothing.
func (z *zones) members(zone int) []wire.Ref {
	switch {
	case zone >= len(z.ends):
		return nil
	case zone == 0:
		return z.refs[:z.ends[0]]
	}
	return z.refs[z.ends[zone-1]:z.ends[zone]]
}

// of returns the zone that ref is in, or -1.
func (z *zones) of(ref wire.Ref) int {
	if ref < 0 || int(ref) >= len(z.where) {
		return -1
	}
	return int(z.where[ref]) - 1
}

// find returns the zone of a name. A new one takes the place of one that is
// empty, so that names which come and go do not use the limit up.
func (z *zones) find(name, own string) int {
	for len(z.ends) < namedZones {
		z.ends = append(z.ends, 0)
	}
	if name == own {
		return ownZone
	}
	if len(name) > MaxZoneBytes {
		return overflowZone
	}
	if i := slices.Index(z.names, name); i >= 0 {
		return namedZones + i
	}
	for i := range z.names {
		if len(z.members(namedZones+i)) == 0 {
			z.names[i] = name
			return namedZones + i
		}
	}
	if len(z.names) == MaxZones {
		return overflowZone
	}
	z.names = append(z.names, name)
	z.ends = append(z.ends, len(z.refs))
	return len(z.ends) - 1
}

// put lets ref be in a zone, and in no other.
func (z *zones) put(ref wire.Ref, zone int) {
	if z.of(ref) == zone {
		return
	}
	z.remove(ref)
	if need := int(ref) + 1 - len(z.where); need > 0 {
		z.where = append(z.where, make([]uint8, need)...)
	}
	z.where[ref] = uint8(zone + 1)
	// Each zone behind moves up by one: its first becomes its last.
	hole := len(z.refs)
	z.refs = append(z.refs, ref)
	for i := len(z.ends) - 1; i > zone; i-- {
		first := z.ends[i-1]
		z.refs[hole] = z.refs[first]
		hole = first
		z.ends[i]++
	}
	z.refs[hole] = ref
	z.ends[zone]++
}

// remove takes ref out of its zone, if it is in one.
func (z *zones) remove(ref wire.Ref) {
	zone := z.of(ref)
	if zone < 0 {
		return
	}
	z.where[ref] = 0
	hole := z.ends[zone] - len(z.members(zone)) + slices.Index(z.members(zone), ref)
	// Each zone behind moves down by one: its last becomes its first.
	for i := zone; i < len(z.ends); i++ {
		z.ends[i]--
		z.refs[hole] = z.refs[z.ends[i]]
		hole = z.ends[i]
	}
	z.refs = z.refs[:hole]
}
