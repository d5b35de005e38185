package swim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/swim-go/swim"
)

// silences are alerts that nobody wants to hear, and until when. They merge in any
// order: of two times for one alert the later stands.
type silences struct {
	swim.NopDelegate
	mu     sync.Mutex
	until  map[string]int
	merged chan struct{}
}

func (s *silences) LocalState(bool) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	state, _ := json.Marshal(s.until) // sorted, so equal silences are equal bytes
	return state
}

func (s *silences) MergeState(_ swim.Member, state []byte, _ bool) {
	var theirs map[string]int
	if json.Unmarshal(state, &theirs) != nil {
		return // a member may send anything
	}
	s.mu.Lock()
	for alert, until := range theirs {
		s.until[alert] = max(s.until[alert], until)
	}
	s.mu.Unlock()
	s.merged <- struct{}{}
}

// A node that joins gets the state of the cluster, and the cluster what it brings.
func ExampleStateDelegate() {
	ctx := context.Background()
	start := func(name string, until map[string]int) (*swim.Node, *silences) {
		s := &silences{until: until, merged: make(chan struct{}, 8)}
		cfg := swim.Config{Name: name, Bind: "127.0.0.1:0", Delegate: s}
		node, err := swim.Start(ctx, cfg)
		if err != nil {
			panic(err)
		}
		return node, s
	}
	a, atA := start("a", map[string]int{"disk": 5, "cpu": 3})
	defer a.Close()
	b, atB := start("b", map[string]int{"disk": 7})
	defer b.Close()

	if _, err := b.Join(ctx, a.Local().Addr); err != nil {
		fmt.Println(err)
		return
	}
	<-atB.merged
	<-atA.merged
	fmt.Println(string(atA.LocalState(false)))
	fmt.Println(string(atB.LocalState(false)))
	// Output:
	// {"cpu":3,"disk":7}
	// {"cpu":3,"disk":7}
}
