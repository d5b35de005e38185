package swim_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

const (
	recordA    = 1
	recordAAAA = 28
	recordSRV  = 33
)

// zone is a DNS server for one test: what it answers to a name and a type.
type zone struct {
	mu      sync.Mutex
	records map[string]map[uint16][][]byte
	asked   chan struct{} // holds a token once it was
}

func (z *zone) set(name string, kind uint16, data ...[]byte) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.records == nil {
		z.records = make(map[string]map[uint16][][]byte)
	}
	if z.records[name] == nil {
		z.records[name] = make(map[uint16][][]byte)
	}
	z.records[name][kind] = data
}

func ip(s string) []byte { return netip.MustParseAddr(s).AsSlice() }

// srv is the data of an SRV record.
func srv(priority, port uint16, target string) []byte {
	data := binary.BigEndian.AppendUint16(nil, priority)
	data = binary.BigEndian.AppendUint16(data, 1)
	data = binary.BigEndian.AppendUint16(data, port)
	for label := range strings.SplitSeq(target, ".") {
		data = append(append(data, byte(len(label))), label...)
	}
	return append(data, 0)
}

// resolver starts the server and returns who asks nobody else.
func (z *zone) resolver(t *testing.T) *net.Resolver {
	z.asked = make(chan struct{}, 1)
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		query := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(query)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(z.answer(query[:n]), from)
			select {
			case z.asked <- struct{}{}:
			default:
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// answer answers a query with one question (RFC 1035, 4.1).
func (z *zone) answer(query []byte) []byte {
	z.mu.Lock()
	defer z.mu.Unlock()
	var labels []string
	end := 12
	for query[end] != 0 {
		next := end + 1 + int(query[end])
		labels = append(labels, string(query[end+1:next]))
		end = next
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	known, ok := z.records[strings.Join(labels, ".")]

	reply := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, query[12:end+5]...)
	if !ok {
		reply[3] |= 3 // there is no such name
		return reply
	}
	binary.BigEndian.PutUint16(reply[6:], uint16(len(known[kind])))
	for _, data := range known[kind] {
		reply = append(reply, 0xc0, 12) // the name in the question
		reply = binary.BigEndian.AppendUint16(reply, kind)
		reply = append(reply, 0, 1, 0, 0, 0, 0)
		reply = binary.BigEndian.AppendUint16(reply, uint16(len(data)))
		reply = append(reply, data...)
	}
	return reply
}

func TestDNSSeeds(t *testing.T) {
	z := new(zone)
	resolver := z.resolver(t)
	z.set("cluster.test", recordA, ip("127.0.0.2"), ip("127.0.0.1"))
	z.set("cluster.test", recordAAAA, ip("2001:db8::1"))
	z.set("empty.test", recordSRV)
	for name, want := range map[string][]string{
		"cluster.test.":     {"127.0.0.1:7946", "127.0.0.2:7946", "[2001:db8::1]:7946"},
		"cluster.test.:100": {"127.0.0.1:100", "127.0.0.2:100", "[2001:db8::1]:100"},
		"empty.test.":       nil,
		"none.test.":        nil,
		"a:b:c":             nil,
	} {
		got, err := swim.DNSSeeds{Name: name, Resolver: resolver}.Seeds(t.Context())
		slices.Sort(got)
		if !slices.Equal(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	var problem *net.DNSError
	if _, err := (swim.DNSSeeds{Name: "none.test.", Resolver: resolver}).Seeds(t.Context()); !errors.As(err, &problem) || !problem.IsNotFound {
		t.Errorf("no such name: %v", err)
	}
}

func TestSRVSeeds(t *testing.T) {
	z := new(zone)
	resolver := z.resolver(t)
	z.set("one.test", recordA, ip("127.0.0.1"))
	z.set("two.test", recordA, ip("127.0.0.2"), ip("127.0.0.3"))
	z.set("_swim._udp.test", recordSRV, srv(2, 102, "two.test"), srv(1, 101, "one.test"), srv(3, 103, "none.test"))
	z.set("_gone._udp.test", recordSRV, srv(1, 1, "none.test"))
	for name, want := range map[string][]string{
		"_swim._udp.test.": {"127.0.0.1:101", "127.0.0.2:102", "127.0.0.3:102"},
		"_gone._udp.test.": nil,
		"_none._udp.test.": nil,
	} {
		got, err := swim.SRVSeeds{Name: name, Resolver: resolver}.Seeds(t.Context())
		if !slices.Equal(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
}

// A name is asked for each time: who is started before there is anybody finds them
// when they are there.
func TestDNSSeedsAreResolvedAgain(t *testing.T) {
	z := new(zone)
	resolver := z.resolver(t)
	first := start(t, swim.Config{Name: "first"})
	addr := netip.MustParseAddrPort(first.Local().Addr)
	second := start(t, swim.Config{
		Name: "second", Seeds: swim.SRVSeeds{Name: "_swim._udp.test.", Resolver: resolver},
		RejoinInterval: 50 * time.Millisecond,
	})
	<-z.asked
	z.set("first.test", recordA, addr.Addr().AsSlice())
	z.set("_swim._udp.test", recordSRV, srv(1, addr.Port(), "first.test"))
	until(t, second, "it has found the first", func() bool { return len(second.Members()) == 2 })
}
