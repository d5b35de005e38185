// Package disseminator decides which claims ride on the next packet.
//
// [Piggyback] is the default: SWIM's dissemination by piggybacking (section 4.1),
// bounded in memory and free of allocation once its queue has grown.
//
// A disseminator belongs to one node and is called by one goroutine. It draws no
// random numbers and iterates over no map, so the same calls give the same
// packets.
package disseminator
