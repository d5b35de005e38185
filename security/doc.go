// Package security guards what travels between nodes. It begins with the
// [Envelope] that heads every packet and every frame of a stream: it tells a
// foreign cluster, a corrupted packet and a sealed one apart before anything
// else looks at a byte of them.
//
// The layout, in network byte order:
//
//	byte 0      version of the envelope, [Version]
//	byte 1      flags; bit 0 says that the rest is sealed, the others are reserved
//	bytes 2-5   cluster tag, a hash of the cluster's name
//	bytes 6-9   CRC-32C of all other bytes, in unsealed packets only
//	the rest    the encoded message, sealed if the flags say so
//
// An unsealed envelope protects against accidents, not against attackers: a
// flipped bit, a stray packet of another program, two clusters whose addresses
// got mixed. Against attackers there is the [Sealer].
package security
