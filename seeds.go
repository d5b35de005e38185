package swim

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
)

// SeedProvider says where members of the cluster may be found. It is asked again
// each time that a node looks for them, so that it can name those that exist now.
// See Config.Seeds.
type SeedProvider interface {
	// Seeds returns seeds in the forms that [Node.Join] takes, host names and
	// this node's own address among them. It may block until ctx ends, which it
	// does within 10 s, and should return then; until it has returned it is not
	// called again. After an error the node goes on, and asks again later.
	Seeds(ctx context.Context) ([]string, error)
}

var (
	_ SeedProvider = StaticSeeds(nil)
	_ SeedProvider = FileSeeds("")
	_ SeedProvider = SeedFunc(nil)
	_ SeedProvider = DNSSeeds{}
	_ SeedProvider = SRVSeeds{}
)

// StaticSeeds are seeds that never change. The host names among them are resolved
// each time all the same.
type StaticSeeds []string

// Seeds implements [SeedProvider].
func (s StaticSeeds) Seeds(context.Context) ([]string, error) { return s, nil }

// SeedFunc is a function of yours that finds the seeds, in the registry of a
// cloud, say.
type SeedFunc func(ctx context.Context) ([]string, error)

// Seeds implements [SeedProvider].
func (f SeedFunc) Seeds(ctx context.Context) ([]string, error) { return f(ctx) }

// FileSeeds is the path of a file with one seed a line, which is read each time.
// Empty lines do not count, nor does what follows a #. A file larger than 64 KiB
// is an error.
type FileSeeds string

// maxSeedFileBytes is the largest file of seeds that is read.
const maxSeedFileBytes = 64 << 10

// Seeds implements [SeedProvider].
func (f FileSeeds) Seeds(context.Context) ([]string, error) {
	file, err := os.Open(string(f))
	if err != nil {
		return nil, fmt.Errorf("swim: seeds: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSeedFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("swim: seeds: %w", err)
	}
	if len(text) > maxSeedFileBytes {
		return nil, fmt.Errorf("swim: seeds: %s has more than %d bytes", string(f), maxSeedFileBytes)
	}
	var seeds []string
	for line := range strings.Lines(string(text)) {
		seed, _, _ := strings.Cut(line, "#")
		if seed = strings.TrimSpace(seed); seed != "" {
			seeds = append(seeds, seed)
		}
	}
	return seeds, nil
}

// checkSeeds finds providers that can never find anything.
func (c *Config) checkSeeds(v *validation) {
	const remedy = "give one, or leave Seeds nil"
	switch s := c.Seeds.(type) {
	case SeedFunc:
		if s == nil {
			v.add("Seeds", "SeedFunc(nil)", "has no function", remedy)
		}
	case FileSeeds:
		if s == "" {
			v.add("Seeds", "FileSeeds", "has no path", remedy)
		}
	case DNSSeeds:
		if _, _, err := splitHost(s.Name); err != nil {
			v.add("Seeds", s.Name, "is no host or host:port", "give the DNS name that stands for the seeds")
		}
	case SRVSeeds:
		if s.Name == "" {
			v.add("Seeds", "SRVSeeds", "has no name", remedy)
		}
	}
	offOrWithin(v, "RejoinInterval", c.RejoinInterval, minInterval, maxRejoinInterval, "0 means the default")
}
