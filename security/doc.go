// Package security guards what travels between nodes. It begins with the
// [Envelope] that heads every packet and every frame of a stream: it tells a
// foreign cluster, a corrupted packet and a sealed one apart before anything
// else looks at a byte of them.
//
// The layout, in network byte order:
//
//	byte 0      version of the envelope, [OldestVersion] to [Version]
//	byte 1      flags; bit 0 says that the rest is sealed, the others are reserved
//	bytes 2-5   cluster tag, a hash of the cluster's name
//	bytes 6-9   CRC-32C of all other bytes, in unsealed packets only
//	the rest    the encoded message, sealed if the flags say so
//
// An unsealed envelope protects against accidents, not against attackers: a
// flipped bit, a stray packet of another program, two clusters whose addresses
// got mixed. Against attackers there is the [Sealer].
//
// # Sealers
//
// Three come with the package, all with the keys of a [Keyring]. What they seal:
//
//	bytes 0-3    key id
//	bytes 4-15   session, a random number of the sender's
//	bytes 16-23  counter of the session's packets, from 1
//	bytes 24-27  the sender's time, in seconds since 1970 modulo 2^32
//	the body     as long as the message
//	16 bytes     tag
//
// The tag covers all of it, the envelope's header and the cluster's whole name.
//
//	                         who has no key cannot    a packet counts
//	[NewXChaCha20Poly1305]   read, alter, make up     once
//	[NewAESGCM]              read, alter, make up     once
//	[NewHMAC]                alter, make up           once
//	none                     -                        as often as it is sent
//
// "Once" is per receiver: see [KeyedSealer] for packets that are kept from one, or
// brought to another.
//
// None of them hides who talks to whom, when, and how much; nor stops anybody from
// dropping or delaying packets. None tells the holders of a key apart: each can
// speak for all. Who gets hold of a key can read what was ever recorded under it,
// and speak until it is retired: rotate keys ([Keyring]), and at once when one leaks.
//
// To seal a cluster that runs unsealed, without stopping it, see [Stage].
package security
