package security_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim/security"
)

func TestKeyring(t *testing.T) {
	one, two, three := keyOf(1), keyOf(2), keyOf(3)
	ring := ringOf(t, one, two)
	wants := func(step string, err error, keys ...security.Key) {
		t.Helper()
		var ids []security.KeyID
		for _, k := range keys {
			ids = append(ids, k.ID())
		}
		if err != nil || !slices.Equal(ring.Keys(), ids) || ring.Primary() != ids[0] {
			t.Errorf("%s: %v, primary %v, %v; want %v", step, ring.Keys(), ring.Primary(), err, ids)
		}
	}
	wants("as made", nil, one, two)
	wants("Add", ring.Add(three), one, two, three)
	wants("Add again", ring.Add(three), one, two, three)
	wants("Use", ring.Use(three.ID()), three, one, two)
	wants("Use again", ring.Use(three.ID()), three, one, two)
	wants("Remove", ring.Remove(one.ID()), three, two)
	wants("Replace", ring.Replace(one, three), one, three)

	ids := ring.Keys()
	ids[0] = security.KeyID{}
	wants("after a write to what Keys returned", nil, one, three)
}

// A sealer that looks at the keys meanwhile sees all of one state, and the
// ciphers of the keys that stay are not built again.
func TestKeyringCopiesOnWrite(t *testing.T) {
	one, two, three := keyOf(1), keyOf(2), keyOf(3)
	ring := ringOf(t, one, two, three)
	for what, step := range map[string]func() error{
		"Use":     func() error { return ring.Use(three.ID()) },
		"Remove":  func() error { return ring.Remove(two.ID()) },
		"Add":     func() error { return ring.Add(keyOf(4)) },
		"Replace": func() error { return ring.Replace(two, one) },
	} {
		change(t, ring.Replace(one, two, three))
		held := ring.Held()
		before := slices.Clone(held)
		change(t, step())
		if !slices.Equal(held, before) {
			t.Errorf("%s changes what others look at", what)
		}
		for _, key := range ring.Held() {
			if what != "Add" && !slices.Contains(before, key) {
				t.Errorf("%s builds ciphers anew", what)
			}
		}
	}
}

func TestEmptyKeyring(t *testing.T) {
	var ring security.Keyring
	if ring.Keys() != nil || ring.Primary() != (security.KeyID{}) {
		t.Errorf("%v, primary %v", ring.Keys(), ring.Primary())
	}
	key := keyOf(1)
	if err := ring.Add(key); err != nil || ring.Primary() != key.ID() {
		t.Errorf("primary %v, %v; want the first that was added", ring.Primary(), err)
	}
}

func TestKeyringRefusals(t *testing.T) {
	one, two, unknown := keyOf(1), keyOf(2), keyOf(3)
	ring := ringOf(t, one, two)
	full := ringOf(t)
	for n := byte(2); n <= security.MaxKeys; n++ {
		change(t, full.Add(keyOf(n)))
	}
	_, twice := security.NewKeyring(one, two, one)
	_, none := security.NewKeyring(security.Key{})
	for _, test := range []struct {
		what   string
		err    error
		remedy string
	}{
		{"remove the primary", ring.Remove(one.ID()), "Use another"},
		{"remove an unknown one", ring.Remove(unknown.ID()), "Keys"},
		{"use an unknown one", ring.Use(unknown.ID()), "Add it"},
		{"add none", ring.Add(security.Key{}), "GenerateKey"},
		{"replace by none", ring.Replace(one, security.Key{}), "GenerateKey"},
		{"one key twice", twice, "remove one"},
		{"no key", none, "GenerateKey"},
		{"one too many", full.Add(keyOf(100)), "Remove"},
		{"a missing file", ring.Reload(t.TempDir() + "/none"), ""},
	} {
		if test.err == nil || test.remedy != "" && (!errors.Is(test.err, security.ErrKeyring) || !strings.Contains(test.err.Error(), test.remedy)) {
			t.Errorf("%s: %v; want ErrKeyring, and %q", test.what, test.err, test.remedy)
		}
	}
	if got := ring.Keys(); len(got) != 2 || got[0] != one.ID() || len(full.Keys()) != security.MaxKeys {
		t.Errorf("changed by what was refused: %v, %v", got, full.Keys())
	}
	if err := full.Add(keyOf(1)); err != nil {
		t.Errorf("a full keyring refuses a key that it holds: %v", err)
	}
}

// To change the keys is no new start for those that stay: what was replayed
// before still is.
func TestReplaceKeepsSessions(t *testing.T) {
	for _, s := range sealers {
		ring := ringOf(t)
		a, b := s.make(ringOf(t)), s.make(ring)
		packet := sealOf(t, a, "a message")
		expect(t, b, packet, nil)
		change(t, ring.Replace(keyOf(2), keyOf(1)))
		expect(t, b, packet, security.ErrReplay)
		expect(t, b, sealOf(t, a, "another"), nil)
		if got := b.Stats().Sessions; got != 1 {
			t.Errorf("%s: %d sessions, want 1", s.name, got)
		}
	}
}

// Two keys of one id, by chance, are not confused: not in a keyring, and not by a
// sealer that has known the first and is given the second.
func TestKeysOfOneID(t *testing.T) {
	numbered := func(n uint32) security.Key {
		key, err := security.NewKey(binary.BigEndian.AppendUint32(make([]byte, security.KeyBytes-4), n))
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	one, two := numbered(73856), numbered(78890)
	if one.ID() != two.ID() || one.Equal(two) {
		t.Fatalf("want two keys of one id, and have %v and %v", one, two)
	}
	if _, err := security.NewKeyring(one, two); !errors.Is(err, security.ErrKeyring) || !strings.Contains(err.Error(), "generate another") {
		t.Errorf("both in a keyring: %v", err)
	}
	for _, s := range sealers {
		ring := ringOf(t, one)
		a, b, c := s.make(ringOf(t, one)), s.make(ring), s.make(ringOf(t, two))
		for _, sender := range []*security.KeyedSealer{a, c} {
			sender.SetSessions(func(session []byte) { copy(session, "of the same.") })
		}
		expect(t, b, sealOf(t, a, "1"), nil)
		change(t, ring.Replace(two))
		expect(t, b, sealOf(t, a, "2"), security.ErrForged)
		sealOf(t, c, "1")
		expect(t, b, sealOf(t, c, "2"), nil)
	}
}
