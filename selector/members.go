package selector

import (
	"slices"

	"github.com/swim-go/swim/wire"
)

// members is the set a selector chooses from. It takes four bytes and a bit per
// member, because a simulator keeps 10^8 of them; an index from ref to position
// would double that only to make remove faster, which is rare.
//
// Refs are places in a table, so they are dense and the bitmap is short.
type members struct {
	refs  []wire.Ref
	known []uint64 // bit ref%64 of word ref/64 tells whether ref is in refs
}

// add appends ref to refs, or returns false if it is there. It asks the bitmap
// and not the list: 10,000 joins would else compare 5*10^7 refs.
func (m *members) add(ref wire.Ref) bool {
	word, bit := ref/64, uint64(1)<<(ref%64)
	if need := int(word) + 1 - len(m.known); need > 0 {
		m.known = append(m.known, make([]uint64, need)...)
	}
	if m.known[word]&bit != 0 {
		return false
	}
	m.known[word] |= bit
	m.refs = append(m.refs, ref)
	return true
}

// forget clears the bit of ref and returns its index in refs, from which the
// caller removes it, or -1 if ref is not there.
func (m *members) forget(ref wire.Ref) int {
	word, bit := ref/64, uint64(1)<<(ref%64)
	if int(word) >= len(m.known) || m.known[word]&bit == 0 {
		return -1
	}
	m.known[word] &^= bit
	return slices.Index(m.refs, ref)
}
