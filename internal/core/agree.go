package core

import (
	"slices"

	"github.com/swim-go/swim/wire"
)

// agreement is who, one after another, answered with the digest that we have. The
// digest is noted too: who agreed with a view that we have left since agrees with
// it no more.
type agreement struct {
	view uint64
	with []wire.Ref
}

// agreeWanted is how many members in a row must agree with us, where there are so
// many. One may share our gap, for we may have it from that very member.
const agreeWanted = 3

// agree notes the digest of a member that has just answered. One that differs
// ends the row.
func (m *Machine) agree(with wire.Ref, digest uint64) {
	a, own := &m.agreement, m.digest()
	if digest != own || a.view != own {
		a.view, a.with = own, a.with[:0]
	}
	if digest == own && len(a.with) < agreeWanted && !slices.Contains(a.with, with) {
		a.with = append(a.with, with)
	}
}

// Agrees reports whether the last answers of as many distinct members as it takes
// brought the digest that we have now. It is true of a node without peers.
func (m *Machine) Agrees() bool {
	want := min(agreeWanted, m.table.peers())
	return want == 0 || m.agreement.view == m.digest() && len(m.agreement.with) >= want
}
