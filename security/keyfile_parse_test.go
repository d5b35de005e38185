package security

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestModesSayNothingOnWindows(t *testing.T) {
	path := t.TempDir() + "/keys"
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkKeyFile(path, info, "windows"); err != nil {
		t.Errorf("windows: %v", err)
	}
	if err := checkKeyFile(path, info, "linux"); err == nil {
		t.Error("linux: want an error")
	}
}

func FuzzKeyFile(f *testing.F) {
	key := GenerateKey().Secret()
	f.Add(key + "\n# comment\n" + GenerateKey().Secret() + " # another\r\n")
	f.Add(key + "\n" + key)
	f.Add("\n\n#\n")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := parseKeys("file", text)
		if err != nil {
			if !errors.Is(err, ErrBadKey) || keys != nil {
				t.Fatalf("%v, %v", keys, err)
			}
			return
		}
		ring, err := NewKeyring(keys[0], keys[1:]...)
		if err != nil {
			t.Fatalf("a file that reads and is no keyring: %v", err)
		}
		var again strings.Builder
		for _, key := range keys {
			again.WriteString(key.Secret() + "\n")
		}
		if reread, err := parseKeys("file", again.String()); err != nil || len(reread) != len(ring.Keys()) {
			t.Fatalf("written again it reads as %v, %v", reread, err)
		}
	})
}
