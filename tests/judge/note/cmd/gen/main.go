// Gen writes the vectors that the unit tests read:
//
//	gen DIR
//
// They are made by golang.org/x/mod/sumdb alone.  Everything is fixed: a second
// run writes the same bytes.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"judge/note"
)

// store is a tree in memory, in tlog's order of stored hashes.
type store []tlog.Hash

func (s store) ReadHashes(at []int64) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, i := range at {
		all = append(all, s[i])
	}
	return all, nil
}

func grow(n int64) store {
	var s store
	for i := int64(0); i < n; i++ {
		h, err := tlog.StoredHashes(i, fmt.Appendf(nil, "entry %d", i), s)
		must(err)
		s = append(s, h...)
	}
	return s
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func root(n int64, s store) tlog.Hash {
	h, err := tlog.TreeHash(n, s)
	must(err)
	return h
}

func inclusion(n, at int64, s store) []tlog.Hash {
	p, err := tlog.ProveRecord(n, at, s)
	must(err)
	return p
}

func consistency(old, n int64, s store) []tlog.Hash {
	p, err := tlog.ProveTree(n, old, s)
	must(err)
	return p
}

// digest runs over many paths: for each its length in a byte, then its hashes.
type digest struct{ sum []byte }

func (d *digest) path(p []tlog.Hash) {
	d.sum = append(d.sum, byte(len(p)))
	for _, h := range p {
		d.sum = append(d.sum, h[:]...)
	}
}

func (d *digest) hex() string {
	h := sha256.Sum256(d.sum)
	return hex.EncodeToString(h[:])
}

// tiles is the digest over path, newline and content of each tile written.
func tiles(old, n int64, s store) string {
	var d digest
	for _, t := range tlog.NewTiles(8, old, n) {
		b, err := tlog.ReadTileData(t, s)
		must(err)
		d.sum = append(d.sum, judge.TilePath(t)+"\n"...)
		d.sum = append(d.sum, b...)
	}
	return d.hex()
}

type grownVector struct {
	Old    int64  `json:"old"`
	New    int64  `json:"new"`
	Digest string `json:"digest"`
}

type largeVector struct {
	Size        int64  `json:"size"`
	Root        string `json:"root"`
	Step        int64  `json:"step"`
	Inclusion   string `json:"inclusion"`
	Consistency string `json:"consistency"`
}

type merkleVectors struct {
	Roots       []string      `json:"roots"`
	Inclusion   []string      `json:"inclusion"`
	Consistency []string      `json:"consistency"`
	Large       []largeVector `json:"large"`
	Grown       []grownVector `json:"grown"`
}

func large(n, step int64, s store) largeVector {
	var in, co digest
	for at := int64(0); at < n; at += step {
		in.path(inclusion(n, at, s))
		co.path(consistency(at+1, n, s))
	}
	h := root(n, s)
	return largeVector{n, hex.EncodeToString(h[:]), step, in.hex(), co.hex()}
}

func merkle(s store) merkleVectors {
	var v merkleVectors
	for n := int64(0); n <= 300; n++ {
		h := root(n, s)
		v.Roots = append(v.Roots, hex.EncodeToString(h[:]))
		var in, co digest
		for at := int64(0); at < n; at++ {
			in.path(inclusion(n, at, s))
			co.path(consistency(at+1, n, s))
		}
		v.Inclusion = append(v.Inclusion, in.hex())
		v.Consistency = append(v.Consistency, co.hex())
	}
	for _, n := range []int64{511, 512, 513, 1000, 4097, 65535, 65536, 65537, 66000, 70000} {
		v.Large = append(v.Large, large(n, 1+n/200, s))
	}
	for _, g := range [][2]int64{{0, 0}, {0, 1}, {0, 255}, {0, 256}, {0, 257}, {1, 255},
		{255, 256}, {256, 257}, {300, 300}, {300, 900}, {511, 513}, {65535, 65536},
		{65536, 65537}, {65535, 65537}, {65000, 70000}, {0, 65536}, {0, 70000}} {
		v.Grown = append(v.Grown, grownVector{g[0], g[1], tiles(g[0], g[1], s)})
	}
	return v
}

func write(dir, name string, v any) {
	b, err := json.MarshalIndent(v, "", " ")
	must(err)
	must(os.WriteFile(filepath.Join(dir, name), append(b, '\n'), 0o644))
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: gen DIR")
	}
	s := grow(70000)
	write(os.Args[1], "merkle.json", merkle(s))
	write(os.Args[1], "note.json", notes(s))
}
