package security

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"
)

// macBox leaves messages readable, and tags them with the first half of an
// HMAC-SHA256 of
//
//	length of the header (8 bytes) | header | prefix | plain
//
// The length keeps a header's last byte from being taken for a prefix's first.
type macBox struct{ states sync.Pool }

type macState struct {
	hash   hash.Hash
	length [8]byte
	sum    [sha256.Size]byte
}

func bindHMAC(subkey []byte) boxMaker {
	b := &macBox{sync.Pool{New: func() any { return &macState{hash: hmac.New(sha256.New, subkey)} }}}
	return func([]byte) box { return b }
}

// tag returns the tag, which lies in m.
func (m *macState) tag(prefix, plain, header []byte) []byte {
	m.hash.Reset()
	binary.BigEndian.PutUint64(m.length[:], uint64(len(header)))
	m.hash.Write(m.length[:])
	m.hash.Write(header)
	m.hash.Write(prefix)
	m.hash.Write(plain)
	return m.hash.Sum(m.sum[:0])[:tagBytes]
}

func (b *macBox) seal(dst, prefix, plain, header []byte) []byte {
	m := b.states.Get().(*macState)
	defer b.states.Put(m)
	dst = append(dst, plain...)
	return append(dst, m.tag(prefix, plain, header)...)
}

func (b *macBox) open(dst, prefix, sealed, header []byte) ([]byte, bool) {
	m := b.states.Get().(*macState)
	defer b.states.Put(m)
	plain, tag := sealed[:len(sealed)-tagBytes], sealed[len(sealed)-tagBytes:]
	if !hmac.Equal(tag, m.tag(prefix, plain, header)) {
		return nil, false
	}
	return append(dst, plain...), true
}
