package security_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/security"
)

var rewrite = flag.Bool("rewrite", false, "write the vectors of the newest version in testdata anew")

// vector is a packet and all that it is made of. The bytes are hex.
type vector struct {
	Sealer  string `json:"sealer,omitempty"` // none of a plain packet
	Key     string `json:"key,omitempty"`
	Session string `json:"session,omitempty"`
	Counter uint64 `json:"counter,omitempty"`
	Time    uint32 `json:"time,omitempty"`
	Cluster string `json:"cluster"`
	Header  string `json:"header,omitempty"` // what the Sealer authenticates
	Plain   string `json:"plain"`
	Sealed  string `json:"sealed,omitempty"` // what the Sealer makes
	Packet  string `json:"packet"`           // what the Envelope makes
}

// TestGoldenVectorsOpen opens what any version ever wrote.
func TestGoldenVectorsOpen(t *testing.T) {
	files, err := filepath.Glob("testdata/v*.json")
	if err != nil || len(files) != security.Version-security.OldestVersion+1 {
		t.Fatalf("%v, %v; want one per version", files, err)
	}
	for _, file := range files {
		for i, v := range readVectors(t, file) {
			e, s := v.receiver(t)
			plain, err := e.Open(nil, unhex(t, v.Packet))
			if err != nil || !bytes.Equal(plain, unhex(t, v.Plain)) {
				t.Errorf("%s, vector %d: the packet opens as %x, %v; want %s", file, i, plain, err, v.Plain)
			}
			if s == nil {
				continue
			}
			if plain, err = s.Open(nil, unhex(t, v.Sealed), unhex(t, v.Header)); err != nil || !bytes.Equal(plain, unhex(t, v.Plain)) {
				t.Errorf("%s, vector %d: what is sealed opens as %x, %v; want %s", file, i, plain, err, v.Plain)
			}
		}
	}
}

// TestGoldenVectorsAreWhatWeSend makes those of the newest version again.
func TestGoldenVectorsAreWhatWeSend(t *testing.T) {
	file := fmt.Sprintf("testdata/v%d.json", security.Version)
	if *rewrite {
		writeVectors(t, file, newVectors())
	}
	vectors := readVectors(t, file)
	if len(vectors) != len(newVectors()) {
		t.Fatalf("%d vectors, want %d", len(vectors), len(newVectors()))
	}
	for i, v := range vectors {
		want := v
		if v.seal(t); v != want {
			t.Errorf("vector %d of %q: we send\n%+v\nand it is\n%+v", i, v.Sealer, v, want)
		}
	}
}

// sealer returns the sealer that wrote v, just before it did; nil for a plain one.
func (v *vector) sealer(t testing.TB) *security.KeyedSealer {
	for _, s := range sealers {
		if s.name != v.Sealer {
			continue
		}
		key, err := security.NewKey(unhex(t, v.Key))
		if err != nil {
			t.Fatal(err)
		}
		sealer := s.make(ringOf(t, key))
		sealer.SetClock(func() (int64, time.Duration) { return int64(v.Time), 0 })
		sealer.SetSessions(func(session []byte) { copy(session, unhex(t, v.Session)) })
		sealOf(t, sealer, "") // which begins the session
		sealOf(t, sealer, strings.Repeat(" ", security.BulkBytes+1))
		sealer.Count(v.Counter - 1)
		return sealer
	}
	if v.Sealer != "" {
		t.Fatalf("no sealer is called %q", v.Sealer)
	}
	return nil
}

// receiver returns a node that never saw v; two, since each opens it once.
func (v *vector) receiver(t testing.TB) (*security.Envelope, *security.KeyedSealer) {
	if s := v.sealer(t); s != nil {
		return security.NewEnvelope(v.Cluster, s), v.sealer(t)
	}
	return security.NewEnvelope(v.Cluster, nil), nil
}

// seal fills in what is made of the rest.
func (v *vector) seal(t testing.TB) {
	e, s := v.receiver(t)
	packet, err := e.Seal(nil, unhex(t, v.Plain))
	if err != nil {
		t.Fatal(err)
	}
	v.Packet = hex.EncodeToString(packet)
	if s == nil {
		return
	}
	v.Header = hex.EncodeToString(append(packet[:security.HeaderBytes:security.HeaderBytes], v.Cluster...))
	sealed, err := s.Seal(nil, unhex(t, v.Plain), unhex(t, v.Header))
	if err != nil {
		t.Fatal(err)
	}
	v.Sealed = hex.EncodeToString(sealed)
}

// newVectors are what the vectors are made of.
func newVectors() []vector {
	plains := [][]byte{{}, []byte("x"), []byte("hello, golden world"), bytes.Repeat([]byte{0xa5, 0x5a}, 100)}
	var all []vector
	for i, plain := range plains {
		cluster := []string{"", "prod", "schön", strings.Repeat("c", 255)}[i]
		all = append(all, vector{Cluster: cluster, Plain: hex.EncodeToString(plain)})
		for j, s := range sealers {
			key, session := make([]byte, security.KeyBytes), make([]byte, 12)
			for k := range key {
				key[k] = byte(16*i + j + 7*k + 1)
			}
			for k := range session {
				session[k] = byte(31*k + 5*i + j)
			}
			all = append(all, vector{
				Sealer: s.name, Key: hex.EncodeToString(key), Session: hex.EncodeToString(session),
				Counter: []uint64{1, 2, 1 << 32, security.SessionPackets}[i],
				Time:    []uint32{1_700_000_000, 0, 1<<31 + 1, 1<<32 - 1}[i],
				Cluster: cluster, Plain: hex.EncodeToString(plain),
			})
		}
	}
	return all
}

func readVectors(t testing.TB, file string) []vector {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(text, &vectors); err != nil || len(vectors) == 0 {
		t.Fatalf("%s: %d vectors, %v", file, len(vectors), err)
	}
	return vectors
}

func writeVectors(t testing.TB, file string, vectors []vector) {
	for i := range vectors {
		vectors[i].seal(t)
	}
	text, err := json.MarshalIndent(vectors, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, slices.Concat(text, []byte("\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
