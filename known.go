package swim

import "sync"

// known are the sources that live members send from, this node's own among them,
// for the reader, which asks for each packet and must not wait while somebody
// copies the directory. The directory alone changes them. Two members may share a
// source, so they are counted.
type known struct {
	source  func(addr string) string
	mu      sync.RWMutex
	sources map[string]int
}

func newKnown(source func(string) string) *known {
	return &known{source: source, sources: make(map[string]int)}
}

func (k *known) has(from string) bool {
	from = k.source(from)
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.sources[from] > 0
}

// change takes what was believed of a member and what is now; either is zero where
// there is nothing.
func (k *known) change(before, after *Member) {
	was, is := before.State.Live(), after.State.Live()
	if was == is && before.Addr == after.Addr {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if is {
		k.sources[k.source(after.Addr)]++
	}
	if was {
		source := k.source(before.Addr)
		if k.sources[source]--; k.sources[source] <= 0 {
			delete(k.sources, source)
		}
	}
}
