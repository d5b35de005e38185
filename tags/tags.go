package tags

import (
	"fmt"
	"unicode/utf8"

	"github.com/hashicorp/go-msgpack/v2/codec"
)

// handle writes maps sorted and strings in the forms of today's MessagePack. It is
// never changed, so all goroutines share it.
var handle = newHandle()

func newHandle() *codec.MsgpackHandle {
	h := &codec.MsgpackHandle{WriteExt: true}
	h.Canonical = true
	return h
}

// Encode returns tags as metadata, for swim.Config.Meta and Node.SetMeta. It has an
// error that wraps [ErrInvalid] if a key is empty, or a key or value is not UTF-8, and a
// [SizeError] if they are above a limit. No tags are no bytes.
func Encode(tags map[string]string) ([]byte, error) {
	if err := within("tags", len(tags), MaxTags); err != nil {
		return nil, err
	}
	if len(tags) == 0 {
		return nil, nil
	}
	for key, value := range tags {
		if err := check(key, value); err != nil {
			return nil, err
		}
	}
	var meta []byte
	if err := codec.NewEncoderBytes(&meta, handle).Encode(tags); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err := within("metadata", len(meta), MaxBytes); err != nil {
		return nil, err
	}
	return meta, nil
}

// Decode returns the tags in a member's metadata, in a map that is the caller's. It
// has an error that wraps [ErrInvalid] if meta is anything else than tags, and a
// [SizeError] if they are above a limit. What meta claims costs nothing: it is walked
// through before memory is made for it. No bytes are no tags.
func Decode(meta string) (map[string]string, error) {
	count, err := verify(meta)
	if err != nil {
		return nil, err
	}
	tags := make(map[string]string, count)
	if count == 0 {
		return tags, nil
	}
	if err := codec.NewDecoderBytes([]byte(meta), handle).Decode(&tags); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if len(tags) < count {
		return nil, fmt.Errorf("%w: of %d keys only %d are distinct", ErrInvalid, count, len(tags))
	}
	return tags, nil
}

// verify counts the tags in meta and returns an error if anything is wrong with it but
// a key that comes twice.
func verify(meta string) (int, error) {
	if err := within("metadata", len(meta), MaxBytes); err != nil {
		return 0, err
	}
	w, ok := newWalk(meta)
	if !ok {
		return 0, errNoMap
	}
	count := w.left
	if err := within("tags", count, MaxTags); err != nil {
		return 0, err
	}
	for w.left > 0 {
		key, value, ok := w.next()
		if !ok {
			return 0, errNoStrings
		}
		if err := check(key, value); err != nil {
			return 0, err
		}
	}
	if w.rest != "" {
		return 0, fmt.Errorf("%w: %d bytes after their end", ErrInvalid, len(w.rest))
	}
	return count, nil
}

// Lookup returns one tag out of a member's metadata, and false if there is none of that
// key or meta is not tags as far as it was read, which is up to that key. It allocates
// nothing: the value is a part of meta. So it can be asked about each of many members,
// by a selector.Zoned for instance.
func Lookup(meta, key string) (value string, ok bool) {
	w, ok := newWalk(meta)
	for ok && w.left > 0 {
		var k string
		if k, value, ok = w.next(); ok && k == key {
			return value, true
		}
	}
	return "", false
}

func check(key, value string) error {
	if key == "" {
		return fmt.Errorf("%w: an empty key", ErrInvalid)
	}
	if err := within("key", len(key), MaxKeyBytes); err != nil {
		return err
	}
	if err := within("value", len(value), MaxValueBytes); err != nil {
		return err
	}
	if !utf8.ValidString(key) || !utf8.ValidString(value) {
		return fmt.Errorf("%w: key or value of %q is not UTF-8", ErrInvalid, key)
	}
	return nil
}
