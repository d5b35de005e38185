package security

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
)

// MaxKeyFileBytes bounds a key file: room for [MaxKeys] with a comment each.
const MaxKeyFileBytes = 16 << 10

// LoadKeyFile reads a key file: a key per line, as [ParseKey] reads them, the
// primary first. From a '#' on a line is a comment, and empty lines are skipped.
// The file must be a regular one that nobody but its owner may touch (mode 0600
// or 0400), except on Windows, where modes say nothing. The error wraps
// [ErrBadKey], or is that of the file system; it names the file and the line and
// never shows what stands there.
func LoadKeyFile(path string) ([]Key, error) {
	// Asked before opening too, since to open a pipe can take for ever.
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("swim: key file: %w", err)
	} else if err := checkKeyFile(path, info, runtime.GOOS); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("swim: key file: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat() // of what was opened, whatever the path leads to by now
	if err != nil {
		return nil, fmt.Errorf("swim: key file: %w", err)
	}
	if err := checkKeyFile(path, info, runtime.GOOS); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, MaxKeyFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("swim: key file: %w", err)
	}
	if len(text) > MaxKeyFileBytes {
		return nil, fmt.Errorf("%w: %s has more than %d bytes: is it a key file?", ErrBadKey, path, MaxKeyFileBytes)
	}
	return parseKeys(path, string(text))
}

func checkKeyFile(path string, info os.FileInfo, system string) error {
	switch mode := info.Mode(); {
	case !mode.IsRegular():
		return fmt.Errorf("%w: %s is no regular file", ErrBadKey, path)
	case system != "windows" && mode.Perm()&0o077 != 0:
		return fmt.Errorf("%w: %s has mode %#o, so others than its owner may use it: chmod 600", ErrBadKey, path, mode.Perm())
	}
	return nil
}

// parseKeys reads the text of a key file of that name.
func parseKeys(name, text string) ([]Key, error) {
	var keys []Key
	lines := make(map[KeyID]int)
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		key, err := ParseKey(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, number, err)
		}
		if before := lines[key.ID()]; before != 0 {
			return nil, fmt.Errorf("%s:%d: %w: it stands in line %d already: remove one", name, number, ErrBadKey, before)
		}
		if len(keys) == MaxKeys {
			return nil, fmt.Errorf("%s:%d: %w: a keyring holds at most %d: remove retired ones", name, number, ErrBadKey, MaxKeys)
		}
		lines[key.ID()] = number
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: %s holds none: write one per line, the primary first", ErrBadKey, name)
	}
	return keys, nil
}
