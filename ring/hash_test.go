package ring

import (
	"hash/fnv"
	"testing"
)

// What a key hashes to, and whose it is, must be the same in all versions. If
// this test fails, the code is wrong, not the test.
func TestGoldenHashes(t *testing.T) {
	for key, want := range map[string]uint64{
		"":                                      0xf52a15e9a9b5e89b,
		"a":                                     0x02c0bdbf481420f8,
		"key":                                   0x487eb6f7e0ea7e7c,
		"key-1":                                 0x3803edeb4f445d66,
		"key-2":                                 0x400aa4b45a635482,
		"\x00":                                  0x25fc6dd36ce04b20,
		"schlüssel mit mehr als sechzehn bytes": 0xeb687095c8befd86,
	} {
		if got := Hash(key); got != want {
			t.Errorf("Hash(%q) = %#x, want %#x", key, got, want)
		}
		if got := Hash([]byte(key)); got != want {
			t.Errorf("Hash of the bytes of %q = %#x, want %#x", key, got, want)
		}
	}
}

func TestGoldenOwners(t *testing.T) {
	var r Ring
	r.Add(cluster(5)...)
	for key, want := range map[string]string{
		"":       "node-2 node-4 node-1",
		"a":      "node-4 node-2 node-3",
		"b":      "node-3 node-1 node-4",
		"c":      "node-1 node-3 node-0",
		"user/1": "node-3 node-0 node-1",
		"user/2": "node-3 node-1 node-0",
		"user/3": "node-4 node-3 node-2",
	} {
		if got := names(r.Owners(nil, key, 3)); got != want {
			t.Errorf("%q belongs to %q, want %q", key, got, want)
		}
	}
}

// The two parts of the hash are those that the documentation names.
func TestHashIsWhatItSays(t *testing.T) {
	for _, key := range []string{"", "a", "foobar", "node-17"} {
		f := fnv.New64a()
		f.Write([]byte(key))
		if got, want := Hash(key), mix(f.Sum64()); got != want {
			t.Errorf("Hash(%q) = %#x, want %#x", key, got, want)
		}
	}
	// The outputs of SplitMix64 with the seed 1234567, as its authors publish them.
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		if got := point(1234567, i); got != want {
			t.Errorf("output %d of SplitMix64 is %d, want %d", i, got, want)
		}
	}
}

// Keys that differ little are far from each other: of each bit of the hash, half
// the keys have it set.
func TestHashSpreadsSimilarKeys(t *testing.T) {
	const keys = 4096
	var set [64]int
	for i := range keys {
		h := Hash("user/" + string(rune('a'+i%16)) + string(rune('a'+i/16%16)) + string(rune('a'+i/256)))
		for bit := range set {
			set[bit] += int(h >> bit & 1)
		}
	}
	for bit, n := range set {
		if n < keys/2-5*32 || n > keys/2+5*32 { // five standard deviations
			t.Errorf("bit %d is set in %d of %d hashes", bit, n, keys)
		}
	}
}
