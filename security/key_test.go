package security_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/swim-go/swim/security"
)

func TestParseKeyReadsWhatSecretWrites(t *testing.T) {
	for range 100 {
		key := security.GenerateKey()
		raw, err := base64.StdEncoding.DecodeString(key.Secret())
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			key.Secret(),
			strings.TrimRight(key.Secret(), "="),
			base64.URLEncoding.EncodeToString(raw),
			base64.RawURLEncoding.EncodeToString(raw),
			hex.EncodeToString(raw),
			strings.ToUpper(hex.EncodeToString(raw)),
			" \t" + key.Secret() + "\r\n",
		} {
			got, err := security.ParseKey(text)
			if err != nil || !got.Equal(key) || got.ID() != key.ID() {
				t.Fatalf("%q: %v, %v; want %v", text, got, err, key)
			}
			var unmarshalled security.Key
			if err := unmarshalled.UnmarshalText([]byte(text)); err != nil || !unmarshalled.Equal(key) {
				t.Fatalf("%q: UnmarshalText: %v", text, err)
			}
		}
	}
}

func TestParseKeyRefuses(t *testing.T) {
	good := keyOf(0xfb).Secret()
	for name, text := range map[string]string{
		"nothing":        "",
		"short":          good[:42],
		"long":           good + "A",
		"two paddings":   good[:42] + "==",
		"stray bits":     good[:42] + "/=",
		"no base64":      "!" + good[1:],
		"line within":    good[:20] + "\n" + good[21:],
		"no hex":         strings.Repeat("g", 64),
		"hex, odd":       strings.Repeat("a", 63),
		"128 bits":       base64.StdEncoding.EncodeToString(make([]byte, 16)),
		"all zero":       strings.Repeat("0", 64),
		"all zero, 64":   strings.Repeat("A", 43),
		"32 characters":  strings.Repeat("k", 32),
		"a large string": strings.Repeat("A", 1<<20),
	} {
		key, err := security.ParseKey(text)
		if !errors.Is(err, security.ErrBadKey) || !key.Equal(security.Key{}) {
			t.Errorf("%s: %v, %v", name, key, err)
		}
		if len(text) > 8 && err != nil && (strings.Contains(err.Error(), text[:8]) || len(err.Error()) > 200) {
			t.Errorf("%s: the error shows what was there: %v", name, err)
		}
	}
}

func TestNewKey(t *testing.T) {
	for _, bad := range [][]byte{nil, make([]byte, 31), make([]byte, 32), make([]byte, 33), bytes.Repeat([]byte{1}, 33)} {
		if _, err := security.NewKey(bad); !errors.Is(err, security.ErrBadKey) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
	secret := bytes.Repeat([]byte{1}, 32)
	key, err := security.NewKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	secret[0] = 2
	if !key.Equal(keyOf(1)) {
		t.Error("the key changes with the bytes that it was made of")
	}
}

// A secret shows nowhere but in Secret.
func TestKeysDoNotShow(t *testing.T) {
	key := keyOf('S')
	holder := struct {
		Key  security.Key
		Keys []security.Key
		Ptr  *security.Key
	}{key, []security.Key{key}, &key}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%o", "%c", "%U", "%t", "%10v"} {
		fmt.Fprintf(&out, verb+"\n", key)
		fmt.Fprintf(&out, verb+"\n", &key)
		fmt.Fprintf(&out, verb+"\n", holder)
		fmt.Fprintf(&out, verb+"\n", ringOf(t, key))
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("started", "config", holder, "key", key)
	slog.New(slog.NewTextHandler(&out, nil)).Info("started", "config", holder, "key", key)
	if text, err := json.Marshal(holder); err == nil {
		t.Errorf("written as JSON without a word: %s", text)
	}
	// Long enough not to show in a pointer by chance.
	for _, secret := range []string{
		"SSSSSS", "5353535353", "83 83 83", "83, 83, 83", "83,83,83", "1010011 1010011", "123 123 123",
		"U+0053 U+0053", "S S S", "0x53, 0x53", key.Secret()[:8],
	} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q shows in %s", secret, out.String())
		}
	}
	if want := "key=" + key.String(); !strings.Contains(out.String(), want) {
		t.Errorf("no %s in the log", want)
	}
	if want := "Key(" + key.ID().String() + ")"; key.String() != want || fmt.Sprintf("%d", key) != want {
		t.Errorf("%v, want %s", key, want)
	}
	if got := (security.Key{}).String(); got != "Key()" {
		t.Errorf("the zero key is %s", got)
	}
}

func TestKeyFromPassphrase(t *testing.T) {
	// As another implementation of RFC 9106 computes it, too: nodes of all versions
	// and languages must get the same key.
	const want = "8ab4c7e4"
	key, err := security.KeyFromPassphrase("correct horse battery staple", "prod")
	if err != nil || key.ID().String() != want {
		t.Errorf("id %v, %v; want %s", key.ID(), err, want)
	}
	for name, other := range map[string][2]string{
		"another passphrase": {"correct horse battery stapel", "prod"},
		"another cluster":    {"correct horse battery staple", "test"},
	} {
		if k, err := security.KeyFromPassphrase(other[0], other[1]); err != nil || k.Equal(key) {
			t.Errorf("%s: the same key, %v", name, err)
		}
	}
	for _, bad := range []string{"", strings.Repeat("p", security.MinPassphraseBytes-1), strings.Repeat("p", security.MaxPassphraseBytes+1)} {
		if _, err := security.KeyFromPassphrase(bad, "prod"); !errors.Is(err, security.ErrBadKey) {
			t.Errorf("%d bytes: %v", len(bad), err)
		} else if strings.Contains(err.Error(), "ppp") {
			t.Errorf("shows the passphrase: %v", err)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(keyOf(1).Secret())
	f.Add(strings.Repeat("0f", 32))
	f.Add(strings.Repeat("A", 43) + "=")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := security.ParseKey(text)
		if err != nil {
			if !errors.Is(err, security.ErrBadKey) || !key.Equal(security.Key{}) {
				t.Fatalf("%v, %v", key, err)
			}
			return
		}
		again, err := security.ParseKey(key.Secret())
		if err != nil || !again.Equal(key) || key.Equal(security.Key{}) {
			t.Fatalf("%q is read as %v, which is written as what reads as %v, %v", text, key, again, err)
		}
	})
}
