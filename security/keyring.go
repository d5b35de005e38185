package security

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// MaxKeys is how many keys a [Keyring] holds. A rotation needs two.
const MaxKeys = 16

// Keyring holds the keys of a cluster: the primary, which seals what this node
// sends, and others, whose packets it opens as well. All its methods may be
// called at any time, by anybody; sealers see each change at once.
//
// To rotate without losing a packet, take each step on all nodes before the next
// one: Add the new key, Use it, and, when the packets under way have arrived,
// Remove the old one. A node that was absent catches up by doing all that it
// missed. The zero value is an empty keyring, which neither seals nor opens.
type Keyring struct {
	mu   sync.Mutex // held by who changes keys
	keys atomic.Pointer[[]*ringKey]
}

// ringKey is a key with what sealers make of it. It never changes.
type ringKey struct {
	id    KeyID
	key   Key
	boxes [algorithms]boxMaker
}

func newRingKey(k Key) *ringKey {
	r := &ringKey{id: k.ID(), key: k}
	for a := range r.boxes {
		r.boxes[a] = suites[a].bind(subkey(k, suites[a].name))
	}
	return r
}

// NewKeyring returns a keyring of the primary and of other keys to open with. The
// error is [ErrKeyring].
func NewKeyring(primary Key, others ...Key) (*Keyring, error) {
	k := new(Keyring)
	return k, k.Replace(primary, others...)
}

// load returns the keys, the primary first. Nobody changes them.
func (k *Keyring) load() []*ringKey {
	if keys := k.keys.Load(); keys != nil {
		return *keys
	}
	return nil
}

// primary returns the key to seal with, and nil if there is none.
func (k *Keyring) primary() *ringKey {
	if keys := k.load(); len(keys) > 0 {
		return keys[0]
	}
	return nil
}

// find returns the key of that id, and nil if there is none.
func (k *Keyring) find(id KeyID) *ringKey {
	for _, key := range k.load() {
		if key.id == id {
			return key
		}
	}
	return nil
}

// Primary returns the id of the key that seals, and the zero id of an empty keyring.
func (k *Keyring) Primary() KeyID {
	if key := k.primary(); key != nil {
		return key.id
	}
	return KeyID{}
}

// Keys returns the ids of all keys, the primary's first.
func (k *Keyring) Keys() []KeyID {
	var ids []KeyID
	for _, key := range k.load() {
		ids = append(ids, key.id)
	}
	return ids
}

// Add has packets opened that were sealed with key. It becomes the primary if it is
// the first. To add one again changes nothing. The error is [ErrKeyring].
func (k *Keyring) Add(key Key) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	keys := k.load()
	if has(keys, key) {
		return nil
	}
	return k.store(append(secrets(keys), key))
}

// Use makes a key of the keyring the primary. The one before it stays and opens.
// The error is [ErrKeyring].
func (k *Keyring) Use(id KeyID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	keys := slices.Clone(k.load())
	at := indexOf(keys, id)
	if at < 0 {
		return fmt.Errorf("%w: key %v is not in it: Add it on all nodes first", ErrKeyring, id)
	}
	primary := keys[at]
	keys = slices.Insert(slices.Delete(keys, at, at+1), 0, primary)
	k.keys.Store(&keys)
	return nil
}

// Remove retires a key: from now on, what was sealed with it is refused. The error
// is [ErrKeyring].
func (k *Keyring) Remove(id KeyID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	keys := slices.Clone(k.load())
	switch at := indexOf(keys, id); {
	case at < 0:
		return fmt.Errorf("%w: key %v is not in it: Keys lists those that are", ErrKeyring, id)
	case at == 0:
		return fmt.Errorf("%w: key %v is the primary: Use another on all nodes first", ErrKeyring, id)
	default:
		keys = slices.Delete(keys, at, at+1)
	}
	k.keys.Store(&keys)
	return nil
}

// Replace exchanges all keys at once. It is one step: to rotate by it, give the
// new key among the others first, and the old one last. The error is [ErrKeyring].
func (k *Keyring) Replace(primary Key, others ...Key) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.store(append([]Key{primary}, others...))
}

// Reload is [Keyring.Replace] with the keys of a file: see [LoadKeyFile].
func (k *Keyring) Reload(path string) error {
	keys, err := LoadKeyFile(path)
	if err != nil {
		return err
	}
	return k.Replace(keys[0], keys[1:]...)
}

// store makes these the keys, after a look at them. The ciphers of those that
// stay are kept.
func (k *Keyring) store(wanted []Key) error {
	if len(wanted) > MaxKeys {
		return fmt.Errorf("%w: it would hold %d keys and has room for %d: Remove retired ones first",
			ErrKeyring, len(wanted), MaxKeys)
	}
	old := k.load()
	keys := make([]*ringKey, 0, len(wanted))
	for _, key := range wanted {
		id := key.ID()
		switch {
		case key.zero():
			return fmt.Errorf("%w: a Key that was never set: take one of GenerateKey, ParseKey or LoadKeyFile", ErrKeyring)
		case has(keys, key):
			return fmt.Errorf("%w: key %v is given twice: remove one", ErrKeyring, id)
		case indexOf(keys, id) >= 0:
			return fmt.Errorf("%w: two keys have the id %v by chance: generate another", ErrKeyring, id)
		}
		if at := indexOf(old, id); at >= 0 && old[at].key.Equal(key) {
			keys = append(keys, old[at])
		} else {
			keys = append(keys, newRingKey(key))
		}
	}
	k.keys.Store(&keys)
	return nil
}

func indexOf(keys []*ringKey, id KeyID) int {
	return slices.IndexFunc(keys, func(k *ringKey) bool { return k.id == id })
}

func has(keys []*ringKey, key Key) bool {
	return slices.ContainsFunc(keys, func(k *ringKey) bool { return k.key.Equal(key) })
}

func secrets(keys []*ringKey) []Key {
	var all []Key
	for _, key := range keys {
		all = append(all, key.key)
	}
	return all
}
