package codec

// The first byte of a MessagePack value tells its type. In the fix forms it
// holds a small value or length as well.
const (
	maxFixInt = 0x7f
	fixMap    = 0x80
	fixArray  = 0x90
	fixStr    = 0xa0
	negFixInt = 0xe0

	tagNil      = 0xc0
	tagNever    = 0xc1 // stands for nothing
	tagBin8     = 0xc4
	tagBin16    = 0xc5
	tagBin32    = 0xc6
	tagExt8     = 0xc7
	tagExt16    = 0xc8
	tagExt32    = 0xc9
	tagFloat32  = 0xca
	tagFloat64  = 0xcb
	tagUint8    = 0xcc
	tagUint16   = 0xcd
	tagUint32   = 0xce
	tagUint64   = 0xcf
	tagInt8     = 0xd0
	tagInt16    = 0xd1
	tagInt32    = 0xd2
	tagInt64    = 0xd3
	tagFixExt1  = 0xd4
	tagFixExt2  = 0xd5
	tagFixExt4  = 0xd6
	tagFixExt8  = 0xd7
	tagFixExt16 = 0xd8
	tagStr8     = 0xd9
	tagStr16    = 0xda
	tagStr32    = 0xdb
	tagArray16  = 0xdc
	tagArray32  = 0xdd
	tagMap16    = 0xde
	tagMap32    = 0xdf
)

// Lengths from which on the fix form does not do.
const (
	fixStrEnd   = 32
	fixArrayEnd = 16
)

// How many fields are written, and how many must be there to be read.
const (
	messageFields      = 11
	minMessageFields   = 5
	updateFields       = 9
	minUpdateFields    = 6
	broadcastFields    = 7
	minBroadcastFields = 7
)
