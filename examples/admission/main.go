// Admission runs a cluster that nobody enters without a join token: a name, a
// cluster and an expiry, signed with a key that no member has. One node comes
// with the token of another, one with its own that has expired, and both sides are
// told why they stay outside.
package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
)

const cluster = "admission"

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	// The private key belongs to whoever decides who may be a member, and stays
	// there. All nodes have the public one.
	public, private, err := ed25519.GenerateKey(nil)
	check(err)
	signer, err := security.NewTokenSigner(private)
	check(err)
	grant := func(name string, until time.Time) string {
		token, err := signer.Sign(security.Grant{Name: name, Cluster: cluster, NotAfter: until})
		check(err)
		return token
	}
	verifier, err := security.NewTokenVerifier(cluster, public)
	check(err)
	tomorrow, yesterday := time.Now().Add(24*time.Hour), time.Now().Add(-24*time.Hour)

	heard := make(warnings, 10)
	ann := start(ctx, swim.Config{Name: "ann", Token: grant("ann", tomorrow), Admission: verifier, Logger: heard.logger()})
	defer ann.Close()
	bob := start(ctx, swim.Config{Name: "bob", Token: grant("bob", tomorrow), Admission: verifier})
	defer bob.Close()
	_, err = bob.Join(ctx, ann.Local().Addr)
	check(err)
	fmt.Println("with a token of their own:", names(bob))

	for _, stranger := range []struct{ name, token, has string }{
		{"carl", "", "no token"},
		{"dora", grant("bob", tomorrow), "bob's token"},
		{"emil", grant("emil", yesterday), "a token that has expired"},
	} {
		// A node that asks for tokens itself would find out before it starts.
		node := start(ctx, swim.Config{Name: stranger.name, Token: stranger.token})
		_, err := node.Join(ctx, ann.Local().Addr)
		var refused *swim.RefusedError
		if !errors.As(err, &refused) {
			log.Fatalf("%s was not refused: %v", stranger.name, err)
		}
		fmt.Printf("%s has %s\n", stranger.name, stranger.has)
		fmt.Printf("  is told by %s: %s\n", refused.By, refused.Reason)
		fmt.Printf("  ann's log says: %s\n", heard.next(ctx))
		check(node.Close())
	}
	fmt.Println("ann and bob are alone still:", names(ann)+";", names(bob))

	// Dora is given a token in time, and goes on.
	dora := start(ctx, swim.Config{Name: "dora", Token: grant("dora", tomorrow), Admission: verifier})
	defer dora.Close()
	_, err = dora.Join(ctx, ann.Local().Addr)
	check(err)
	fmt.Println("dora has a token now:", names(dora))
}

func start(ctx context.Context, cfg swim.Config) *swim.Node {
	cfg.Cluster, cfg.Bind = cluster, "127.0.0.1:0"
	node, err := swim.Start(ctx, cfg)
	check(err)
	return node
}

// warnings keeps what is logged about refusals.
type warnings chan string

func (w warnings) logger() hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Output: w, Level: hclog.Warn, DisableTime: true})
}

func (w warnings) Write(line []byte) (int, error) {
	if text := strings.TrimSpace(string(line)); strings.Contains(text, "refused") {
		w <- text
	}
	return len(line), nil
}

func (w warnings) next(ctx context.Context) string {
	select {
	case line := <-w:
		return line
	case <-ctx.Done():
		return "nothing"
	}
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
