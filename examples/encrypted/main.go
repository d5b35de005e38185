// Encrypted runs a cluster whose packets and streams are sealed with a key that
// all of its members share, and exchanges that key for another while it runs. Who
// does not have it is not heard.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
)

// member is a node and the keys that it seals and opens with. A program keeps the
// Keyring at hand, since that is what a key is added to, and taken from, later.
type member struct {
	*swim.Node
	ring     *security.Keyring
	received chan string
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	// A real one comes from a file that only the nodes may read: see
	// security.LoadKeyFile, and Keyring.Reload to rotate by it.
	first, second := security.GenerateKey(), security.GenerateKey()
	var cluster []member
	for _, name := range []string{"ann", "bob", "cid"} {
		m := start(ctx, name, first)
		defer m.Close()
		if len(cluster) > 0 {
			check(join(ctx, m, cluster[0]))
		}
		cluster = append(cluster, m)
	}
	awaitMembers(ctx, cluster)
	fmt.Println("sealed with", first, "are", names(cluster[0]))

	eve := start(ctx, "eve", security.GenerateKey())
	defer eve.Close()
	tell(cluster[0], eve, join(ctx, eve, cluster[0]))

	// A rotation takes three steps, each on all nodes before the next. Between any
	// two of them every node opens what every other one seals.
	rotate(ctx, cluster, fmt.Sprint("adding ", second), func(k *security.Keyring) error { return k.Add(second) })
	rotate(ctx, cluster, fmt.Sprint("using ", second), func(k *security.Keyring) error { return k.Use(second.ID()) })
	rotate(ctx, cluster, fmt.Sprint("removing ", first), func(k *security.Keyring) error { return k.Remove(first.ID()) })
	for _, m := range cluster {
		if s := m.Stats(); s.Protocol.SuspicionsRaised > 0 || s.Alive != len(cluster) {
			log.Fatalf("the rotation went wrong: %+v", s)
		}
	}
	fmt.Println("nobody was suspected:", names(cluster[0]))

	// Who missed it, or got hold of a key that has been retired, stays outside.
	dan := start(ctx, "dan", first)
	defer dan.Close()
	tell(cluster[0], dan, join(ctx, dan, cluster[0]))
	check(dan.ring.Replace(second))
	check(join(ctx, dan, cluster[0]))
	awaitMembers(ctx, append(cluster, dan))
	fmt.Println("dan has the new key, and there are", names(cluster[0]))
}

func start(ctx context.Context, name string, key security.Key) member {
	ring, err := security.NewKeyring(key)
	check(err)
	m := member{ring: ring, received: make(chan string, 10)}
	m.Node, err = swim.Start(ctx, swim.Config{
		Name: name, Cluster: "encrypted", Bind: "127.0.0.1:0",
		Sealer:   security.NewXChaCha20Poly1305(ring), // a sealer belongs to one node
		Delegate: &mailbox{received: m.received},
	})
	check(err)
	return m
}

func join(ctx context.Context, m, seed member) error {
	_, err := m.Join(ctx, seed.Local().Addr)
	return err
}

// tell says how somebody without the right key fared.
func tell(ann, stranger member, err error) {
	if !errors.Is(err, swim.ErrNoAnswer) {
		log.Fatalf("%s got in: %v", stranger.Local().Name, err)
	}
	fmt.Printf("%s has key %v alone, and is not let in; ann dropped what came, unread: %v\n",
		stranger.Local().Name, stranger.ring.Primary(), ann.Stats().Drops.UnknownKey > 0)
}

// rotate takes one step of a rotation on one node after the other. After each,
// everybody still understands everybody.
func rotate(ctx context.Context, cluster []member, what string, step func(*security.Keyring) error) {
	for _, m := range cluster {
		check(step(m.ring))
		for _, from := range cluster {
			for _, to := range cluster {
				if from.Node == to.Node {
					continue
				}
				check(from.Send(ctx, to.Local().Name, []byte("hello")))
				select {
				case <-to.received:
				case <-ctx.Done():
					log.Fatalf("%s: %s does not hear %s", what, to.Local().Name, from.Local().Name)
				}
			}
		}
	}
	fmt.Printf("%s, one node after the other; all hear all; ann seals with %v and opens with %v\n",
		what, cluster[0].ring.Primary(), cluster[0].ring.Keys())
}

// awaitMembers waits until all know all.
func awaitMembers(ctx context.Context, all []member) {
	for _, m := range all {
		for range m.Events(ctx) { // the loop begins with the members there are
			if len(m.Members()) == len(all) {
				break
			}
		}
	}
	check(ctx.Err())
}

func names(m member) string {
	var all []string
	for _, m := range m.Members() {
		all = append(all, m.Name)
	}
	return strings.Join(all, ", ")
}

// mailbox keeps what others send.
type mailbox struct {
	swim.NopDelegate
	received chan string
}

func (b *mailbox) NotifyMessage(from swim.Member, payload []byte) {
	b.received <- from.Name + ": " + string(payload)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
