// Package judge reads logs with golang.org/x/mod/sumdb, which shares no code
// with Saksi.
package judge

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// TilePath is the path of c2sp.org/tlog-tiles: x/mod puts the height before the
// level and says "data" for entries.
func TilePath(t tlog.Tile) string {
	p := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", t.H))
	return "tile/" + strings.Replace(p, "data/", "entries/", 1)
}

// Dir is a log's directory, as a tlog.TileReader.
type Dir string

func (d Dir) Height() int { return 8 }

func (d Dir) SaveTiles([]tlog.Tile, [][]byte) {}

// file reads a tile, or a wider one when the partial one is gone.
func (d Dir) file(t tlog.Tile) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(string(d), TilePath(t)))
	if errors.Is(err, os.ErrNotExist) && t.W < 256 {
		t.W = 256
		b, err = os.ReadFile(filepath.Join(string(d), TilePath(t)))
	}
	return b, err
}

func (d Dir) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		b, err := d.file(t)
		if err != nil {
			return nil, err
		}
		if len(b) != t.W*tlog.HashSize && len(b) != 256*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", TilePath(t), len(b))
		}
		all = append(all, b[:t.W*tlog.HashSize])
	}
	return all, nil
}

// Entries reads a bundle and splits it.
func (d Dir) Entries(n int64, width int) ([][]byte, error) {
	t := tlog.Tile{H: 8, L: -1, N: n, W: width}
	b, err := d.file(t)
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for len(b) > 0 {
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
			return nil, fmt.Errorf("%s is cut", TilePath(t))
		}
		end := 2 + int(binary.BigEndian.Uint16(b))
		all = append(all, b[2:end])
		b = b[end:]
	}
	if len(all) != width && len(all) != 256 {
		return nil, fmt.Errorf("%s has %d entries", TilePath(t), len(all))
	}
	return all[:width], nil
}

// Checkpoint is what c2sp.org/tlog-checkpoint says a note's text holds.
type Checkpoint struct {
	Origin string
	tlog.Tree
}

func ParseCheckpoint(text string) (Checkpoint, error) {
	l := strings.Split(text, "\n")
	if len(l) < 4 || l[0] == "" {
		return Checkpoint{}, errors.New("checkpoint: too few lines")
	}
	n, err := strconv.ParseInt(l[1], 10, 64)
	if err != nil || l[1] != strconv.FormatInt(n, 10) || n < 0 {
		return Checkpoint{}, fmt.Errorf("checkpoint: size %q", l[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(l[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, fmt.Errorf("checkpoint: root %q", l[2])
	}
	c := Checkpoint{Origin: l[0]}
	c.N = n
	copy(c.Hash[:], root)
	return c, nil
}

// Cosigner verifies c2sp.org/tlog-cosignature with Ed25519.
type Cosigner struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (c Cosigner) Name() string    { return c.name }
func (c Cosigner) KeyHash() uint32 { return c.id }
func (c Cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	when := binary.BigEndian.Uint64(sig)
	return ed25519.Verify(c.key, Cosigned(when, msg), sig[8:])
}

// Cosigned is the message that a cosigner signs.
func Cosigned(when uint64, text []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", when), text...)
}

// Verifier reads a vkey of type 1 (by the note package) or 4.
func Verifier(vkey string) (note.Verifier, error) {
	if v, err := note.NewVerifier(vkey); err == nil {
		return v, nil
	}
	part := strings.SplitN(vkey, "+", 3)
	if len(part) != 3 {
		return nil, errors.New("a vkey has three parts")
	}
	key, err := base64.StdEncoding.DecodeString(part[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return nil, errors.New("neither a note key nor a cosigner's")
	}
	id, err := strconv.ParseUint(part[1], 16, 32)
	if err != nil || uint32(id) != KeyID(part[0], key) {
		return nil, errors.New("wrong key id")
	}
	return Cosigner{part[0], uint32(id), key[1:]}, nil
}
