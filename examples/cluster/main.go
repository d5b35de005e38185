// Cluster is what swim does, to watch: five nodes, each a process of its own, on
// this machine. They join, one changes its metadata, one is killed, one leaves,
// and each time it is measured when all the others knew. It exits with 0 only if
// everybody agreed in the end.
//
// The timing is the default, that of swim.LAN, so it takes about ten seconds,
// nearly all of them for the killed node: the others have to miss it, and give
// it time to say that it lives.
package main

import (
	"context"
	"fmt"
	"log"
	"maps"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/swim-go/swim"
)

// deadline is far above what all of it should take, on a busy machine too.
const deadline = time.Minute

func main() {
	log.SetFlags(0)
	log.SetPrefix("cluster: ")
	if len(os.Args) == 4 && os.Args[1] == "node" {
		if err := runNode(os.Args[2], os.Args[3]); err != nil {
			log.Fatalf("%s: %v", os.Args[2], err)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, deadline, fmt.Errorf("not within %v", deadline))
	defer cancel()

	c := newCluster()
	err := story(ctx, c)
	c.end()
	if err != nil {
		log.Fatal(err)
	}
}

// story is told until something goes wrong.
func story(ctx context.Context, c *cluster) error {
	fmt.Println("Five nodes on this machine, each a process of its own, with default timing.")
	for _, chapter := range []func(context.Context, *cluster) error{joins, news, crash, departure, agreement} {
		if err := chapter(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func joins(ctx context.Context, c *cluster) error {
	heading("They join, each through the first")
	for _, name := range []string{"alpha", "bravo", "charlie", "delta", "echo"} {
		p, err := c.start(ctx, name)
		if err != nil {
			return err
		}
		what := fmt.Sprintf("process %d, at %s", p.cmd.Process.Pid, p.addr)
		if len(c.running) == 1 {
			fmt.Printf("  %-8s %s\n", name, what)
			continue
		}
		began := time.Now()
		if err := p.order(order{Join: c.running[0].addr}); err != nil {
			return err
		}
		known, err := c.all(ctx, "know all others", func(p *process) bool { return p.count(swim.Alive) == len(c.running) })
		if err != nil {
			return err
		}
		line(name, what+", known to all after", known.Sub(began))
	}
	return nil
}

func news(ctx context.Context, c *cluster) error {
	heading("One changes its metadata")
	const meta = "version=2"
	charlie := c.process("charlie")
	began := time.Now()
	if err := charlie.order(order{Meta: meta}); err != nil {
		return err
	}
	known, err := c.all(ctx, "know charlie's metadata", func(p *process) bool {
		return p.members["charlie"].Meta == meta
	})
	if err != nil {
		return err
	}
	line("charlie", fmt.Sprintf("announces %q, known to all after", meta), known.Sub(began))
	return nil
}

func crash(ctx context.Context, c *cluster) error {
	heading("One is killed")
	delta := c.process("delta")
	c.dismiss(delta)
	began := time.Now()
	if err := delta.cmd.Process.Kill(); err != nil {
		return err
	}
	suspected, err := c.any(ctx, "suspects delta", func(p *process) bool { return p.members["delta"].State != swim.Alive })
	if err != nil {
		return err
	}
	line("delta", "is killed (SIGKILL), suspected by one after", suspected.Sub(began))
	known, err := c.all(ctx, "hold delta for failed", func(p *process) bool { return p.members["delta"].State == swim.Failed })
	if err != nil {
		return err
	}
	line("", "failed, to all others, after", known.Sub(began))
	return nil
}

func departure(ctx context.Context, c *cluster) error {
	heading("One leaves")
	echo := c.process("echo")
	c.dismiss(echo)
	began := time.Now()
	if err := echo.order(order{Leave: true}); err != nil {
		return err
	}
	known, err := c.all(ctx, "know that echo left", func(p *process) bool { return p.members["echo"].State == swim.Left })
	if err != nil {
		return err
	}
	line("echo", "leaves, known to all others after", known.Sub(began))
	return echo.cmd.Wait()
}

// agreement prints who believes what, once it is what happened.
func agreement(ctx context.Context, c *cluster) error {
	heading("In the end")
	if _, err := c.all(ctx, "agree on what happened", func(p *process) bool {
		return p.count(swim.Alive) == 3 && p.count(swim.Suspect) == 0 &&
			p.members["delta"].State == swim.Failed && p.members["echo"].State == swim.Left &&
			maps.Equal(p.members, c.running[0].members)
	}); err != nil {
		return err
	}
	fmt.Print(c.beliefs())
	fmt.Println("\nAll agree.")
	return nil
}

func heading(text string) { fmt.Printf("\n%s\n", text) }

func line(name, text string, took time.Duration) {
	unit := fmt.Sprintf("%.1f ms", 1000*took.Seconds())
	if took >= time.Second {
		unit = fmt.Sprintf("%.1f s", took.Seconds())
	}
	fmt.Printf("  %-8s %s %s %8s\n", name, text, strings.Repeat(".", max(60-len(text), 1)), unit)
}
