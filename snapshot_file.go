package swim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// The file of a snapshot is text, for it is rarely written, and read when somebody
// wants to know what a node knew:
//
//	swim-snapshot 1 9d3c20f1 214
//	{ "cluster": ..., "name": ..., "epoch": ..., "members": [ ... ] }
//
// The first line has the version, the CRC-32C of all that follows it, and how many
// bytes that is. So a file that was cut anywhere, or has any byte changed, is known
// for it.

// past is what a snapshot tells of a node's life, and whom it knew in it.
type past struct {
	Cluster string       `json:"cluster"`
	Name    string       `json:"name"`
	Epoch   uint64       `json:"epoch"`
	Members []pastMember `json:"members"`
}

type pastMember struct {
	Name  string `json:"name"`
	Addr  string `json:"addr"`
	Epoch uint64 `json:"epoch"`
}

const (
	snapshotMagic = "swim-snapshot "
	// maxSnapshotBytes is the largest file that is read. One of maxSnapshotMembers
	// with the longest names and addresses, and each of their bytes escaped, is
	// smaller.
	maxSnapshotBytes = 4 << 20
)

var (
	errNoSnapshot      = errors.New("swim: it is no snapshot of a version that this node knows")
	errSnapshotDamaged = errors.New("swim: it is damaged")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (p *past) equal(q *past) bool {
	return p.Cluster == q.Cluster && p.Name == q.Name && p.Epoch == q.Epoch && slices.Equal(p.Members, q.Members)
}

func (p *past) encode() ([]byte, error) {
	body, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return nil, err
	}
	body = append(body, '\n')
	return append(snapshotHead(body), body...), nil
}

func snapshotHead(body []byte) []byte {
	return fmt.Appendf(nil, snapshotMagic+"1 %08x %d\n", crc32.Checksum(body, castagnoli), len(body))
}

// decodePast reads what encode has written, and nothing else.
func decodePast(data []byte) (past, error) {
	var p past
	if !bytes.HasPrefix(data, []byte(snapshotMagic+"1 ")) {
		return past{}, errNoSnapshot
	}
	head := bytes.IndexByte(data, '\n') + 1
	if body := data[head:]; !bytes.Equal(data[:head], snapshotHead(body)) {
		return past{}, errSnapshotDamaged
	} else if err := json.Unmarshal(body, &p); err != nil {
		return past{}, fmt.Errorf("%w: %w", errSnapshotDamaged, err)
	}
	p.Members = p.Members[:min(len(p.Members), maxSnapshotMembers)]
	return p, nil
}

// readPast reads a file. One that does not exist is the past of a node without.
func readPast(path string) (past, error) {
	// Looked at first: to open a pipe could take for ever.
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return past{}, nil
	case err != nil:
		return past{}, err
	case !info.Mode().IsRegular():
		return past{}, errNoSnapshot
	}
	file, err := os.Open(path)
	if err != nil {
		return past{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxSnapshotBytes+1))
	if err != nil {
		return past{}, err
	}
	if len(data) > maxSnapshotBytes {
		return past{}, fmt.Errorf("%w: more than %d bytes", errSnapshotDamaged, maxSnapshotBytes)
	}
	return decodePast(data)
}

// write replaces the file. Whenever the machine stops, there is the old one or the
// new one: the new one is on the disk before it gets the name, and the name is before
// write returns.
func (p *past) write(path string) error {
	data, err := p.encode()
	if err != nil {
		return err
	}
	temp := path + ".tmp"
	// One that was left behind may be anybody's, of any mode.
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp) // the next write would
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes sure that what was renamed in a directory stays so.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // where a directory cannot be synced, nor has to be
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
