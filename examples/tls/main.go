// Tls runs a cluster over mutual TLS: one authority, a certificate for each
// member, and members that may only use the name their certificate bears. An
// impostor with another certificate of the same authority is not heard, and
// somebody of another authority does not even get a connection.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	ours := newAuthority("our authority")
	ann := start(ctx, "ann.example", ours, "ann.example")
	defer ann.Close()
	bob := start(ctx, "bob.example", ours, "bob.example")
	defer bob.Close()
	_, err := bob.Join(ctx, ann.Local().Addr)
	check(err)
	await(ctx, ann, 2)
	fmt.Println("over TLS 1.3, by their certificates:", names(ann))

	// Mallory has a certificate, and so a connection. What she says in bob's name
	// is dropped: it could send him away, or take his place.
	mallory := start(ctx, "bob.example", ours, "mallory.example")
	defer mallory.Close()
	_, err = mallory.Join(ctx, ann.Local().Addr)
	fmt.Printf("mallory calls herself bob: %v; ann dropped what came in another's name: %v\n",
		outcome(err), ann.Stats().Protocol.MessagesSpoofed > 0)

	// Whoever issued this certificate, it is not the cluster's authority.
	eve := start(ctx, "eve.example", newAuthority("another authority"), "eve.example")
	defer eve.Close()
	_, err = eve.Join(ctx, ann.Local().Addr)
	fmt.Printf("eve is of another authority: %v; the connection was refused: %v\n",
		outcome(err), errors.Is(err, transport.ErrUnverified))

	await(ctx, ann, 2)
	m, _ := ann.Member("bob.example")
	fmt.Printf("ann still sees %s, and bob is %v where he was: %v\n", names(ann), m.State, m.Addr == bob.Local().Addr)
}

// start starts a node that calls itself name and has a certificate for
// another name, or the same.
func start(ctx context.Context, name string, issuer *authority, certified string) *swim.Node {
	t, err := transport.ListenTLS(ctx, transport.TLSConfig{
		TCPConfig: transport.TCPConfig{Bind: "127.0.0.1:0"},
		TLS: &tls.Config{
			Certificates: []tls.Certificate{issuer.issue(certified)},
			RootCAs:      issuer.pool(),
		},
	})
	check(err)
	node, err := swim.Start(ctx, swim.Config{
		Name: name, Cluster: "tls", Transport: t,
		VerifyNames: true, // else a member could use any name
	})
	check(err)
	return node
}

func outcome(err error) string {
	if errors.Is(err, swim.ErrNoAnswer) {
		return "not let in"
	}
	return fmt.Sprint("let in: ", err)
}

// await waits until a node sees so many members alive.
func await(ctx context.Context, node *swim.Node, members int) {
	for range node.Events(ctx) { // the loop begins with the members there are
		if len(node.Members(swim.Alive)) == members {
			return
		}
	}
	log.Fatalf("%s sees %s", node.Local().Name, names(node))
}

func names(node *swim.Node) string {
	var all []string
	for _, m := range node.Members() {
		all = append(all, m.Name)
	}
	return strings.Join(all, ", ")
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
