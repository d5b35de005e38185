package ring

// Hash is where on the ring a key is. It will never change: what one version of
// this package stored under a member, the next must find there.
//
// It is the 64-bit FNV-1a of the key's bytes, put through the last steps of
// SplitMix64. FNV-1a alone leaves keys that differ in their last byte side by
// side; those steps spread them over the ring.
//
// It keeps no secret: who may choose keys can choose many that one member owns.
// Where that matters, compute a keyed hash and use it with [Snapshot.OwnerAt].
func Hash[K string | []byte](key K) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 0x100000001b3
	}
	return mix(h)
}

// mix is the output function of SplitMix64: every bit of its argument moves half
// of the bits of its result.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// point returns the i-th point of the member whose name has a hash: output i of
// SplitMix64 seeded with it. So a member's points depend on nothing but its name,
// and one of a larger weight has those of a smaller weight, too.
func point(hash uint64, i int) uint64 {
	return mix(hash + uint64(i+1)*0x9e3779b97f4a7c15)
}
