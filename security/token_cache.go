package security

import (
	"strings"
	"sync"
)

// maxVerified bounds one generation of a [tokenCache]: two of them hold the
// tokens of all members of the largest cluster that a node has room for by
// default, in some 15 MB. Nobody but the signer can fill it.
const maxVerified = 1 << 15

// tokenCache remembers tokens whose signature is good for a name. It has two
// generations: what is asked for lives in the young one, and when that is full
// it becomes the old one, and the former old one is forgotten. A signature that
// was forgotten is checked again.
//
// Those that are bad are not remembered: whoever makes them up can make up any
// number of them, and would have the good ones forgotten.
type tokenCache struct {
	mu         sync.Mutex
	young, old map[tokenFor]terms
}

// tokenFor is a token and the name that it was signed for. Both are compared in
// full, not by a hash: who finds two of one hash must not get in for it.
type tokenFor struct{ token, name string }

// find returns the terms of a token, if it is known to be good for that name.
func (c *tokenCache) find(token, name string) (terms, bool) {
	key := tokenFor{token, name}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.young[key]; ok {
		return t, true
	}
	t, ok := c.old[key]
	if ok {
		c.addLocked(token, name, t)
	}
	return t, ok
}

// add remembers a token that is good for that name.
func (c *tokenCache) add(token, name string, t terms) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.addLocked(token, name, t)
}

func (c *tokenCache) addLocked(token, name string, t terms) {
	if len(c.young) >= maxVerified {
		clear(c.old)
		c.young, c.old = c.old, c.young
	}
	if c.young == nil {
		c.young = make(map[tokenFor]terms)
	}
	c.young[tokenFor{strings.Clone(token), strings.Clone(name)}] = t
}
