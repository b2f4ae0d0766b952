// torchlog DIR KEY POLICY FILE...: a log made with filippo.io/torchwood and
// golang.org/x/mod/sumdb/tlog.  Adds each FILE as one entry, writes the tiles, has
// the checkpoint cosigned by the witnesses of POLICY and publishes it only when
// torchwood finds the quorum met.  A witness that refuses: exit 1, what it answered
// on stderr, the older checkpoint stays.
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

type tree struct {
	entries [][]byte
	hashes  []tlog.Hash
}

func (t *tree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		out[i] = t.hashes[n]
	}
	return out, nil
}

func (t *tree) add(entry []byte) {
	n := int64(len(t.entries))
	t.hashes = append(t.hashes, must(tlog.StoredHashes(n, entry, t))...)
	t.entries = append(t.entries, entry)
}

func put(path string, data []byte) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		log.Fatal(err)
	}
}

// What was added before, and now: kept one entry a file beside the public folder.
func (t *tree) load(kept string, files []string) {
	old := must(filepath.Glob(filepath.Join(kept, "*")))
	sort.Strings(old)
	for _, f := range old {
		t.add(must(os.ReadFile(f)))
	}
	for _, f := range files {
		put(filepath.Join(kept, fmt.Sprintf("%08d", len(t.entries))), must(os.ReadFile(f)))
		t.add(must(os.ReadFile(f)))
	}
}

func (t *tree) write(dir string) {
	size := int64(len(t.entries))
	for _, tile := range tlog.NewTiles(torchwood.TileHeight, 0, size) {
		put(filepath.Join(dir, torchwood.TilePath(tile)), must(tlog.ReadTileData(tile, t)))
	}
	for from := int64(0); from < size; from += torchwood.TileWidth {
		var bundle []byte
		to := min(from+torchwood.TileWidth, size)
		for _, e := range t.entries[from:to] {
			bundle = must(torchwood.AppendTileEntry(bundle, e))
		}
		tile := tlog.Tile{H: torchwood.TileHeight, L: -1, N: from / torchwood.TileWidth, W: int(to - from)}
		put(filepath.Join(dir, torchwood.TilePath(tile)), bundle)
	}
}

func (t *tree) ask(url string, old int64, signed []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", old)
	if old > 0 {
		for _, h := range must(tlog.ProveTree(int64(len(t.entries)), old, t)) {
			fmt.Fprintln(&b, h)
		}
	}
	b.WriteString("\n")
	b.Write(signed)
	r := must(http.Post(strings.TrimSuffix(url, "/")+"/add-checkpoint", "text/plain", &b))
	defer r.Body.Close()
	body := must(io.ReadAll(r.Body))
	if r.StatusCode != 200 {
		log.Fatalf("witness %s answered %d %s", url, r.StatusCode, body)
	}
	return body
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 4 {
		log.Fatal("torchlog DIR KEY POLICY FILE...")
	}
	dir, text := os.Args[1], must(os.ReadFile(os.Args[3]))
	policy := must(torchwood.ParsePolicy(text))
	signer := must(note.NewSigner(string(must(os.ReadFile(os.Args[2])))))
	var t tree
	t.load(dir+".kept", os.Args[4:])
	t.write(dir)
	size := int64(len(t.entries))
	point := torchwood.Checkpoint{Origin: signer.Name(),
		Tree: tlog.Tree{N: size, Hash: must(tlog.TreeHash(size, &t))}}
	signed := must(note.Sign(&note.Note{Text: point.String()}, signer))
	old := int64(0)
	if before, err := os.ReadFile(filepath.Join(dir, "checkpoint")); err == nil {
		c, _, err := torchwood.VerifyCheckpoint(before, policy)
		must(c, err)
		old = c.N
	}
	cosigned := bytes.Clone(signed)
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 4 && f[0] == "witness" {
			cosigned = append(cosigned, t.ask(f[3], old, signed)...)
		}
	}
	if _, _, err := torchwood.VerifyCheckpoint(cosigned, policy); err != nil {
		log.Fatal(err)
	}
	put(filepath.Join(dir, "checkpoint"), cosigned)
}
