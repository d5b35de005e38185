package codec

import "sync"

// tools are what zstd takes to be used, again and again. Each is of one goroutine at
// a time, so that none waits for another's. An encoder, of some 0.7 MB at most, adds
// no checksum, since the packet around a message has one; a decoder, of some 0.3 MB at
// most, writes no more than there is room for.
type tools struct{ encoders, decoders sync.Pool }

func newTools() *tools {
	return &tools{encoders: sync.Pool{New: newEncoder}, decoders: sync.Pool{New: newDecoder}}
}

// shared are those of every Compressed that has none of its own.
var shared = newTools()
