// Package transport carries swim's packets and streams between nodes.
//
// [UDP] is the default: datagrams, and TCP streams on the same port.
// [TCP] and [TLS] send packets and streams over connections, for networks that
// let nothing else through; with TLS both sides show a certificate.
// [Memory] is an endpoint of a [MemoryNetwork], a network within the process
// whose faults a test chooses: loss, delay, duplication, reordering, links cut
// one way or both.
//
// A transport of your own needs the few methods of swim.Transport, and of
// swim.StreamTransport if it has streams; nothing of this package.
//
// [ResolveBind] and [Resolve] turn what people write into their configuration,
// templates, host names and addresses without a port, into the plain "ip:port"
// that a transport is given.
package transport
