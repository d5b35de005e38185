package swim_test

import (
	"context"
	"fmt"
	"time"

	"github.com/swim-go/swim"
)

// loads is told what members say of themselves when they are pinged.
type loads struct {
	swim.NopDelegate
	told chan string
}

func (l loads) NotifyPing(member swim.Member, rtt time.Duration, payload []byte) {
	if len(payload) > 0 && rtt < time.Second {
		select {
		case l.told <- fmt.Sprintf("%s: %s", member.Name, payload):
		default:
		}
	}
}

// A node says how busy it is with each answer to a ping, and others choose by that and
// by how far away it is.
func ExampleNode_SetAckPayload() {
	ctx := context.Background()
	cfg := swim.Local()
	cfg.Name, cfg.Bind = "a", "127.0.0.1:0"
	a, err := swim.Start(ctx, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	if err := a.SetAckPayload(ctx, []byte("70% busy")); err != nil {
		fmt.Println(err)
		return
	}

	told := make(chan string, 1)
	cfg.Name, cfg.Delegate = "b", loads{told: told}
	b, err := swim.Start(ctx, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Close()
	if _, err := b.Join(ctx, a.Local().Addr); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-told)
	if rtt, ok := b.RTT("a"); ok && rtt.Smoothed < time.Second {
		fmt.Println("a is near")
	}
	// Output:
	// a: 70% busy
	// a is near
}
