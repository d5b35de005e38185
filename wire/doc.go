// Package wire is the vocabulary that all layers of swim share: what a node
// believes about a member, what it claims about one, and what it sends.
//
// It holds values and the rules between them, [Supersedes] above all. It does
// no I/O, keeps no state and imports nothing but the standard library, so that
// every other package, a user's own layers included, can depend on it alone.
//
// Strings and byte slices of a decoded [Message] may be views into the packet
// they came from: they hold until the call that was given the message returns,
// and whoever keeps one longer clones it.
package wire
