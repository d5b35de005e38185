package disseminator_test

import (
	"fmt"

	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/wire"
)

func ExamplePiggyback() {
	var p disseminator.Piggyback
	alive := wire.Member{Name: "a", Addr: "10.0.0.1:7946", State: wire.Alive}
	suspect := alive
	suspect.State = wire.Suspect
	refuted := alive
	refuted.Incarnation = 1
	room := wire.Room{
		Bytes: 120,
		Size:  func(u *wire.Update) int { return 30 + len(u.Name) + len(u.Addr) + len(u.From) }, // a codec's UpdateSize
		Limit: 2,
	}
	send := func() {
		for _, u := range p.Fill(nil, room) {
			fmt.Printf("%s %v, incarnation %d, says %q\n", u.Name, u.State, u.Incarnation, u.From)
		}
		fmt.Println(p.Len(), "waiting")
	}
	p.Add(wire.Update{Member: suspect, From: "b"})
	p.Add(wire.Update{Member: suspect, From: "c"})
	p.Add(wire.Update{Member: alive}) // old news
	send()
	p.Add(wire.Update{Member: refuted}) // replaces both suspicions
	send()
	send()
	// Output:
	// a suspect, incarnation 0, says "c"
	// a suspect, incarnation 0, says "b"
	// 2 waiting
	// a alive, incarnation 1, says ""
	// 1 waiting
	// a alive, incarnation 1, says ""
	// 0 waiting
}

// Max bounds the queue; what is shed is counted.
func ExamplePiggyback_Shed() {
	p := disseminator.Piggyback{Max: 2}
	for _, name := range []string{"a", "b", "c"} {
		p.Add(wire.Update{Member: wire.Member{Name: name, Addr: name, State: wire.Alive}})
	}
	fmt.Println(p.Len(), "waiting,", p.Shed(), "shed")
	p.Forget("b")
	fmt.Println(p.Len(), "waiting")
	// Output:
	// 2 waiting, 1 shed
	// 1 waiting
}
