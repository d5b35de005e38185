package tags

import "math"

// The types of MessagePack that tags are made of, by their first bytes. Of the fix
// ones, the low bits are the length.
const (
	fixMap     = 0x80
	fixMapMask = 0xf0
	map16      = 0xde
	map32      = 0xdf
	fixStr     = 0xa0
	fixStrMask = 0xe0
	str8       = 0xd9
	str16      = 0xda
	str32      = 0xdb
)

// walk goes through encoded tags one by one. Whatever is there, it looks at each byte
// once and makes nothing, so nobody can have a decoder allocate for a length or nesting
// that is only claimed.
type walk struct {
	rest string
	left int // tags that have not been read
}

// newWalk returns false if meta does not begin as tags do.
func newWalk(meta string) (walk, bool) {
	w := walk{rest: meta}
	if meta == "" {
		return w, true
	}
	ok := false
	switch first := meta[0]; {
	case first&fixMapMask == fixMap:
		w.left, w.rest, ok = int(first&^fixMapMask), meta[1:], true
	case first == map16:
		w.left, ok = w.length(2)
	case first == map32:
		w.left, ok = w.length(4)
	}
	return w, ok
}

// next reads a tag, and returns false if there is none.
func (w *walk) next() (key, value string, ok bool) {
	if key, ok = w.str(); !ok {
		return "", "", false
	}
	if value, ok = w.str(); !ok {
		return "", "", false
	}
	w.left--
	return key, value, true
}

func (w *walk) str() (string, bool) {
	if w.rest == "" {
		return "", false
	}
	n, ok := 0, false
	switch first := w.rest[0]; {
	case first&fixStrMask == fixStr:
		n, w.rest, ok = int(first&^fixStrMask), w.rest[1:], true
	case first == str8:
		n, ok = w.length(1)
	case first == str16:
		n, ok = w.length(2)
	case first == str32:
		n, ok = w.length(4)
	}
	if !ok || n > len(w.rest) {
		return "", false
	}
	s := w.rest[:n]
	w.rest = w.rest[n:]
	return s, true
}

// length reads a first byte, which says what is next, and a length of so many bytes
// after it. Where an int has 32 bits, one that it cannot hold is too long anyway.
func (w *walk) length(width int) (int, bool) {
	if len(w.rest) <= width {
		return 0, false
	}
	var n uint64
	for i := 1; i <= width; i++ {
		n = n<<8 | uint64(w.rest[i])
	}
	w.rest = w.rest[1+width:]
	return int(min(n, math.MaxInt32)), true
}
