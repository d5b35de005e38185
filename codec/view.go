package codec

import (
	"encoding/binary"
	"unsafe"
)

// reader walks over an encoded message and gives out views of it. The first
// value that it refuses ends the walk: pos stays there, and every further read
// returns zero. So err is looked at in loops and in the end, and nowhere else.
type reader struct {
	data []byte
	pos  int
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.data = nil
}

// tag returns the byte at pos, or false if there is none.
func (r *reader) tag() (byte, bool) {
	if r.pos >= len(r.data) {
		r.fail(ErrTruncated)
		return 0, false
	}
	return r.data[r.pos], true
}

// number reads the width bytes behind the tag and does not move on. Width 0 is
// the number 0.
func (r *reader) number(width int) (uint64, bool) {
	b := r.data[r.pos+1:]
	if len(b) < width {
		r.fail(ErrTruncated)
		return 0, false
	}
	switch width {
	case 1:
		return uint64(b[0]), true
	case 2:
		return uint64(binary.BigEndian.Uint16(b)), true
	case 4:
		return uint64(binary.BigEndian.Uint32(b)), true
	case 8:
		return binary.BigEndian.Uint64(b), true
	}
	return 0, true
}

// holds tells whether n bytes, or n values of a byte at least, are there from
// start on.
func (r *reader) holds(start int, n uint64) bool {
	if n > uint64(len(r.data)-start) {
		r.fail(ErrTruncated)
		return false
	}
	return true
}

// uint reads an integer from 0 to limit.
func (r *reader) uint(limit uint64) uint64 {
	tag, ok := r.tag()
	switch {
	case !ok:
		return 0
	case tag <= maxFixInt:
		r.pos++
		return uint64(tag)
	case tag < tagUint8 || tag > tagInt64:
		r.fail(ErrMalformed)
		return 0
	}
	width := 1 << (tag & 3) // holds for the unsigned tags and for the signed
	v, ok := r.number(width)
	if negative := tag >= tagInt8 && v>>(8*width-1) != 0; negative || v > limit {
		r.fail(ErrMalformed)
		return 0
	}
	if ok {
		r.pos += 1 + width
	}
	return v
}

// str reads what bin reads.
func (r *reader) str() string {
	b := r.bin()
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// bin reads a str, a bin or nil. Its capacity ends where it ends, so whoever
// appends to it does not write into what follows.
func (r *reader) bin() []byte {
	tag, ok := r.tag()
	if !ok {
		return nil
	}
	width, n := 0, uint64(0)
	switch tag {
	case tagNil:
	case tagStr8, tagBin8:
		width = 1
	case tagStr16, tagBin16:
		width = 2
	case tagStr32, tagBin32:
		width = 4
	default:
		if n = uint64(tag ^ fixStr); n >= fixStrEnd {
			r.fail(ErrMalformed)
			return nil
		}
	}
	if width > 0 {
		if n, ok = r.number(width); !ok {
			return nil
		}
	}
	start := r.pos + 1 + width
	if !r.holds(start, n) {
		return nil
	}
	end := start + int(n)
	r.pos = end
	if n == 0 {
		return nil
	}
	return r.data[start:end:end]
}

// array reads the header of an array, or nil as that of an empty one.
func (r *reader) array() int {
	tag, ok := r.tag()
	if !ok {
		return 0
	}
	width, n := 0, uint64(0)
	switch tag {
	case tagNil:
	case tagArray16:
		width = 2
	case tagArray32:
		width = 4
	default:
		if n = uint64(tag ^ fixArray); n >= fixArrayEnd {
			r.fail(ErrMalformed)
			return 0
		}
	}
	if width > 0 {
		if n, ok = r.number(width); !ok {
			return 0
		}
	}
	start := r.pos + 1 + width
	if !r.holds(start, n) {
		return 0
	}
	r.pos = start
	return int(n)
}

// fields reads the header of an array of at least so many fields.
func (r *reader) fields(least int) int {
	start := r.pos
	n := r.array()
	if n < least {
		r.pos = start
		r.fail(ErrMalformed)
	}
	return n
}
