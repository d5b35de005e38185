package codec

// skip passes over n values of any type. Values inside of others are not
// descended into but counted as well, so nesting of any depth takes no stack.
// Each takes a byte at least, so no more are believed in than bytes are left.
func (r *reader) skip(n int) {
	for left := uint64(n); left > 0 && r.err == nil; {
		start := r.pos
		left += r.skipHead() - 1
		if r.err == nil && left > uint64(len(r.data)-r.pos) {
			r.pos = start
			r.fail(ErrTruncated)
		}
	}
}

// skipHead passes over one value, but for the values inside of it, and returns
// how many those are.
func (r *reader) skipHead() uint64 {
	tag, ok := r.tag()
	if !ok {
		return 0
	}
	if tag == tagNever {
		r.fail(ErrMalformed)
		return 0
	}
	l := layoutOf(tag)
	n, ok := r.number(l.width)
	if !ok {
		return 0
	}
	bytes, inside := l.bytes+n, l.inside
	if l.values > 0 {
		bytes, inside = 0, l.values*n
	}
	start := r.pos + 1 + l.width
	if !r.holds(start, bytes) {
		return 0
	}
	r.pos = start + int(bytes)
	return inside
}

// A layout says what stands behind the tag of a value: a number in width bytes,
// then some bytes and as many more as the number says, or, where values is not
// 0, so many values for each of the number. Inside counts values without one.
type layout struct {
	width          int
	bytes          uint64
	values, inside uint64
}

func layoutOf(tag byte) layout {
	switch {
	case tag <= maxFixInt || tag >= negFixInt:
		return layout{}
	case tag < fixArray:
		return layout{inside: 2 * uint64(tag^fixMap)}
	case tag < fixStr:
		return layout{inside: uint64(tag ^ fixArray)}
	case tag < tagNil:
		return layout{bytes: uint64(tag ^ fixStr)}
	}
	return layouts[tag-tagNil]
}

// layouts of the tags from tagNil on. An extension has a byte for its type.
var layouts = [negFixInt - tagNil]layout{
	tagBin8 - tagNil:     {width: 1},
	tagBin16 - tagNil:    {width: 2},
	tagBin32 - tagNil:    {width: 4},
	tagExt8 - tagNil:     {width: 1, bytes: 1},
	tagExt16 - tagNil:    {width: 2, bytes: 1},
	tagExt32 - tagNil:    {width: 4, bytes: 1},
	tagFloat32 - tagNil:  {bytes: 4},
	tagFloat64 - tagNil:  {bytes: 8},
	tagUint8 - tagNil:    {bytes: 1},
	tagUint16 - tagNil:   {bytes: 2},
	tagUint32 - tagNil:   {bytes: 4},
	tagUint64 - tagNil:   {bytes: 8},
	tagInt8 - tagNil:     {bytes: 1},
	tagInt16 - tagNil:    {bytes: 2},
	tagInt32 - tagNil:    {bytes: 4},
	tagInt64 - tagNil:    {bytes: 8},
	tagFixExt1 - tagNil:  {bytes: 1 + 1},
	tagFixExt2 - tagNil:  {bytes: 1 + 2},
	tagFixExt4 - tagNil:  {bytes: 1 + 4},
	tagFixExt8 - tagNil:  {bytes: 1 + 8},
	tagFixExt16 - tagNil: {bytes: 1 + 16},
	tagStr8 - tagNil:     {width: 1},
	tagStr16 - tagNil:    {width: 2},
	tagStr32 - tagNil:    {width: 4},
	tagArray16 - tagNil:  {width: 2, values: 1},
	tagArray32 - tagNil:  {width: 4, values: 1},
	tagMap16 - tagNil:    {width: 2, values: 2},
	tagMap32 - tagNil:    {width: 4, values: 2},
}
