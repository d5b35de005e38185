package main

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"
)

// audience checks that what each speaker says comes to each listener once, and in the
// order in which it was said.
type audience struct {
	speakers  []speaker
	listeners []listener
}

// speaker counts what a node said.
type speaker struct{ said atomic.Uint32 }

// listener is what a node has heard. Its methods may be called from any goroutine.
type listener struct {
	mu        sync.Mutex
	heard     [][]bool // by speaker and number
	last      []uint32 // number, by speaker
	took      []time.Duration
	repeated  int
	unordered int
}

func newAudience(n int) *audience {
	a := &audience{speakers: make([]speaker, n), listeners: make([]listener, n)}
	for i := range a.listeners {
		a.listeners[i].heard, a.listeners[i].last = make([][]bool, n), make([]uint32, n)
	}
	return a
}

// next makes the next payload of a speaker, who has to send it.
func (a *audience) next(speaker int, now time.Duration) []byte {
	payload := make([]byte, payloadBytes)
	binary.BigEndian.PutUint32(payload, uint32(speaker))
	binary.BigEndian.PutUint32(payload[4:], a.speakers[speaker].said.Add(1))
	binary.BigEndian.PutUint64(payload[8:], uint64(now))
	return payload
}

// hear takes a payload that came to a listener. What nobody can have said counts as
// repeated: there is more than there should be.
func (a *audience) hear(at int, payload []byte, now time.Duration) {
	l := &a.listeners[at]
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(payload) != payloadBytes {
		l.repeated++
		return
	}
	by, number := binary.BigEndian.Uint32(payload), binary.BigEndian.Uint32(payload[4:])
	if int(by) >= len(a.speakers) || int(by) == at || number == 0 || number > a.speakers[by].said.Load() {
		l.repeated++
		return
	}
	for len(l.heard[by]) <= int(number) {
		l.heard[by] = append(l.heard[by], false)
	}
	if l.heard[by][number] {
		l.repeated++
		return
	}
	l.heard[by][number] = true
	if number < l.last[by] {
		l.unordered++
	}
	l.last[by] = max(l.last[by], number)
	l.took = append(l.took, now-time.Duration(binary.BigEndian.Uint64(payload[8:])))
}

// tally is what all have said and heard.
type tally struct {
	sent, missing, repeated, unordered int
	took                               []time.Duration // until each delivery
}

func (a *audience) tally() *tally {
	t := &tally{sent: a.said(), missing: a.missing()}
	for i := range a.listeners {
		l := &a.listeners[i]
		l.mu.Lock()
		t.repeated += l.repeated
		t.unordered += l.unordered
		t.took = append(t.took, l.took...)
		l.mu.Unlock()
	}
	return t
}

// said is how many broadcasts there are.
func (a *audience) said() (n int) {
	for i := range a.speakers {
		n += int(a.speakers[i].said.Load())
	}
	return n
}

// missing is how many deliveries are still to come.
func (a *audience) missing() (n int) {
	said := a.said()
	for i := range a.listeners {
		l := &a.listeners[i]
		l.mu.Lock()
		n += said - int(a.speakers[i].said.Load()) - len(l.took)
		l.mu.Unlock()
	}
	return n
}
