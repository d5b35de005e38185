package codec

import (
	"encoding/binary"

	"github.com/swim-go/swim/wire"
)

func appendUpdate(b []byte, u *wire.Update) []byte {
	b = append(b, fixArray|updateFields)
	b = appendStr(b, u.Name)
	b = appendStr(b, u.Addr)
	b = appendBin(b, u.Meta)
	b = appendUint(b, u.Epoch)
	b = appendUint(b, uint64(u.Incarnation))
	b = appendUint(b, uint64(u.State))
	b = appendStr(b, u.From)
	b = appendUint(b, uint64(u.Age))
	return appendBin(b, u.Token)
}

func appendBroadcast(b []byte, c *wire.Broadcast) []byte {
	b = append(b, fixArray|broadcastFields)
	b = appendStr(b, c.Origin)
	b = appendUint(b, c.Epoch)
	b = appendUint(b, c.Seq)
	b = appendStr(b, c.Channel)
	b = appendBin(b, c.Key)
	b = appendUint(b, uint64(c.Size))
	return appendBin(b, c.Payload)
}

func appendUint(b []byte, v uint64) []byte {
	switch {
	case v <= maxFixInt:
		return append(b, byte(v))
	case v < 1<<8:
		return append(b, tagUint8, byte(v))
	case v < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, tagUint16), uint16(v))
	case v < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, tagUint32), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(b, tagUint64), v)
}

func appendStr(b []byte, s string) []byte {
	switch n := len(s); {
	case n < fixStrEnd:
		b = append(b, fixStr|byte(n))
	case n < 1<<8:
		b = append(b, tagStr8, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, tagStr16), uint16(n))
	default:
		b = binary.BigEndian.AppendUint32(append(b, tagStr32), uint32(n))
	}
	return append(b, s...)
}

func appendBin[T string | []byte](b []byte, s T) []byte {
	switch n := len(s); {
	case n < 1<<8:
		b = append(b, tagBin8, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, tagBin16), uint16(n))
	default:
		b = binary.BigEndian.AppendUint32(append(b, tagBin32), uint32(n))
	}
	return append(b, s...)
}

func appendArray(b []byte, n int) []byte {
	switch {
	case n < fixArrayEnd:
		return append(b, fixArray|byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, tagArray16), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(b, tagArray32), uint32(n))
}
