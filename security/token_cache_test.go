package security

import (
	"crypto/ed25519"
	"fmt"
	"testing"
	"time"
	"unsafe"
)

func TestTokenCacheIsBounded(t *testing.T) {
	var c tokenCache
	c.add("token", "asked for", terms{notAfter: 7})
	c.add("token", "not asked for", terms{})
	for i := range 5 * maxVerified {
		c.add("token", fmt.Sprint(i), terms{})
		if len(c.young) > maxVerified || len(c.old) > maxVerified {
			t.Fatalf("%d young and %d old ones after %d", len(c.young), len(c.old), i)
		}
		if i%1000 == 0 {
			if got, ok := c.find("token", "asked for"); !ok || got.notAfter != 7 {
				t.Fatalf("%+v, %v after %d: what is asked for is forgotten", got, ok, i)
			}
		}
	}
	if _, ok := c.find("token", "not asked for"); ok {
		t.Error("what nobody asked for is still there")
	}
}

func TestTokenCacheTellsPairsApart(t *testing.T) {
	var c tokenCache
	c.add("ab", "c", terms{})
	for _, pair := range [][2]string{{"a", "bc"}, {"ab", ""}, {"ab", "d"}, {"", "c"}} {
		if _, ok := c.find(pair[0], pair[1]); ok {
			t.Errorf("%q is taken for another", pair)
		}
	}
}

// What is asked about are views into a packet, whose buffer serves again.
func TestVerifierKeepsNoViews(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	s, err := NewTokenSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.Sign(Grant{Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewTokenVerifier("", key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	packet := []byte(token + "a")
	view := unsafe.String(&packet[0], len(packet))
	if err := v.Verify(view[:len(token)], view[len(token):], "", time.Time{}); err != nil {
		t.Fatal(err)
	}
	clear(packet)
	if _, ok := v.verified.find(token, "a"); !ok {
		t.Error("the packet's end took what was remembered with it")
	}
}

// Whoever makes up tokens does not fill the memory, nor empty it.
func TestOnlyTheGoodAreRemembered(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	v, err := NewTokenVerifier("", key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewTokenSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.Sign(Grant{Name: "a", NotAfter: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", token} {
		if v.Verify(bad, "b", "", time.Unix(0, 0)) == nil {
			t.Fatal("taken")
		}
	}
	if v.Verify(token, "a", "", time.Unix(1000, 0)) == nil {
		t.Fatal("taken when expired")
	}
	if n := len(v.verified.young) + len(v.verified.old); n != 0 {
		t.Errorf("%d remembered", n)
	}
}
