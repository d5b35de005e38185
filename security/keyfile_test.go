package security_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/swim-go/swim/security"
)

func keyFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadKeyFile(t *testing.T) {
	one, two := keyOf(1), keyOf(2)
	path := keyFile(t, "# rotated every month\n\n"+one.Secret()+"\r\n\t "+two.Secret()+"  # the one before\n#\n")
	keys, err := security.LoadKeyFile(path)
	if err != nil || len(keys) != 2 || !keys[0].Equal(one) || !keys[1].Equal(two) {
		t.Fatalf("%v, %v", keys, err)
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := security.LoadKeyFile(path); err != nil {
		t.Errorf("mode 0400: %v", err)
	}
}

func TestReload(t *testing.T) {
	one, two := keyOf(1), keyOf(2)
	ring := ringOf(t, one)
	path := keyFile(t, two.Secret()+"\n"+one.Secret())
	if err := ring.Reload(path); err != nil || ring.Primary() != two.ID() || len(ring.Keys()) != 2 {
		t.Errorf("%v, %v", ring.Keys(), err)
	}
	if err := os.WriteFile(path, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ring.Reload(path); err == nil || ring.Primary() != two.ID() || len(ring.Keys()) != 2 {
		t.Errorf("after a bad file: %v, %v", ring.Keys(), err)
	}
}

func TestBadKeyFiles(t *testing.T) {
	good := keyOf(1).Secret()
	var many strings.Builder
	for n := byte(1); n <= security.MaxKeys+1; n++ {
		many.WriteString(keyOf(n).Secret() + "\n")
	}
	for name, test := range map[string]struct{ text, want string }{
		"empty":           {"", "holds none"},
		"comments":        {"# nothing\n", "holds none"},
		"a slip":          {"\n" + good + "\n" + good[:40], ":3:"},
		"two on a line":   {good + " " + good, ":1:"},
		"one twice":       {good + "\n\n" + good + "\n", ":3:"},
		"too many":        {many.String(), ":17:"},
		"a large file":    {strings.Repeat("#", security.MaxKeyFileBytes+1), "more than"},
		"another program": {"\x7fELF\x02\x01\x01\x00\x00", ":1:"},
	} {
		path := keyFile(t, test.text)
		keys, err := security.LoadKeyFile(path)
		if !errors.Is(err, security.ErrBadKey) || keys != nil {
			t.Errorf("%s: %v, %v", name, keys, err)
			continue
		}
		if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v; want the file and %q", name, err, test.want)
		}
		if strings.Contains(err.Error(), good[:12]) {
			t.Errorf("%s: the error shows a key: %v", name, err)
		}
	}
	if _, err := security.LoadKeyFile(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestKeyFileForItsOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing there")
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666, 0o777} {
		path := keyFile(t, keyOf(1).Secret())
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := security.LoadKeyFile(path); !errors.Is(err, security.ErrBadKey) || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %#o: %v", mode, err)
		}
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := security.LoadKeyFile(dir); !errors.Is(err, security.ErrBadKey) || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a directory: %v", err)
	}
	link := filepath.Join(t.TempDir(), "link") // as secrets are mounted
	if err := os.Symlink(keyFile(t, keyOf(1).Secret()), link); err != nil {
		t.Fatal(err)
	}
	if _, err := security.LoadKeyFile(link); err != nil {
		t.Errorf("a link to a good file: %v", err)
	}
}
