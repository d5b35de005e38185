package security

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"golang.org/x/crypto/argon2"
)

// What a passphrase has to be.
const (
	// MinPassphraseBytes is the length of the shortest that is accepted. Who
	// records one packet can try passphrases at leisure, so make it long and
	// random rather than clever.
	MinPassphraseBytes = 12
	// MaxPassphraseBytes is the length of the longest.
	MaxPassphraseBytes = 1024
)

// The work of argon2id: the second choice that RFC 9106, section 4, recommends
// where 2 GiB are too much. All nodes must do the same work to get the same key,
// so these are part of the format.
const (
	passphrasePasses    = 3
	passphraseMemoryKiB = 64 << 10
	passphraseThreads   = 4
)

// passphrases lets one derivation run at a time: many at once would take 64 MiB
// each.
var passphrases sync.Mutex

// KeyFromPassphrase derives a key by argon2id, with the cluster's name for salt,
// so that a table of guesses made for one cluster is of no use against another.
// All nodes give the same two. It takes a fraction of a second and 64 MiB. A
// generated key is stronger; this is for where people have to type it. The error
// is [ErrBadKey].
func KeyFromPassphrase(passphrase, cluster string) (Key, error) {
	switch n := len(passphrase); {
	case n < MinPassphraseBytes:
		return Key{}, fmt.Errorf("%w: the passphrase has %d bytes: give at least %d", ErrBadKey, n, MinPassphraseBytes)
	case n > MaxPassphraseBytes:
		return Key{}, fmt.Errorf("%w: the passphrase has %d bytes: give at most %d", ErrBadKey, n, MaxPassphraseBytes)
	}
	passphrases.Lock()
	defer passphrases.Unlock()
	salt := sha256.Sum256([]byte("swim passphrase salt " + cluster))
	return NewKey(argon2.IDKey([]byte(passphrase), salt[:], passphrasePasses, passphraseMemoryKiB, passphraseThreads, KeyBytes))
}
