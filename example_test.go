package swim_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/swim-go/swim"
)

// must is for examples alone.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Two nodes in one process find each other.
func Example() {
	ctx := context.Background()
	first := must(swim.Start(ctx, swim.Config{Name: "first", Bind: "127.0.0.1:0"}))
	defer first.Close()
	second := must(swim.Start(ctx, swim.Config{Name: "second", Bind: "127.0.0.1:0"}))
	defer second.Close()

	n, err := second.Join(ctx, first.Local().Addr)
	fmt.Println(n, "answered,", err)
	for _, m := range second.Members() {
		fmt.Println(m.Name, m.State)
	}
	// Output:
	// 1 answered, <nil>
	// first alive
	// second alive
}

// The zero Config works. A problem with another one is told at once, and with
// all others.
func ExampleStart() {
	_, err := swim.Start(context.Background(), swim.Config{
		Bind:          "7946",
		ProbeInterval: time.Second,
		ProbeTimeout:  time.Second,
	})
	fmt.Println(err)
	// Output:
	// swim: Config.Bind = "7946" is no host:port: give host:port, such as "127.0.0.1:7946", "[::1]:7946" or ":7946"
	// swim: Config.ProbeTimeout = 1s is not shorter than ProbeInterval (1s): make it shorter, or leave it 0 for half of ProbeInterval
}

func ExampleConfig_Validate() {
	cfg := swim.LAN()
	cfg.IndirectProbes = 100
	var problem *swim.ConfigError
	if errors.As(cfg.Validate(), &problem) {
		fmt.Println(problem.Field, problem.Problem)
	}
	// Output: IndirectProbes is above 16
}

// A program joins through any of several seeds, and goes on if there is none
// yet: it may be the first.
func ExampleNode_Join() {
	ctx := context.Background()
	node := must(swim.Start(ctx, swim.Config{Bind: "127.0.0.1:0"}))
	defer node.Close()

	_, err := node.Join(ctx, "127.0.0.1:1", "127.0.0.1:2")
	if errors.Is(err, swim.ErrNoAnswer) {
		fmt.Println("nobody there yet")
	}
	// Output: nobody there yet
}

// Events begin with the members there are, so nothing is missed between a look
// and the first event. The body of the loop may call whatever it likes.
func ExampleNode_Events() {
	ctx := context.Background()
	watcher := must(swim.Start(ctx, swim.Config{Name: "watcher", Bind: "127.0.0.1:0"}))
	defer watcher.Close()
	other := must(swim.Start(ctx, swim.Config{Name: "other", Bind: "127.0.0.1:0"}))
	defer other.Close()
	must(other.Join(ctx, watcher.Local().Addr))

	for event := range watcher.Events(ctx) {
		fmt.Println(event.Member.Name, event.Kind)
		if event.Kind == swim.EventJoined && event.Member.Name == "other" {
			_, _ = other.Leave(ctx)
		}
		if event.Kind == swim.EventLeft {
			break
		}
	}
	// Output:
	// other joined
	// watcher joined
	// other left
}

func ExampleNode_SetMeta() {
	ctx := context.Background()
	node := must(swim.Start(ctx, swim.Config{Bind: "127.0.0.1:0", Meta: []byte("starting")}))
	defer node.Close()

	fmt.Println(node.Local().Meta)
	if err := node.SetMeta(ctx, []byte("ready")); err != nil {
		fmt.Println(err)
	}
	fmt.Println(node.Local().Meta)

	var size *swim.SizeError
	if err := node.SetMeta(ctx, make([]byte, 1000)); errors.As(err, &size) {
		fmt.Println(err)
	}
	// Output:
	// starting
	// ready
	// swim: metadata of 1000 bytes, want at most 512
}

// inbox is a Delegate that wants messages alone.
type inbox struct {
	swim.NopDelegate
	messages chan string
}

func (i *inbox) NotifyMessage(from swim.Member, payload []byte) {
	i.messages <- from.Name + " says " + string(payload)
}

func ExampleNode_Send() {
	ctx := context.Background()
	received := &inbox{messages: make(chan string)}
	a := must(swim.Start(ctx, swim.Config{Name: "a", Bind: "127.0.0.1:0", Delegate: received}))
	defer a.Close()
	b := must(swim.Start(ctx, swim.Config{Name: "b", Bind: "127.0.0.1:0"}))
	defer b.Close()
	must(b.Join(ctx, a.Local().Addr))

	fmt.Println(b.Send(ctx, "nobody", []byte("hello")))
	if err := b.Send(ctx, "a", []byte("hello")); err != nil {
		fmt.Println(err)
	}
	fmt.Println(<-received.messages)
	// Output:
	// swim: no live member of that name
	// b says hello
}

// When SendReliable returns nil, the member has the payload.
func ExampleNode_SendReliable() {
	ctx := context.Background()
	received := &inbox{messages: make(chan string, 1)}
	a := must(swim.Start(ctx, swim.Config{Name: "a", Bind: "127.0.0.1:0", Delegate: received}))
	defer a.Close()
	b := must(swim.Start(ctx, swim.Config{Name: "b", Bind: "127.0.0.1:0"}))
	defer b.Close()
	must(b.Join(ctx, a.Local().Addr))

	err := b.SendReliable(ctx, "a", bytes.Repeat([]byte("x"), 100_000))
	fmt.Println(err, len(<-received.messages))
	// Output:
	// <nil> 100007
}

// Who leaves before it closes is not taken for failed.
func ExampleNode_Leave() {
	ctx := context.Background()
	a := must(swim.Start(ctx, swim.Config{Name: "a", Bind: "127.0.0.1:0"}))
	defer a.Close()
	b := must(swim.Start(ctx, swim.Config{Name: "b", Bind: "127.0.0.1:0"}))
	must(b.Join(ctx, a.Local().Addr))

	leaving, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	know, err := b.Leave(leaving)
	fmt.Println(know, "confirmed", err, b.Close())
	m, _ := a.Member("b")
	fmt.Println(m.Name, m.State)
	// Output:
	// 1 confirmed <nil> <nil>
	// b left
}

func ExampleNode_Members() {
	ctx := context.Background()
	node := must(swim.Start(ctx, swim.Config{Name: "a", Bind: "127.0.0.1:0"}))
	defer node.Close()

	fmt.Println("live:", len(node.Members()))
	fmt.Println("gone:", len(node.Members(swim.Failed, swim.Left)))
	// Output:
	// live: 1
	// gone: 0
}

func ExampleNode_All() {
	ctx := context.Background()
	node := must(swim.Start(ctx, swim.Config{Name: "a", Bind: "127.0.0.1:0"}))
	defer node.Close()

	for m := range node.All() {
		fmt.Println(m.Name, m.State)
	}
	// Output:
	// a alive
}

func ExampleSlog() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelWarn, // nodes say little above Info
	}))
	node := must(swim.Start(context.Background(), swim.Config{Bind: "127.0.0.1:0", Logger: swim.Slog(log)}))
	_ = node.Close()
	// Output:
}
