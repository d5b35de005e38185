package ring

import (
	"iter"
	"slices"
	"strings"

	"github.com/swim-go/swim"
)

// Snapshot is a ring at one moment. It never changes, so any number of
// goroutines may use it. The zero Snapshot is an empty ring.
type Snapshot struct {
	members []swim.Member // by name
	weights []int
	circle
	superseded chan struct{} // closed when the ring has a newer one
}

// Len is how many members are on the ring, those of weight 0 included.
func (s *Snapshot) Len() int { return len(s.members) }

// Members returns the members on the ring, sorted by name. The slice is the
// caller's.
func (s *Snapshot) Members() []swim.Member { return slices.Clone(s.members) }

// Member returns the member of a name, and false if it is not on the ring.
func (s *Snapshot) Member(name string) (swim.Member, bool) {
	i, ok := slices.BinarySearchFunc(s.members, name, func(m swim.Member, name string) int {
		return strings.Compare(m.Name, name)
	})
	if !ok {
		return swim.Member{}, false
	}
	return s.members[i], true
}

// Owner returns the member that owns a key, and false if nobody does.
func (s *Snapshot) Owner(key string) (swim.Member, bool) { return s.OwnerAt(Hash(key)) }

// OwnerAt is Owner of a key whose [Hash] is known, or of a hash of your own.
func (s *Snapshot) OwnerAt(hash uint64) (swim.Member, bool) {
	if len(s.points) == 0 {
		return swim.Member{}, false
	}
	return s.members[s.owners[s.find(hash)]], true
}

// Owners appends to dst the n members to keep a key with n copies, or all there
// are if they are fewer: its owner, then who would own it if the owner were
// gone, and so on. They are distinct. It allocates nothing where dst has room.
// It looks at each owner for each, so n had better be below a hundred; for
// choosing among many there is [Snapshot.Preference].
func (s *Snapshot) Owners(dst []swim.Member, key string, n int) []swim.Member {
	return s.OwnersAt(dst, Hash(key), n)
}

// OwnersAt is Owners of a key whose [Hash] is known, or of a hash of your own.
func (s *Snapshot) OwnersAt(dst []swim.Member, hash uint64, n int) []swim.Member {
	n = min(n, s.owning)
	if n <= 0 {
		return dst
	}
	start := len(dst)
	for i := s.find(hash); len(dst)-start < n; i = s.following(i) {
		m := &s.members[s.owners[i]]
		if !slices.ContainsFunc(dst[start:], func(o swim.Member) bool { return o.Name == m.Name }) {
			dst = append(dst, *m)
		}
	}
	return dst
}

// Preference iterates over all members that own anything, in the order in which
// they are to keep the key of that hash. A loop that takes the first of each zone
// finds owners that do not fail together.
func (s *Snapshot) Preference(hash uint64) iter.Seq[swim.Member] {
	return func(yield func(swim.Member) bool) {
		if len(s.points) == 0 {
			return
		}
		seen := make([]bool, len(s.members))
		for i, left := s.find(hash), s.owning; left > 0; i = s.following(i) {
			owner := s.owners[i]
			if seen[owner] {
				continue
			}
			if !yield(s.members[owner]) {
				return
			}
			seen[owner] = true
			left--
		}
	}
}
