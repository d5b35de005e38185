package swimtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// untested are the sentences of the interfaces that no sub-test is for, and why. Those
// that only permit something, or say what a Node does, are not for a layer to keep.
var untested = map[string]string{
	// Transport
	"Addresses are strings of the transport's own notation.": "a definition",
	"The default is [transport.UDP].":                        "about swim",
	"nil promises nothing.":                                  "a permission",
	// StreamTransport
	"Then joins, syncs and fallback probes take them; else they are cut into packets.": "about the Node",
	// ConnectionTransport
	"ConnectionTransport is a Transport whose packets may come over connections.":                                            "a definition",
	"Then the hosts that they come from are not forged, and their ports mean nothing: [Limits] tell members by their hosts.": "that a host cannot be forged is what a suite cannot judge",
	// IdentifyingTransport
	"IdentifyingTransport is a Transport that knows who sent each packet: its peers prove who they are.": "the proof is what a suite cannot judge",
	"With Config.VerifyNames that is who a member has to say it is.":                                     "about the Node",

	"The Node calls one of the two.":                       "about the Node",
	"IdentifiedConn is a stream whose other end is known.": "a definition",
	// Validator
	"Validator is a layer that can tell, before it is used, that it was set up wrongly.": "a suite does not know how to set a layer up wrongly",
	"[Config.Validate] asks each layer that has the method.":                             "about the Node",
	// Codec
	"The default is [codec.Msgpack].":                  "about swim",
	"Strings and Payload of m may be views into data.": "a permission",
	"After an error nobody looks at m.":                "about the Node",
	// MemberSelector
	"The default is [selector.RoundRobin].": "about swim",
	"The strings of m hold for ever.":       "about the Node",
	"Next chooses whom to probe next.":      "a definition",
	// Disseminator
	"Disseminator decides which claims ride on the next packet.": "a definition",
	"The default is [disseminator.Piggyback].":                   "about swim",
	"The strings of u hold for ever.":                            "about the Node",
	// Sealer
	"Sealer protects packets and stream frames between codec and transport.":   "a definition",
	"There is no default: without one, whoever can send a packet is believed.": "about swim",
	"dst and plain do not overlap.":                                            "about the Node",
	"It may use the bytes of sealed as scratch.":                               "a permission",
	// Admission
	"Admission decides who may be a member.":                                      "a definition",
	"There is no default: without one, everybody whose packets are believed is.":  "about swim",
	"Package security has implementations: by network, by name, by signed token.": "about swim",
	// Delegate
	"Delegate is called back by a [Node].": "a definition",
	"All calls come from one goroutine that does nothing else, one at a time, with no lock held: a callback may take as long as it likes and may call any method of the Node, Close included.": "about the Node",
	"While one is blocked, changes wait as [Node.Events] says, and messages up to a limit.":                                                                                                    "about the Node",
	"The first call may come before Start has returned.":                                                                                                                                       "about the Node",
	"What else it wants it says by having more methods: see [ConflictDelegate], [PingDelegate], [StateDelegate] and [BroadcastDelegate].":                                                      "about swim",
	"The EventJoined of a member precedes its first message, but for one that was gone again before the Delegate heard that it had come.":                                                      "about the Node",
	"The payload is the callee's.": "about the Node",
	"ConflictDelegate is a Delegate that is also told of another process which uses this node's name.":                                                                                                    "a definition",
	"Neither of the two gives way by itself: other members believe whichever started later.":                                                                                                              "about the Node",
	"It is called once for each process, but of several that come while a callback is blocked only for the last.":                                                                                         "about the Node",
	"PingDelegate is a Delegate that is also told of the pings of this node that their targets answered themselves: how long that took, and what they said with it.":                                      "a definition",
	"What this node says to the pings of others it sets with [Node.SetAckPayload].":                                                                                                                       "about the Node",
	"Of several answers of a member that come while a callback is blocked it is told the last; see [Node.RTT] for what they amount to.":                                                                   "about the Node",
	"Each member is pinged once every n periods in a cluster of n, so that is how old its payload can be.":                                                                                                "about the Node",
	"BroadcastDelegate is a Delegate that is also given what other members broadcast.":                                                                                                                    "a definition",
	"Without one, a node passes broadcasts on and keeps none for itself.":                                                                                                                                 "about the Node",
	"One that is missing is waited for, 25 gossip intervals at most, or 50 if it is large and has to be fetched, and then left out for good.":                                                             "about the Node",
	"The EventJoined of a member precedes its first broadcast as it does its first message.":                                                                                                              "about the Node",
	"Members trust each other: one that lies can broadcast in another's name.":                                                                                                                            "about the Node",
	"A node that has just joined may also be given what was said in the seconds before.":                                                                                                                  "about the Node",
	"Up to 4096 broadcasts, or 16 MiB of them, wait for a callback that is slow; what comes then is dropped and counted in Drops.BroadcastsShed.":                                                         "about the Node",
	"StateDelegate is a Delegate with state of its own that is to become the same on all members: a table of services, silences of alerts, which key is in use.":                                          "a definition",
	"Two nodes exchange their states after each [Node.Join] that one of them made through the other, and once each Config.SyncInterval, which is stretched in large clusters, with one member more.":      "about the Node",
	"First eight bytes are compared, and where they agree no state travels; else the one that began gets the other's state and merges it, and sends its own, merged as it is then, if they still differ.": "about the Node",
	"So both end with the same.": "about the Node",
	"It takes a Transport with streams, as the defaults are; without, nothing is exchanged.":                                                                                                            "about the Node",
	"Members whose Delegate is not a StateDelegate take no part.":                                                                                                                                       "about the Node",
	"Joining waits for none of it: when Join returns, an exchange is under way with each seed that answered.":                                                                                           "about the Node",
	"The calls come from the Delegate's own goroutine, as all do, so one that blocks keeps only the states of this node waiting: an exchange ends after Config.StreamTimeout, and another comes later.": "about the Node",
	"An empty one is not sent either.":                    "about the Node",
	"The result is copied.":                               "about the Node",
	"join tells that it is for an exchange after a Join.": "about the Node",
}

// seams are the interfaces that the suites are for, and where they are.
var seams = map[string]string{
	"Transport": "layers.go", "StreamTransport": "layers.go", "IdentifyingTransport": "layers.go", "IdentifiedConn": "layers.go",
	"ConnectionTransport": "layers.go", "Validator": "layers.go", "Codec": "layers.go", "MemberSelector": "layers.go", "Disseminator": "layers.go",
	"Sealer": "layers.go", "Admission": "layers.go",
	"Delegate": "delegate.go", "ConflictDelegate": "delegate.go", "PingDelegate": "pingpayload.go",
	"StateDelegate": "state.go", "BroadcastDelegate": "broadcast.go",
}

// Each sentence of an interface has a sub-test, or is one of those that cannot have one;
// and each sub-test cites a sentence that is there.
func TestEachSentenceIsTested(t *testing.T) {
	var said []string
	for seam, file := range seams {
		found := sentencesOf(t, seam, file)
		if len(found) == 0 {
			t.Errorf("%s has no documentation: it guards nothing", seam)
		}
		said = append(said, found...)
	}
	cited := citations()
	for _, s := range said {
		if _, ok := untested[s]; ok {
			continue
		}
		if !anyOf(cited, func(c string) bool { return strings.Contains(s, c) || strings.Contains(c, s) }) {
			t.Errorf("no sub-test is for the sentence, and untested gives no reason: %q", s)
		}
	}
	whole := strings.Join(said, " ")
	for _, c := range cited {
		if !strings.Contains(whole, c) && !anyOf(said, func(s string) bool { return strings.Contains(c, s) }) {
			t.Errorf("a sub-test cites what no interface says: %q", c)
		}
	}
	for s := range untested {
		if !anyOf(said, func(x string) bool { return x == s }) {
			t.Errorf("untested names what no interface says: %q", s)
		}
	}
}

func anyOf(all []string, is func(string) bool) bool {
	for _, s := range all {
		if is(s) {
			return true
		}
	}
	return false
}

// citations are what the sub-tests of all suites say that they are for.
func citations() (all []string) {
	all = append(all, cite(codecSentences)...)
	all = append(all, cite(selectorSentences)...)
	all = append(all, cite(disseminatorSentences)...)
	all = append(all, cite(sealerSentences)...)
	all = append(all, cite(admissionSentences)...)
	for _, some := range [][]sentence[network]{packetSentences, streamSentences, connectionSentences, identitySentences} {
		all = append(all, cite(some)...)
	}
	for _, some := range [][]sentence[delegates]{delegateSentences, conflictSentences, pingSentences, broadcastSentences, stateSentences, nodeSentences} {
		all = append(all, cite(some)...)
	}
	return all
}

func cite[L any](sentences []sentence[L]) (all []string) {
	for _, s := range sentences {
		all = append(all, s.says)
	}
	return all
}

// sentencesOf are those of an interface and of its methods.
func sentencesOf(t *testing.T, seam, file string) (all []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		d, ok := n.(*ast.GenDecl)
		if !ok || d.Tok != token.TYPE {
			return true
		}
		spec := d.Specs[0].(*ast.TypeSpec)
		i, ok := spec.Type.(*ast.InterfaceType)
		if !ok || spec.Name.Name != seam {
			return true
		}
		all = append(all, split(d.Doc)...)
		for _, method := range i.Methods.List {
			all = append(all, split(method.Doc)...)
		}
		return false
	})
	return all
}

// split cuts a comment into sentences.
func split(doc *ast.CommentGroup) []string {
	text := strings.Join(strings.Fields(doc.Text()), " ")
	if text == "" {
		return nil
	}
	all := strings.SplitAfter(text, ". ")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}
