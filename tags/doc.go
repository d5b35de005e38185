// Package tags keeps a small map of strings in a member's metadata: its role, its
// zone, the version that it runs.
//
//	meta, err := tags.Encode(map[string]string{"role": "db", "zone": "eu-1"})
//	...
//	node, err := swim.Start(ctx, swim.Config{Meta: meta})
//	...
//	for _, m := range node.Members() {
//		if role, _ := tags.Lookup(m.Meta, "role"); role == "db" { ... }
//	}
//
// # Format
//
// Tags are one MessagePack map of strings to strings. [Encode] sorts it by key and
// writes each value in its shortest form, so equal maps have equal bytes: members with
// the same tags have the same metadata. No tags at all are no bytes. [Decode] takes the
// keys in any order and the strings in any form, since others than this package may
// have written them, and nothing but strings.
//
// # Limits
//
// Metadata comes from whoever is a member, so it is checked before anything is made of
// it: [MaxBytes] in all, [MaxTags], [MaxKeyBytes] and [MaxValueBytes]. What a node may
// announce is bounded further by its Config.MaxMetaBytes.
package tags
