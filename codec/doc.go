// Package codec turns messages into bytes and back. [Msgpack] is the codec that
// a node uses unless it is given another.
//
// # Format
//
// A message is one MessagePack value: an array whose fields are told apart by
// their position.
//
//	message = [kind uint8, seq uint32,
//	           sender name str, sender epoch uint64, sender incarnation uint32,
//	           target str, cursor uint32, updates array of update, payload bin,
//	           digest uint]
//
//	update  = [name str, addr str, meta bin,
//	           epoch uint64, incarnation uint32, state uint8,
//	           from str, age uint32]
//
// Every value is written in its shortest form, so a message has one encoding,
// and any MessagePack library with structs as arrays writes the same bytes.
//
// # Versions
//
// Nodes of several versions can run in one cluster, because reading is more
// lenient than writing:
//
//   - A field that a later version appends to a message or to an update is
//     skipped, whatever its type.
//   - A field missing at the end is zero, except that a message has at least
//     its first five and an update its first six.
//   - Integers may have any width and either signedness, str and bin stand for
//     one another, and nil stands for an empty str, bin or array of updates
//     (some libraries write it for an empty slice).
//   - A kind or state of up to 255 that this version does not know is read as
//     it is. Whether to act on it is for the receiver to decide, see
//     [wire.Message.Check].
//
// So a new field goes to the end, has a zero value that means what its absence
// meant, and the ones before it stay for ever.
package codec
