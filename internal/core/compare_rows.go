package core

import (
	"math/bits"
	"slices"

	"github.com/swim-go/swim/wire"
)

// What a comparison says of rows. A row falls into a bucket by a hash of its name.
// A bucket's digest is the top of the sum of its rows' hashes. A row's print is the
// top of the hash of its name, and below it the top of the hash of all that claims
// are told apart by, so that prints of one member agree in their upper half.
//
// Suspects are not told apart from the alive, as in the digest of the table. The
// dead are compared in the first half of the time in which they are remembered:
// near its end each node forgets them in its own time, and that is no difference.

const (
	bucketBytes = 2
	printBytes  = 4
	// maxBuckets is what fits a packet.
	maxBuckets = 512
	// rowsPerBucket is how many there are until maxBuckets is reached. It
	// balances the bytes of the digests with those of the prints of the rows that
	// share a bucket with one that differs.
	rowsPerBucket = 8
	// payloadHeadBytes is by how much a payload may lengthen a message beyond its
	// own length.
	payloadHeadBytes = 4
)

// bucketsFor is how many buckets a table of so many rows is cut into, if their
// digests may have room bytes: a power of two.
func bucketsFor(rows, room int) int {
	n := 1
	for n < maxBuckets && n*rowsPerBucket < rows && 2*n*bucketBytes <= room {
		n *= 2
	}
	return n
}

func validBuckets(n int) bool { return n >= 1 && n <= maxBuckets && n&(n-1) == 0 }

func bitmapBytes(buckets int) int { return (buckets + 7) / 8 }

// hashes are those of a row's name, and of all that claims about it are told
// apart by, from a start that both sides of a comparison know.
func (r *row) hashes(salt uint64) (name, whole uint64) {
	class := uint64(wire.Alive)
	if !r.state.Live() {
		class = uint64(r.state)
	}
	name = hash(r.who.Name, salt)
	whole = hash(r.who.Token, hash(r.who.Meta, hash(r.who.Addr, name)))
	return name, stir(whole + stir(r.who.Epoch) + uint64(r.incarnation)<<8 + class)
}

func rowPrint(name, whole uint64) uint32 {
	return uint32(name>>48)<<16 | uint32(whole>>48)
}

// counts reports whether a row is compared.
func (m *Machine) counts(r *row) bool {
	return r.state.Live() || m.now-r.changed < m.ForgetAfter/2
}

// startOf makes the start of all hashes out of the number of a Compare.
func startOf(salt uint32) uint64 { return stir(uint64(salt)) }

// sums are those of the rows' hashes in each bucket.
func (m *Machine) sums(salt uint32, buckets int) (sums [maxBuckets]uint64) {
	start := startOf(salt)
	for i := range m.table.rows {
		if r := &m.table.rows[i]; r.who != nil && m.counts(r) {
			name, whole := r.hashes(start)
			sums[int(name)&(buckets-1)] += whole
		}
	}
	return sums
}

// bucketDigests is the Payload of a Compare.
func (m *Machine) bucketDigests(salt uint32, buckets int) []byte {
	sums := m.sums(salt, buckets)
	begin := len(m.payload)
	for _, sum := range sums[:buckets] {
		m.payload = append(m.payload, byte(sum>>56), byte(sum>>48))
	}
	return m.payload[begin:len(m.payload):len(m.payload)]
}

// differingBuckets is the Payload of a Comparison: a bit for each bucket.
func (m *Machine) differingBuckets(salt uint32, digests []byte) []byte {
	buckets := len(digests) / bucketBytes
	sums := m.sums(salt, buckets)
	begin := len(m.payload)
	for i, sum := range sums[:buckets] {
		if i%8 == 0 {
			m.payload = append(m.payload, 0)
		}
		if d := digests[i*bucketBytes:]; d[0] != byte(sum>>56) || d[1] != byte(sum>>48) {
			m.payload[begin+i/8] |= 1 << (i % 8)
		}
	}
	return m.payload[begin:len(m.payload):len(m.payload)]
}

// selection is some buckets of a comparison, and a print of each row that its sender
// has in them: the salt in four bytes, the binary logarithm of the number of buckets
// in one, a bit for each, and the prints.
type selection struct {
	salt    uint32
	buckets int
	bitmap  []byte
	prints  []byte
}

func (s *selection) headBytes() int { return 4 + 1 + bitmapBytes(s.buckets) }

func (s *selection) has(bucket int) bool { return s.bitmap[bucket/8]&(1<<(bucket%8)) != 0 }

// parse reads a payload of anybody's, and reports whether it is a selection.
func (s *selection) parse(p []byte, maxRows int) bool {
	if len(p) < 5 || p[4] > maxBucketsLog2 {
		return false
	}
	s.salt, s.buckets = read32(p), 1<<p[4]
	if len(p) < s.headBytes() {
		return false
	}
	s.bitmap, s.prints = p[5:s.headBytes()], p[s.headBytes():]
	return len(s.prints)%printBytes == 0 && len(s.prints)/printBytes <= maxRows
}

const maxBucketsLog2 = 9

// countRows counts our rows in the buckets of a selection, each and all. No bucket
// is -1 rows.
func (m *Machine) countRows(s *selection) (counts [maxBuckets]int32, rows int) {
	rows = -1
	for i := range s.buckets {
		if s.has(i) {
			rows = 0
		}
	}
	if rows < 0 {
		return counts, rows
	}
	start := startOf(s.salt)
	for i := range m.table.rows {
		r := &m.table.rows[i]
		if r.who == nil || !m.counts(r) {
			continue
		}
		if bucket := int(hash(r.who.Name, start)) & (s.buckets - 1); s.has(bucket) {
			counts[bucket]++
			rows++
		}
	}
	return counts, rows
}

// cut returns as much of a selection as has no more than so many rows, how many it
// has, and whether anything is left. No bucket is -1 rows.
func (m *Machine) cut(s *selection, counts *[maxBuckets]int32, most int) (bitmap []byte, rows int, more bool) {
	begin := len(m.payload)
	m.payload = append(m.payload, s.bitmap...)
	bitmap = m.payload[begin:len(m.payload):len(m.payload)]
	rows = -1
	for i := range s.buckets {
		switch n := int(counts[i]); {
		case !s.has(i):
		case max(rows, 0)+n <= most:
			rows = max(rows, 0) + n
		default:
			bitmap[i/8] &^= 1 << (i % 8)
			more = true
		}
	}
	return bitmap, rows, more
}

// prints is the Payload of a Sync that stands for a selection, of so many rows.
func (m *Machine) prints(s *selection, rows int) []byte {
	begin := len(m.payload)
	m.payload = slices.Grow(m.payload, s.headBytes()+rows*printBytes)
	m.payload = append32(m.payload, s.salt)
	m.payload = append(m.payload, byte(bits.TrailingZeros(uint(s.buckets))))
	m.payload = append(m.payload, s.bitmap...)
	start := startOf(s.salt)
	for i := range m.table.rows {
		r := &m.table.rows[i]
		if r.who == nil || !m.counts(r) {
			continue
		}
		if name, whole := r.hashes(start); s.has(int(name) & (s.buckets - 1)) {
			m.payload = append32(m.payload, rowPrint(name, whole))
		}
	}
	return m.payload[begin:len(m.payload):len(m.payload)]
}

func append32(b []byte, v uint32) []byte {
	return append(b, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

func read32(b []byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// theirPrint is one of another's rows. Its lowest bit says that we have the same.
type theirPrint uint64

func (p theirPrint) value() uint32 { return uint32(p >> 1) }

func (p theirPrint) seen() bool { return p&1 != 0 }

// take lists prints in their order.
func (m *Machine) take(prints []byte) {
	m.theirs = slices.Grow(m.theirs[:0], len(prints)/printBytes)
	for i := 0; i+printBytes <= len(prints); i += printBytes {
		m.theirs = append(m.theirs, theirPrint(read32(prints[i:]))<<1)
	}
	slices.Sort(m.theirs)
}

// seek returns the first of the listed prints that is not below a value, and whether
// it has it.
func (m *Machine) seek(value uint32) (i int, found bool) {
	i, _ = slices.BinarySearch(m.theirs, theirPrint(value)<<1)
	return i, i < len(m.theirs) && m.theirs[i].value() == value
}

// match adds to the rows to send ours that a selection has not, and notes which
// of its prints are of rows that we have. A member that we have held for gone for long,
// and that the other seems to have otherwise, is told, too.
func (m *Machine) match(s *selection) {
	m.take(s.prints)
	start := startOf(s.salt)
	for i := range m.table.rows {
		r := &m.table.rows[i]
		if r.who == nil {
			continue
		}
		name, whole := r.hashes(start)
		if !s.has(int(name) & (s.buckets - 1)) {
			continue
		}
		at, found := m.seek(rowPrint(name, whole))
		if found {
			m.theirs[at] |= 1
			continue
		}
		at, _ = m.seek(rowPrint(name, 0))
		if m.counts(r) || at < len(m.theirs) && m.theirs[at].value()>>16 == uint32(name>>48) {
			m.sending = append(m.sending, wire.Ref(i))
		}
	}
}

// wanted is the Payload of a SyncReply: up to limit of the prints of rows that we
// have not. All says that these are all.
func (m *Machine) wanted(limit int) (payload []byte, all bool) {
	begin := len(m.payload)
	all = true
	for _, p := range m.theirs {
		switch {
		case p.seen():
		case limit > 0:
			limit--
			m.payload = append32(m.payload, p.value())
		default:
			all = false
		}
	}
	m.theirs = shrink(m.theirs)
	return m.payload[begin:len(m.payload):len(m.payload)], all
}

// demand adds to the rows to send those whose prints another wants, and reports
// whether they are prints.
func (m *Machine) demand(salt uint32, prints []byte) bool {
	if len(prints)%printBytes != 0 || len(prints)/printBytes > m.cfg.MaxMembers {
		return false
	}
	if len(prints) == 0 {
		return true
	}
	m.take(prints)
	start := startOf(salt)
	for i := range m.table.rows {
		r := &m.table.rows[i]
		if r.who == nil {
			continue
		}
		if _, found := m.seek(rowPrint(r.hashes(start))); found {
			m.sending = append(m.sending, wire.Ref(i))
		}
	}
	m.theirs = shrink(m.theirs)
	return true
}

// keepScratch bounds what is kept of the lists of a comparison for the next one.
const keepScratch = 256

// shrink empties a list, and keeps its room if that is small.
func shrink[T any](list []T) []T {
	if cap(list) > keepScratch {
		return nil
	}
	return list[:0]
}
