package codec

import "github.com/swim-go/swim/wire"

// maxArrayBytes is the longest that appendArray writes, and maxShortArrayBytes that
// for as few as a message may have broadcasts.
const (
	maxArrayBytes      = 5
	maxShortArrayBytes = 3
)

func sizeUpdate(u *wire.Update) int {
	return 1 +
		sizeStr(len(u.Name)) +
		sizeStr(len(u.Addr)) +
		sizeBin(len(u.Meta)) +
		sizeUint(u.Epoch) +
		sizeUint(uint64(u.Incarnation)) +
		sizeUint(uint64(u.State)) +
		sizeStr(len(u.From)) +
		sizeUint(uint64(u.Age)) +
		sizeBin(len(u.Token))
}

func sizeBroadcast(c *wire.Broadcast) int {
	return 1 +
		sizeStr(len(c.Origin)) +
		sizeUint(c.Epoch) +
		sizeUint(c.Seq) +
		sizeStr(len(c.Channel)) +
		sizeBin(len(c.Key)) +
		sizeUint(uint64(c.Size)) +
		sizeBin(len(c.Payload))
}

func sizeUint(v uint64) int {
	switch {
	case v <= maxFixInt:
		return 1
	case v < 1<<8:
		return 2
	case v < 1<<16:
		return 3
	case v < 1<<32:
		return 5
	}
	return 9
}

func sizeStr(n int) int {
	if n < fixStrEnd {
		return 1 + n
	}
	return sizeBin(n)
}

func sizeBin(n int) int {
	switch {
	case n < 1<<8:
		return 2 + n
	case n < 1<<16:
		return 3 + n
	}
	return 5 + n
}
