// Package codec turns messages into bytes and back. [Msgpack] is the codec that
// a node uses unless it is given another. [Compressed] makes what it, or
// another codec, encodes shorter.
//
// # Format
//
// A message is one MessagePack value: an array whose fields are told apart by
// their position.
//
//	message = [kind uint8, seq uint32,
//	           sender name str, sender epoch uint64, sender incarnation uint32,
//	           target str, cursor uint32, updates array of update, payload bin,
//	           digest uint, broadcasts array of broadcast]
//
//	update  = [name str, addr str, meta bin,
//	           epoch uint64, incarnation uint32, state uint8,
//	           from str, age uint32, token bin]
//
//	broadcast = [origin str, epoch uint64, seq uint64, channel str, key bin,
//	             size uint32, payload bin]
//
// Every value is written in its shortest form, so a message has one encoding,
// and any MessagePack library with structs as arrays writes the same bytes.
//
// # Versions
//
// Nodes of several versions can run in one cluster, because reading is more
// lenient than writing:
//
//   - A field that a later version appends to a message, an update or a broadcast is
//     skipped, whatever its type.
//   - A field missing at the end is zero, except that a message has at least
//     its first five, an update its first six and a broadcast its first seven.
//   - Integers may have any width and either signedness, str and bin stand for
//     one another, and nil stands for an empty str, bin or array (some
//     libraries write it for an empty slice).
//   - A kind or state of up to 255 that this version does not know is read as
//     it is. Whether to act on it is for the receiver to decide, see
//     [wire.Message.Check].
//
// So a new field goes to the end, has a zero value that means what its absence
// meant, and the ones before it stay for ever.
//
// # Compression
//
// A message that [Compressed] has compressed begins with two bytes more: 0xc1,
// with which no MessagePack value begins, and its form.
//
//	compressed = 0xc1 0x01 S2 block      (a Snappy block is one)
//	           | 0xc1 0x02 zstd frame    (RFC 8878)
//
// What it unpacks to is a message as above, or one of the inner codec. Further:
//
//   - The length that it unpacks to is told before everything else: each S2 block
//     does that, and a zstd frame must. It is no more than 64 times the length of
//     the whole, and not 0.
//   - A zstd frame has no dictionary, and a window no larger than what it unpacks
//     to (or 1 KiB, if that is less) and than 8 MiB.
//   - There is one block or frame, and nothing follows it.
//   - What it unpacks to is not compressed again.
//
// Which form is used, and for which messages, is the sender's to choose. A later
// version may have more forms; one can be sent when all nodes read it.
package codec
